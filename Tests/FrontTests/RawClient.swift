import AWSWire
import Logging
import NIOCore
import NIOPosix
import Testing

@testable import Front

extension FrontHarness {
    func server(
        _ configuration: FrontConfiguration, sockets: (any SocketResponder)? = nil,
        onBound: @escaping @Sendable (Int) async -> Void = { _ in }
    ) throws(FrontError) -> APIFront {
        try APIFront(
            configuration: configuration, dispatcher: dispatcher,
            sockets: sockets ?? AgentSockets(dispatcher: dispatcher, gateway: gateway), logger: logger, onBound: onBound
        )
    }

    /// Serves on a port of the system's choice while `body` runs.
    func serving(
        _ configuration: FrontConfiguration = FrontConfiguration(port: 0),
        sockets: (Dispatcher) -> (any SocketResponder)? = { _ in nil }, _ body: (Int) async throws -> Void
    ) async throws {
        let (ports, continuation) = AsyncStream.makeStream(of: Int.self)
        let server = try server(configuration, sockets: sockets(dispatcher)) { continuation.yield($0) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.run() }
            var iterator = ports.makeAsyncIterator()
            let port = try #require(await iterator.next())
            try await body(port)
            group.cancelAll()
        }
    }

    /// A whole request of the root key.
    func wire(_ operation: String, _ body: String = "{}", port: Int) -> String {
        head(operation, Array(body.utf8), port: port) + "Content-Length: \(body.utf8.count)\r\n\r\n" + body
    }

    /// The request line and the signed headers for a body, without the empty line.
    func head(
        _ operation: String, _ body: [UInt8], _ headers: [HTTPMessage.Header] = [], version: String = "1.1", port: Int
    ) -> String {
        let own = [
            HTTPMessage.Header("Content-Type", "application/x-amz-json-1.1"),
            HTTPMessage.Header("X-Amz-Target", "AmazonEC2ContainerServiceV20141113." + operation),
        ]
        let message = HTTPMessage(method: "POST", target: "/", headers: own + headers, body: body)
        return signed(message, host: "127.0.0.1:\(port)", as: Self.rootKey).text(version: version)
    }

    func upgrade(_ target: String, port: Int, as key: SigV4Credential?) -> String {
        let message = signed(
            HTTPMessage(method: "GET", target: target, headers: []), host: "127.0.0.1:\(port)", as: key)
        return message.text() + "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    }
}

extension HTTPMessage {
    /// The request line and the headers, without the empty line.
    func text(version: String = "1.1") -> String {
        "\(method) \(target) HTTP/\(version)\r\n" + headers.map { "\($0.name): \($0.value)\r\n" }.joined()
    }
}

/// A TCP connection as text.
struct RawClient {
    private let channel: NIOAsyncChannel<ByteBuffer, ByteBuffer>

    static func connect(_ port: Int) async throws -> RawClient {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        return RawClient(channel: channel)
    }

    /// Connects and runs `body` with the connection, which is closed after it.
    static func run(_ port: Int, _ body: (inout Reader, Writer) async throws -> Void) async throws {
        try await connect(port).run(body)
    }

    func run(_ body: (inout Reader, Writer) async throws -> Void) async throws {
        try await channel.executeThenClose { inbound, outbound in
            var reader = Reader(bytes: inbound.makeAsyncIterator())
            try await body(&reader, Writer(outbound: outbound))
        }
    }

    struct Reader {
        var bytes: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
        private var text = ""

        init(bytes: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator) { self.bytes = bytes }

        /// Everything up to and with the first occurrence of the word.
        mutating func callAsFunction(_ word: String) async throws -> String {
            while true {
                if let range = text.firstRange(of: word) {
                    let found = String(text[..<range.upperBound])
                    text = String(text[range.upperBound...])
                    return found
                }
                guard let more = try await bytes.next() else { throw Ended(waitingFor: word, read: text) }
                text += String(buffer: more)
            }
        }

        /// Everything until the server closes the connection.
        mutating func rest() async throws -> String {
            do {
                while let more = try await bytes.next() { text += String(buffer: more) }
            } catch is IOError {
                // A reset is an end too.
            }
            return text
        }
    }

    struct Writer {
        let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>

        func callAsFunction(_ text: String) async throws { try await outbound.write(ByteBuffer(string: text)) }

        func callAsFunction(_ bytes: [UInt8]) async throws { try await outbound.write(ByteBuffer(bytes: bytes)) }

        /// A masked websocket text frame; the mask is zero, so that the text travels as it is.
        func frame(_ text: String) async throws {
            var buffer = ByteBuffer(bytes: [0x81, 0x80 | UInt8(text.utf8.count), 0, 0, 0, 0])
            buffer.writeString(text)
            try await outbound.write(buffer)
        }
    }

    struct Ended: Error {
        let waitingFor: String
        let read: String
    }
}
