import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1
import NIOWebSocket

/// What takes over a connection that asked to become a websocket.
protocol SocketResponder: Sendable {
    /// Whether the request may become a websocket. Runs on an event loop: brief, no waiting.
    func admits(_ request: HTTPMessage) -> Bool
    /// Serves the socket until either side ends it.
    func serve(_ socket: WebSocket, _ request: HTTPMessage) async
}

/// One accepted connection: HTTP/1.1 with keep-alive, or a websocket if its first request asks for that.
struct FrontChannel: ServerChildChannel {
    typealias Frames = NIOAsyncChannel<WebSocketFrame, WebSocketFrame>

    enum Upgraded: Sendable {
        /// Its handlers answer; nothing is left to do but wait for its end.
        case http
        case socket(Frames, HTTPMessage)
    }

    struct Value: ServerChildChannelValue {
        let channel: any Channel
        let upgraded: EventLoopFuture<Upgraded>
    }

    /// Bytes of all headers of a request, and of one. A session token has about 2 KiB.
    private static let headerLimits = {
        var limits = NIOHTTPDecoderLimitConfiguration()
        limits.maxHeaderFieldSize = 16 << 10
        limits.maxHeaderListSize = 64 << 10
        return limits
    }()

    let http: any HTTPResponder
    let sockets: any SocketResponder
    let isSecure: Bool
    let configuration: FrontConfiguration

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        channel.eventLoop.makeCompletedFuture {
            let pipeline = channel.pipeline.syncOperations
            try pipeline.addHandler(IdleStateHandler(allTimeout: TimeAmount(configuration.idleTimeout)))
            try pipeline.addHandler(IdleCloser())
            try pipeline.addHandler(
                RequestDeadlines(
                    head: TimeAmount(configuration.headDeadline), body: TimeAmount(configuration.bodyDeadline)))
            var http = NIOUpgradableHTTPServerPipelineConfiguration(upgradeConfiguration: upgrade)
            http.decoderConfiguration = Self.headerLimits
            let upgraded = try pipeline.configureUpgradableHTTPServerPipeline(configuration: http)
            let gate = UpgradeGate { sockets.admits(HTTPMessage($0, isSecure: isSecure)) }
            try pipeline.addHandlers(
                [UnreadableCloser(), gate],
                position: .after(try pipeline.handler(type: HTTPServerProtocolErrorHandler.self)))
            let deadline = channel.eventLoop.scheduleTask(in: TimeAmount(configuration.headDeadline)) {
                channel.close(promise: nil)
            }
            upgraded.whenComplete { _ in deadline.cancel() }
            return Value(channel: channel, upgraded: upgraded)
        }
    }

    func handle(value: Value, logger: Logger) async {
        do {
            switch try await value.upgraded.get() {
            case .http:
                try await withTaskCancellationHandler {
                    try await value.channel.closeFuture.get()
                } onCancel: {
                    value.channel.close(promise: nil)
                }
            case .socket(let frames, let request):
                try await WebSocket.run(frames) { await sockets.serve($0, request) }
            }
        } catch {
            logger.debug("connection ended", metadata: ["error": "\(error)"])
            value.channel.close(promise: nil)
        }
    }

    private var upgrade: NIOTypedHTTPServerUpgradeConfiguration<Upgraded> {
        let upgrader = NIOTypedWebSocketServerUpgrader<Upgraded>(
            maxFrameSize: WebSocket.maximumMessage,
            // What comes here was admitted by the gate.
            shouldUpgrade: { channel, _ in channel.eventLoop.makeSucceededFuture(HTTPHeaders()) },
            upgradePipelineHandler: { channel, head in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    pipeline.removeHandler(try pipeline.handler(type: RequestDeadlines.self), promise: nil)
                    try pipeline.addHandler(SocketQuiescer())
                    return .socket(
                        try Frames(wrappingChannelSynchronously: channel), HTTPMessage(head, isSecure: isSecure))
                }
            })
        return NIOTypedHTTPServerUpgradeConfiguration(upgraders: [upgrader]) { channel in
            channel.eventLoop.makeCompletedFuture {
                let pipeline = channel.pipeline.syncOperations
                try pipeline.addHandlers([
                    RequestBounds(try pipeline.handler(type: RequestDeadlines.self)),
                    HTTPExchange(responder: http, isSecure: isSecure, loop: channel.eventLoop),
                ])
                return .http
            }
        }
    }
}

/// Closes a connection on which nothing moved for too long.
private final class IdleCloser: ChannelInboundHandler {
    typealias InboundIn = NIOAny

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is IdleStateHandler.IdleStateEvent {
            context.close(promise: nil)
        } else {
            context.fireUserInboundEventTriggered(event)
        }
    }
}

/// Closes a connection whose bytes are no HTTP, once that was answered: nothing after them can be read.
private final class UnreadableCloser: ChannelInboundHandler {
    typealias InboundIn = NIOAny

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.fireErrorCaught(error)
        if error is HTTPParserError { context.close(promise: nil) }
    }
}

/// Ends a websocket with "going away" when the server stops: agents reconnect at once on that code.
private final class SocketQuiescer: ChannelInboundHandler {
    typealias InboundIn = WebSocketFrame
    typealias OutboundOut = WebSocketFrame

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard event is ChannelShouldQuiesceEvent else { return context.fireUserInboundEventTriggered(event) }
        let frame = WebSocketFrame.closing(.goingAway)
        let channel = context.channel
        context.writeAndFlush(wrapOutboundOut(frame)).whenComplete { _ in channel.close(promise: nil) }
    }
}
