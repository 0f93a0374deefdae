import NIOCore

/// Answers HTTP/2 PINGs before swift-nio-http2 counts them.
///
/// Go's gRPC server sends one PING per request; swift-nio-http2 takes more than 200 in 30 seconds for an attack and
/// closes the connection with every stream on it. Frames other than a PING without ACK pass through unchanged.
final class PingResponder: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private static let headerLength = 9
    private static let pingType: UInt8 = 6
    private static let acknowledge: UInt8 = 1

    /// A frame header or PING that has not arrived in full.
    private var pending = ByteBuffer()
    /// Bytes of the current frame's payload still to come.
    private var payload = 0

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var arrived = Self.unwrapInboundIn(data)
        pending.writeBuffer(&arrived)
        var passed = context.channel.allocator.buffer(capacity: pending.readableBytes)
        var answered = false
        while pending.readableBytes > 0 {
            if payload > 0 {
                let count = min(payload, pending.readableBytes)
                if var slice = pending.readSlice(length: count) { passed.writeBuffer(&slice) }
                payload -= count
                continue
            }
            guard let frame = header() else { break }
            if frame.type == Self.pingType, frame.flags & Self.acknowledge == 0, frame.length == 8 {
                guard var ping = pending.readSlice(length: Self.headerLength + frame.length) else { break }
                ping.setInteger(Self.acknowledge, at: ping.readerIndex + 4)
                context.write(Self.wrapOutboundOut(ping), promise: nil)
                answered = true
            } else if var header = pending.readSlice(length: Self.headerLength) {
                passed.writeBuffer(&header)
                payload = frame.length
            }
        }
        pending.discardReadBytes()
        if answered { context.flush() }
        if passed.readableBytes > 0 { context.fireChannelRead(Self.wrapInboundOut(passed)) }
    }

    private func header() -> (length: Int, type: UInt8, flags: UInt8)? {
        guard pending.readableBytes >= Self.headerLength,
            let word = pending.getInteger(at: pending.readerIndex, as: UInt32.self),
            let flags = pending.getInteger(at: pending.readerIndex + 4, as: UInt8.self)
        else { return nil }
        return (Int(word >> 8), UInt8(truncatingIfNeeded: word), flags)
    }
}
