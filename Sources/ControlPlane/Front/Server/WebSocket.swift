import NIOCore
import NIOWebSocket

/// One open websocket as text messages. Pings are answered here; a message in several frames arrives as one.
struct WebSocket: Sendable {
    /// Bytes of a message. Metrics of ten tasks come in frames of up to 1 MiB.
    static let maximumMessage = 1 << 20

    private let inbound: NIOAsyncChannelInboundStream<WebSocketFrame>
    private let outbound: NIOAsyncChannelOutboundWriter<WebSocketFrame>
    private let channel: any Channel

    /// Runs `body` with the socket and closes the connection when it returns.
    static func run(
        _ frames: NIOAsyncChannel<WebSocketFrame, WebSocketFrame>, _ body: (WebSocket) async -> Void
    ) async throws {
        try await frames.executeThenClose { inbound, outbound in
            await body(WebSocket(inbound: inbound, outbound: outbound, channel: frames.channel))
        }
    }

    /// What the other side says, in order; ends when it closes. For one reader.
    var messages: Messages { Messages(inbound: inbound, outbound: outbound) }

    /// Returns once the message is written to the connection.
    func send(_ text: String) async throws {
        try await outbound.write(WebSocketFrame(fin: true, opcode: .text, data: ByteBuffer(string: text)))
    }

    /// Says why nothing more will be said and drops the connection; nothing happens when it is gone.
    func drop(_ code: WebSocketErrorCode, _ reason: String) async {
        do {
            try await outbound.write(.closing(code, reason))
        } catch {
            // The other side was faster: what shall end has ended.
        }
        outbound.finish()
        channel.close(promise: nil)
    }
}

extension WebSocket {
    struct Messages: AsyncSequence, Sendable {
        typealias Element = String

        fileprivate let inbound: NIOAsyncChannelInboundStream<WebSocketFrame>
        fileprivate let outbound: NIOAsyncChannelOutboundWriter<WebSocketFrame>

        func makeAsyncIterator() -> Iterator { Iterator(frames: inbound.makeAsyncIterator(), outbound: outbound) }

        struct Iterator: AsyncIteratorProtocol {
            fileprivate var frames: NIOAsyncChannelInboundStream<WebSocketFrame>.AsyncIterator
            fileprivate let outbound: NIOAsyncChannelOutboundWriter<WebSocketFrame>
            private var begun: ByteBuffer?

            fileprivate init(
                frames: NIOAsyncChannelInboundStream<WebSocketFrame>.AsyncIterator,
                outbound: NIOAsyncChannelOutboundWriter<WebSocketFrame>
            ) {
                self.frames = frames
                self.outbound = outbound
            }

            mutating func next() async throws -> String? {
                while let frame = try await frames.next() {
                    switch frame.opcode {
                    case .text, .binary, .continuation:
                        guard let message = try await append(frame) else { continue }
                        return String(buffer: message)
                    case .ping:
                        try await outbound.write(WebSocketFrame(fin: true, opcode: .pong, data: frame.unmaskedData))
                    case .connectionClose:
                        var code = frame.unmaskedData
                        let echoed = code.readSlice(length: Swift.min(2, code.readableBytes)) ?? ByteBuffer()
                        try await outbound.write(WebSocketFrame(fin: true, opcode: .connectionClose, data: echoed))
                        return nil
                    default: continue
                    }
                }
                return nil
            }

            /// The whole message if the frame completes it; the connection is closed when it grows too large.
            private mutating func append(_ frame: WebSocketFrame) async throws -> ByteBuffer? {
                var message = frame.opcode == .continuation ? begun ?? ByteBuffer() : ByteBuffer()
                guard message.readableBytes + frame.length <= WebSocket.maximumMessage else {
                    try await outbound.write(.closing(.messageTooLarge))
                    throw WebSocketFailure.messageTooLarge
                }
                var data = frame.unmaskedData
                message.writeBuffer(&data)
                begun = frame.fin ? nil : message
                return frame.fin ? message : nil
            }
        }
    }
}

enum WebSocketFailure: Error { case messageTooLarge }

extension WebSocketFrame {
    /// - Parameter reason: cut to the 123 bytes that a control frame has room for.
    static func closing(_ code: WebSocketErrorCode, _ reason: String = "") -> WebSocketFrame {
        var data = ByteBuffer()
        data.write(webSocketErrorCode: code)
        var text = reason
        while text.utf8.count > 123 { text.removeLast() }
        data.writeString(text)
        return WebSocketFrame(fin: true, opcode: .connectionClose, data: data)
    }
}
