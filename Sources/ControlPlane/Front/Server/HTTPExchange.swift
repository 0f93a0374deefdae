import NIOCore
import NIOHTTP1

/// What answers the requests of a connection.
protocol HTTPResponder: Sendable {
    /// How large a body this request may have, judged by its head alone.
    func bodyLimit(of head: HTTPMessage) -> Int
    func answer(_ request: HTTPMessage) async -> HTTPAnswer
    /// The answer to a body that is too large.
    func tooLarge(limit: Int) -> HTTPAnswer
    /// The answer to a header `Expect` that asks for something unknown.
    func unmetExpectation() -> HTTPAnswer
}

/// One HTTP/1 connection: reads request after request and answers each. NIO's pipeline handler before it holds the next
/// request back until this one is answered.
///
/// A handler and not an asynchronous channel: a request whose answer waits for nothing is read, answered and written in
/// one turn of the event loop.
final class HTTPExchange: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private enum Phase {
        case head
        case body(HTTPRequestHead, HTTPMessage, limit: Int)
        case answering
        /// The request was refused before its end: so many bytes of the rest were read.
        case draining(Int)
        /// Nothing is read any more.
        case ending
    }

    /// Bytes of a refused body that are still read: a client that only sends sees the answer when it has sent all, and
    /// loses it to a reset when the connection is closed on it.
    private static let drained = 8 << 20

    private let responder: any HTTPResponder
    private let isSecure: Bool
    private let executor: EventLoopExecutor
    private var phase = Phase.head
    /// How many calls of `channelRead` are on the stack: an answer that is written may bring the next request at once.
    private var depth = 0

    /// - Parameter loop: the connection's.
    init(responder: any HTTPResponder, isSecure: Bool, loop: any EventLoop) {
        self.responder = responder
        self.isSecure = isSecure
        executor = EventLoopExecutor(loop)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        depth += 1
        defer { depth -= 1 }
        switch (phase, unwrapInboundIn(data)) {
        case (.head, .head(let head)): begin(head, context)
        case (.body(let head, var request, let limit), .body(let bytes)):
            phase = .answering  // Lets go of the body, so that it grows in place.
            guard request.body.count + bytes.readableBytes <= limit else {
                return refuse(responder.tooLarge(limit: limit), head, context)
            }
            request.body += bytes.readableBytesView
            phase = .body(head, request, limit: limit)
        case (.body(let head, let request, _), .end): answer(request, head, context)
        case (.draining(let count), .body(let bytes)):
            phase = .draining(count + bytes.readableBytes)
            if count + bytes.readableBytes >= Self.drained { end(context) }
        case (.draining, .end): end(context)
        default: break
        }
    }

    private func begin(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        let request = HTTPMessage(head, isSecure: isSecure)
        let limit = responder.bodyLimit(of: request)
        let waits = head.version != .http1_0 && head.headers.contains(name: "expect")
        if waits, head.headers["expect"].map({ $0.lowercased() }) != ["100-continue"] {
            write(responder.unmetExpectation(), head, keepsAlive: false, context)
            return end(context)
        }
        if let announced = head.headers.first(name: "content-length").flatMap({ Int($0) }), announced > limit {
            refuse(responder.tooLarge(limit: limit), head, context)
            // It waits for leave to send its body, which it will not get.
            if waits { end(context) }
            return
        }
        phase = .body(head, request, limit: limit)
        if waits {
            context.writeAndFlush(
                wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: .continue))), promise: nil)
        }
    }

    private func answer(_ request: HTTPMessage, _ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        phase = .answering
        let here = NIOLoopBound((exchange: self, context: context), eventLoop: context.eventLoop)
        let responder = responder
        Task.immediate(executorPreference: executor) {
            let answer = await responder.answer(request)
            let (exchange, context) = here.value
            // With the request before it still on the stack, a row of waiting requests would exhaust it.
            if exchange.depth > 1 {
                context.eventLoop.execute { here.value.exchange.finish(answer, head, here.value.context) }
            } else {
                exchange.finish(answer, head, context)
            }
        }
    }

    private func finish(_ answer: HTTPAnswer, _ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        // After a wish for an upgrade nothing is parsed as HTTP any more.
        let keepsAlive = head.isKeepAlive && !head.headers.contains(name: "upgrade")
        phase = keepsAlive ? .head : .ending
        write(answer, head, keepsAlive: keepsAlive, context)
        if !keepsAlive { end(context) }
    }

    private func refuse(_ answer: HTTPAnswer, _ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        phase = .draining(0)
        write(answer, head, keepsAlive: false, context)
    }

    /// Closes the connection behind what was written.
    private func end(_ context: ChannelHandlerContext) {
        phase = .ending
        context.close(promise: nil)
    }

    private func write(
        _ answer: HTTPAnswer, _ request: HTTPRequestHead, keepsAlive: Bool, _ context: ChannelHandlerContext
    ) {
        var headers = HTTPHeaders()
        headers.reserveCapacity(answer.headers.count + 2)
        for header in answer.headers { headers.add(name: header.name, value: header.value) }
        headers.add(name: "content-length", value: String(answer.body.count))
        if !keepsAlive {
            headers.add(name: "connection", value: "close")
        } else if request.version == .http1_0 {
            headers.add(name: "connection", value: "keep-alive")
        }
        let head = HTTPResponseHead(
            version: .http1_1, status: HTTPResponseStatus(statusCode: answer.status), headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(
            wrapOutboundOut(.body(.byteBuffer(context.channel.allocator.buffer(bytes: answer.body)))), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }
}

extension HTTPMessage {
    init(_ head: HTTPRequestHead, isSecure: Bool) {
        self.init(
            method: head.method.rawValue, target: head.uri,
            headers: head.headers.map { Header($0.name, $0.value) }, isSecure: isSecure)
    }
}
