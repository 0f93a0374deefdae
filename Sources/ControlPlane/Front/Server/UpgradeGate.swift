import NIOCore
import NIOHTTP1

/// Lets only admitted websocket requests reach NIO's upgrade handler, which swallows the head of a request that it does
/// not upgrade: every other wish for an upgrade becomes a plain request that ends its connection.
///
/// Only a connection's first request can be upgraded, so the gate goes when that has passed.
final class UpgradeGate: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart

    private let admits: (HTTPRequestHead) -> Bool

    init(admits: @escaping (HTTPRequestHead) -> Bool) { self.admits = admits }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .head(var head) = unwrapInboundIn(data) else { return context.fireChannelRead(data) }
        if head.headers.contains(name: "upgrade"), !isWebSocket(head) || !admits(head) {
            head.headers.remove(name: "upgrade")
            // What follows an upgrade request is not parsed as HTTP any more.
            head.headers.replaceOrAdd(name: "connection", value: "close")
        }
        context.fireChannelRead(wrapInboundOut(.head(head)))
        context.pipeline.syncOperations.removeHandler(self, promise: nil)
    }

    private func isWebSocket(_ head: HTTPRequestHead) -> Bool {
        let headers = head.headers
        return head.method == .GET && headers[canonicalForm: "upgrade"].map { $0.lowercased() } == ["websocket"]
            && headers["sec-websocket-key"].count == 1 && headers["sec-websocket-version"] == ["13"]
            && !headers.contains(name: "content-length") && !headers.contains(name: "transfer-encoding")
    }
}
