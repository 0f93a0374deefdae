import AWSWire
import AgentWire
import Domain
import Foundation
import Identifiers
import JSONBytes
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import NIOWebSocket
import Synchronization

/// A control plane on loopback that says what a test tells it to and remembers what it heard.
final class ScriptedControlPlane: Sendable {
    struct Call: Sendable {
        var operation: String
        var body: JSONValue
        var isSigned: Bool
    }

    private struct State {
        var calls: [Call] = []
        var acs: [ACSAgentMessage] = []
        var tcs: [TCSAgentMessage] = []
        var connection: NIOAsyncChannelOutboundWriter<WebSocketFrame>?
        var connections = 0
        var failures: [String: String] = [:]
    }

    private typealias Upgraded = EventLoopFuture<Pipeline>
    private enum Pipeline: Sendable {
        case socket(NIOAsyncChannel<WebSocketFrame, WebSocketFrame>, uri: String)
        case http(NIOAsyncChannel<HTTPServerRequestPart, HTTPPart<HTTPResponseHead, ByteBuffer>>)
    }

    private let state = Mutex(State())
    let watch: WallWatch
    private let server: NIOAsyncChannel<Upgraded, Never>
    let port: Int

    private let isSecure: Bool

    var url: String { "\(isSecure ? "https" : "http")://127.0.0.1:\(port)" }

    /// - Parameters:
    ///   - port: 0 for any.
    ///   - tls: nil for none.
    init(port: Int = 0, tls: NIOSSLContext? = nil) async throws {
        isSecure = tls != nil
        let watch = WallWatch()
        self.watch = watch
        server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .bind(host: "127.0.0.1", port: port) { channel in Self.configure(channel, tls, watch) }
        self.port = server.channel.localAddress?.port ?? 0
    }

