import AWSWire
import Domain
import Identifiers
import JSONBytes
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOWebSocket
import ServiceLifecycle
import StateStore
import TestKit
import Testing

@testable import Front

@Suite("The listener", .timeLimit(.minutes(1)))
struct ServerTests {
    @Test("beyond this machine TLS is required, in one sentence")
    func tls() async throws {
        let front = try await FrontHarness()
        for host in ["0.0.0.0", "192.0.2.1", "::", "127.0.0.1.example.com", "127.1"] {
            #expect(throws: FrontError.tlsRequired(host: host)) {
                _ = try front.server(FrontConfiguration(host: host, port: 0))
            }
        }
        let sentence = FrontError.tlsRequired(host: "0.0.0.0").description
        #expect(sentence.contains("give --tls-certificate and --tls-key"))
        for host in ["127.0.0.1", "localhost", "::1", "127.8.0.1"] {
            #expect(FrontConfiguration(host: host).isLoopback)
        }
    }

    @Test("a certificate that is not there is named")
    func certificate() async throws {
        let front = try await FrontHarness()
        let tls = FrontConfiguration.TLS(certificatePath: "/nonexistent/cert.pem", keyPath: "/nonexistent/key.pem")
        let server = try front.server(FrontConfiguration(port: 0, tls: tls))
        do {
            try await server.run()
            Issue.record("served without a certificate")
        } catch let error as FrontError {
            guard case .badCertificate(let path, _) = error else { throw error }
            #expect(path == "/nonexistent/cert.pem")
        }
    }

    @Test("one connection carries several requests, and a taken port is told with the remedy")
    func keepAlive() async throws {
        let front = try await FrontHarness()
        try await front.serving { port in
            let client = try await RawClient.connect(port)
            try await client.run { read, write in
                for _ in 0..<3 {
                    try await write(front.wire("ListClusters", port: port))
                    let answer = try await read("{\"clusterArns\":[]}")
                    #expect(answer.contains("HTTP/1.1 200 OK"))
                    #expect(answer.lowercased().contains("x-amzn-requestid: "))
                }
                try await write("GET /_berth/health HTTP/1.1\r\nHost: x\r\n\r\n")
                #expect(try await read("{\"status\":\"ok\"}").contains("200 OK"))
                try await write("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 70000\r\n\r\n")
                #expect(try await read("RequestEntityTooLargeException").contains("413"))
            }
            let second = try front.server(FrontConfiguration(port: port))
            await #expect(throws: FrontError.portTaken(host: "127.0.0.1", port: port)) { try await second.run() }
        }
    }

    @Test("a signed upgrade becomes a socket that echoes; an unsigned one is refused, another upgrade ignored")
    func socket() async throws {
        let front = try await FrontHarness()
        let host = try await front.host()
        try await front.serving(sockets: { EchoSockets(dispatcher: $0) }) { port in
            let target = "/ws?containerInstanceArn=" + host.arn.replacing(":", with: "%3A").replacing("/", with: "%2F")
            let client = try await RawClient.connect(port)
            try await client.run { read, write in
                try await write(front.upgrade(target, port: port, as: host.key))
                #expect(try await read("\r\n\r\n").contains("101 Switching Protocols"))
                try await write.frame("hi")
                #expect(try await read("echo: hi").hasSuffix("echo: hi"))
            }
            let stranger = try await RawClient.connect(port)
            try await stranger.run { read, write in
                try await write(front.upgrade(target, port: port, as: nil))
                let answer = try await read("\"type\":\"AccessDeniedException\"}")
                #expect(answer.contains("403"))
            }
            let other = try await RawClient.connect(port)
            try await other.run { read, write in
                try await write("GET /_berth/health HTTP/1.1\r\nHost: x\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n")
                #expect(try await read("{\"status\":\"ok\"}").contains("200 OK"))
            }
        }
    }
}

/// Says back what it hears.
private struct EchoSockets: SocketResponder {
    let dispatcher: Dispatcher

    func admits(_ request: HTTPMessage) -> Bool {
        do throws(SocketRefusal) {
            _ = try dispatcher.agentConnection(request)
            return true
        } catch {
            return false
        }
    }

    func serve(_ socket: WebSocket, _ request: HTTPMessage) async {
        do {
            for try await text in socket.messages { try await socket.send("echo: " + text) }
        } catch {
            // The client left.
        }
    }
}

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
        sockets: (Dispatcher) -> (any SocketResponder)? = { _ in nil }, _ body: (Int) async throws -> Void
    ) async throws {
        let (ports, continuation) = AsyncStream.makeStream(of: Int.self)
        let server = try server(FrontConfiguration(port: 0), sockets: sockets(dispatcher)) { continuation.yield($0) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.run() }
            var iterator = ports.makeAsyncIterator()
            let port = try #require(await iterator.next())
            try await body(port)
            group.cancelAll()
        }
    }

    func wire(_ operation: String, port: Int) -> String {
        let body = "{}"
        let target = HTTPMessage.Header("X-Amz-Target", "AmazonEC2ContainerServiceV20141113." + operation)
        let message = signed(
            HTTPMessage(method: "POST", target: "/", headers: [target], body: Array(body.utf8)),
            host: "127.0.0.1:\(port)", as: Self.rootKey)
        return message.text + "Content-Length: \(body.utf8.count)\r\n\r\n" + body
    }

    func upgrade(_ target: String, port: Int, as key: SigV4Credential?) -> String {
        let message = signed(
            HTTPMessage(method: "GET", target: target, headers: []), host: "127.0.0.1:\(port)", as: key)
        return message.text + "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    }
}

extension HTTPMessage {
    /// The request line and the headers, without the empty line.
    fileprivate var text: String {
        "\(method) \(target) HTTP/1.1\r\n" + headers.map { "\($0.name): \($0.value)\r\n" }.joined()
    }
}

/// A TCP connection as text.
private struct RawClient {
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
    }

    struct Writer {
        let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>

        func callAsFunction(_ text: String) async throws { try await outbound.write(ByteBuffer(string: text)) }

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
