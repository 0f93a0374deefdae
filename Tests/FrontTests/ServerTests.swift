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