    private static func configure(
        _ channel: any Channel, _ tls: NIOSSLContext?, _ watch: WallWatch
    ) -> EventLoopFuture<Upgraded> {
        channel.eventLoop.makeCompletedFuture {
            if let tls { try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls)) }
            let upgrader = NIOTypedWebSocketServerUpgrader<Pipeline>(
                shouldUpgrade: { channel, head in
                    channel.eventLoop.makeSucceededFuture(watch.refusal(of: head.headers) == nil ? HTTPHeaders() : nil)
                },
                upgradePipelineHandler: { channel, head in
                    channel.eventLoop.makeCompletedFuture {
                        .socket(try NIOAsyncChannel(wrappingChannelSynchronously: channel), uri: head.uri)
                    }
                })
            let configuration = NIOTypedHTTPServerUpgradeConfiguration<Pipeline>(
                upgraders: [upgrader],
                notUpgradingCompletionHandler: { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(HTTPByteBufferResponsePartHandler())
                        return .http(try NIOAsyncChannel(wrappingChannelSynchronously: channel))
                    }
                })
            return try channel.pipeline.syncOperations.configureUpgradableHTTPServerPipeline(
                configuration: .init(upgradeConfiguration: configuration))
        }
    }

    /// Serves until cancelled.
    func run() async throws {
        try await server.executeThenClose { inbound in
            try await withThrowingDiscardingTaskGroup { group in
                for try await upgraded in inbound {
                    group.addTask {
                        // A client that goes away ends its own connection only.
                        try? await self.serve(upgraded.get())
                    }
                }
            }
        }
    }

    private func serve(_ pipeline: Pipeline) async throws {
        switch pipeline {
        case .socket(let channel, let uri): try await serve(channel, isControl: uri.contains("clusterArn="))
        case .http(let channel): try await serve(channel)
        }
    }

    private func serve(
        _ channel: NIOAsyncChannel<WebSocketFrame, WebSocketFrame>, isControl: Bool
    ) async throws {
        try await channel.executeThenClose { inbound, outbound in
            if isControl {
                state.withLock { state in
                    state.connection = outbound
                    state.connections += 1
                }
            }
            for try await frame in inbound {
                if frame.opcode == .connectionClose { return }
                guard frame.opcode == .text else { continue }
                let text = String(buffer: frame.unmaskedData)
                if isControl {
                    let message = try ACSAgentMessage(frame: text)
                    state.withLock { $0.acs.append(message) }
                } else {
                    let message = try TCSAgentMessage(json: TCSFrame(text: text).json)
                    state.withLock { $0.tcs.append(message) }
                }
            }
        }
    }

    private func serve(
        _ channel: NIOAsyncChannel<HTTPServerRequestPart, HTTPPart<HTTPResponseHead, ByteBuffer>>
    ) async throws {
        try await channel.executeThenClose { inbound, outbound in
            var head: HTTPRequestHead?
            var body: [UInt8] = []
            for try await part in inbound {
                switch part {
                case .head(let value):
                    head = value
                    body = []
                case .body(let buffer): body += Array(buffer.readableBytesView)
                case .end:
                    guard let request = head else { continue }
                    let (status, answer) = self.answer(request, body)
                    var headers = HTTPHeaders()
                    headers.add(name: "Content-Length", value: String(answer.count))
                    try await outbound.write(
                        .head(HTTPResponseHead(version: .http1_1, status: status, headers: headers)))
                    try await outbound.write(.body(ByteBuffer(bytes: answer)))
                    try await outbound.write(.end(nil))
                }
            }
        }
    }

    private func answer(_ head: HTTPRequestHead, _ body: [UInt8]) -> (HTTPResponseStatus, [UInt8]) {
        let operation = head.headers["X-Amz-Target"].first?.split(separator: ".").last.map(String.init) ?? ""
        let value = (try? JSONValue(jsonBytes: body)) ?? .null
        let isSigned = head.headers["Authorization"].first?.hasPrefix("AWS4-HMAC-SHA256 ") ?? false
        let failure = state.withLock { state in
            state.calls.append(Call(operation: operation, body: value, isSigned: isSigned))
            return state.failures[operation]
        }
        if let refusal = watch.refusal(of: head.headers) {
            let fault = APIFault(refusal)
            return (
                .badRequest,
                (["__type": .string(fault.code), "message": .string(fault.message)] as JSONValue).jsonBytes()
            )
        }
        if let failure {
            let fault: JSONValue = ["__type": .string(failure), "message": "no"]
            return (failure == "ServerException" ? .internalServerError : .badRequest, fault.jsonBytes())
        }
        return (.ok, usual(operation).jsonBytes())
    }

    private func usual(_ operation: String) -> JSONValue {
        switch operation {
        case "JoinHost":
            [
                "accessKeyId": "AKIATEST", "secretAccessKey": "secret", "region": "us-east-1",
                "containerInstanceArn": "arn:aws:ecs:us-east-1:000000000000:container-instance/default/i1",
            ]
        case "RegisterContainerInstance":
            ["berth": ["version": 1, "network": ["taskRange": "10.99.0.0/16", "block": "10.99.3.0/24"]]]
        case "DiscoverPollEndpoint": ["endpoint": .string(url), "telemetryEndpoint": .string(url)]
        case "SubmitTaskStateChange": ["acknowledgment": "ok"]
        default: [:]
        }
    }

    // MARK: What a test says and asks

    func say(_ message: ACSServerMessage) async throws {
        guard let frame = message.frame, let connection = state.withLock({ $0.connection }) else { return }
        try await connection.write(WebSocketFrame(fin: true, opcode: .text, data: ByteBuffer(string: frame)))
    }

    func payload(_ tasks: [PayloadTask], id: String = "m1") -> ACSServerMessage {
        var message = PayloadMessage()
        message.clusterArn = testCluster.arn
        message.containerInstanceArn = "i1"
        message.messageId = id
        message.tasks = tasks
        return .payload(message)
    }

    func fail(_ operation: String, with code: String?) { state.withLock { $0.failures[operation] = code } }

    func calls(_ operation: String) -> [Call] {
        state.withLock { $0.calls.filter { $0.operation == operation } }
    }

    /// Statuses reported of a task, in order.
    func reports(_ task: TaskID) -> [JSONValue] {
        calls("SubmitTaskStateChange").map(\.body).filter { $0["task"]?.string == task.arn }
    }

    var heard: [ACSAgentMessage] { state.withLock { $0.acs } }
    var telemetry: [TCSAgentMessage] { state.withLock { $0.tcs } }
    var connections: Int { state.withLock { $0.connections } }

    /// Drops the ACS connection.
    func drop() async throws {
        guard let connection = state.withLock({ $0.connection }) else { return }
        var data = ByteBuffer()
        data.write(webSocketErrorCode: .goingAway)
        try await connection.write(WebSocketFrame(fin: true, opcode: .connectionClose, data: data))
    }
}

/// The control plane's clock, by which the times of signatures are checked.
final class WallWatch: Sendable {
    private let ahead = Mutex(0)

    /// Sets it so many seconds before the agent's.
    func set(ahead seconds: Int) { ahead.withLock { $0 = seconds } }

    /// Why a signature of that time is not taken; nil when it is, or when there is none.
    func refusal(of headers: HTTPHeaders) -> SigV4Error? {
        guard let signed = headers["X-Amz-Date"].first else { return nil }
        // Such as `20260101T123000Z`; earlier ones sort before later ones.
        let format = Date.ISO8601FormatStyle(dateSeparator: .omitted, timeSeparator: .omitted)
        let now = Date().addingTimeInterval(Double(ahead.withLock { $0 }))
        func text(_ minutes: Double) -> String { now.addingTimeInterval(minutes * 60).formatted(format) }
        if signed < text(-5) { return .signatureExpired(signed: signed, now: text(0)) }
        return signed > text(5) ? .signatureNotYetCurrent(signed: signed, now: text(0)) : nil
    }
}

/// Writes byte buffers as HTTP response parts.
private final class HTTPByteBufferResponsePartHandler: ChannelOutboundHandler {
    typealias OutboundIn = HTTPPart<HTTPResponseHead, ByteBuffer>
    typealias OutboundOut = HTTPServerResponsePart

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head(let head): context.write(wrapOutboundOut(.head(head)), promise: promise)
        case .body(let buffer): context.write(wrapOutboundOut(.body(.byteBuffer(buffer))), promise: promise)
        case .end(let trailers): context.write(wrapOutboundOut(.end(trailers)), promise: promise)
        }
    }
}
