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
        case .idle:
            phase = .head
            close(after: head)
        case .answering: phase = .answering(moreCame: true)
        case .head, .body: break
        }
        context.fireChannelRead(data)
    }

    fileprivate func headCame() {
        phase = .body
        close(after: body)
    }

    fileprivate func endCame() {
        phase = .answering(moreCame: false)
        deadline?.cancel()
    }

    fileprivate func answered() {
        guard case .answering(let moreCame) = phase else { return }
        phase = moreCame ? .head : .idle
        if moreCame { close(after: head) }
    }

    private func close(after time: TimeAmount) {
        deadline?.cancel()
        guard let channel else { return }
        deadline = channel.eventLoop.scheduleTask(in: time) { channel.close(promise: nil) }
    }

    private func stop() {
        deadline?.cancel()
        deadline = nil
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
