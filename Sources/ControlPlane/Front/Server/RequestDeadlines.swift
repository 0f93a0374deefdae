import NIOCore
import NIOHTTP1

/// Cuts off a connection whose request is not complete in time, however steadily its bytes drip.
///
/// Sits before the HTTP decoder and sees that bytes come; `RequestBounds` behind the decoder tells it what they were.
final class RequestDeadlines: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = NIOAny

    private enum Phase {
        /// No byte of the next request is here.
        case idle
        case head
        case body
        /// The request is complete. Bytes that came since belong to the next one.
        case answering(moreCame: Bool)
    }

    private let head: TimeAmount
    private let body: TimeAmount
    private var phase = Phase.idle
    private var deadline: Scheduled<Void>?
    private var channel: (any Channel)?

    init(head: TimeAmount, body: TimeAmount) {
        self.head = head
        self.body = body
    }

    func handlerAdded(context: ChannelHandlerContext) { channel = context.channel }

    func handlerRemoved(context: ChannelHandlerContext) { stop() }

    func channelInactive(context: ChannelHandlerContext) {
        stop()
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch phase {
        case .idle: phase = .head
        case .answering: phase = .answering(moreCame: true)
        case .head, .body: break
        }
        context.fireChannelRead(data)
    }

    /// Sets a deadline only for what did not come in one piece, as most requests do.
    func channelReadComplete(context: ChannelHandlerContext) {
        limit()
        context.fireChannelReadComplete()
    }

    fileprivate func headCame() {
        phase = .body
        drop()
    }

    fileprivate func endCame() {
        phase = .answering(moreCame: false)
        drop()
    }

    fileprivate func answered() {
        guard case .answering(let moreCame) = phase else { return }
        phase = moreCame ? .head : .idle
        limit()
    }

    /// Sets the deadline of what is being read, unless it has one.
    private func limit() {
        guard deadline == nil, let channel else { return }
        let time: TimeAmount
        switch phase {
        case .idle, .answering: return
        case .head: time = head
        case .body: time = body
        }
        deadline = channel.eventLoop.scheduleTask(in: time) { channel.close(promise: nil) }
    }

    private func drop() {
        deadline?.cancel()
        deadline = nil
    }

    private func stop() {
        drop()
        channel = nil
    }
}

/// Tells `RequestDeadlines` where requests and answers begin and end.
final class RequestBounds: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart

    private let deadlines: RequestDeadlines

    init(_ deadlines: RequestDeadlines) { self.deadlines = deadlines }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head: deadlines.headCame()
        case .body: break
        case .end: deadlines.endCame()
        }
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        // Before the answer goes on: behind this handler its end may bring the next request.
        if case .end = unwrapOutboundIn(data) { deadlines.answered() }
        context.write(data, promise: promise)
    }
}
