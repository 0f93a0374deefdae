import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import NIOWebSocket

/// Why a websocket could not be opened.
enum WebSocketError: Error, Hashable, Sendable {
    /// The server answered the upgrade with something else.
    case refused(status: UInt, body: String)
    case closed(code: Int)
}

/// Opens websockets: text frames both ways.
enum WebSocket {
    /// Opens a websocket, hands it to `body`, and closes it.
    static func open<Result: Sendable>(
        _ endpoint: Endpoint, uri: String, headers: HTTPHeaders, tls: NIOSSLContext?,
        _ body: @escaping @Sendable (WebSocketInbound, WebSocketOutbound) async throws -> Result
    ) async throws -> Result {
        let upgrade = try await connect(endpoint, uri: uri, headers: headers, tls: tls)
        switch try await upgrade.get() {
        case .open(let channel):
            return try await channel.executeThenClose { inbound, outbound in
                let out = WebSocketOutbound(writer: outbound)
                return try await body(WebSocketInbound(stream: inbound, outbound: out), out)
            }
        case .refused(let channel): throw try await refusal(channel)
        }
    }

    private enum Upgrade: Sendable {
        case open(NIOAsyncChannel<WebSocketFrame, WebSocketFrame>)
        case refused(NIOAsyncChannel<HTTPClientResponsePart, HTTPClientRequestPart>)
    }

    /// Larger than any payload the control plane sends in one frame; smaller than what would hurt the host.
    private static let maximumFrame = 4 << 20

    private static func connect(
        _ endpoint: Endpoint, uri: String, headers: HTTPHeaders, tls: NIOSSLContext?
    ) async throws -> EventLoopFuture<Upgrade> {
        try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connectTimeout(.seconds(10))
            .connect(host: endpoint.host, port: endpoint.port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let tls {
                        let isName = (try? SocketAddress(ipAddress: endpoint.host, port: 0)) == nil
                        try channel.pipeline.syncOperations.addHandler(
                            NIOSSLClientHandler(context: tls, serverHostname: isName ? endpoint.host : nil))
                    }
                    let head = HTTPRequestHead(version: .http1_1, method: .GET, uri: uri, headers: headers)
                    let configuration = NIOTypedHTTPClientUpgradeConfiguration<Upgrade>(
                        upgradeRequestHead: head, upgraders: [upgrader()],
                        notUpgradingCompletionHandler: { channel in
                            channel.eventLoop.makeCompletedFuture {
                                .refused(try NIOAsyncChannel(wrappingChannelSynchronously: channel))
                            }
                        })
                    var pipeline = NIOUpgradableHTTPClientPipelineConfiguration(upgradeConfiguration: configuration)
                    // The first frame may arrive in one read with the answer to the upgrade.
                    pipeline.leftOverBytesStrategy = .forwardBytes
                    return try channel.pipeline.syncOperations.configureUpgradableHTTPClientPipeline(
                        configuration: pipeline)
                }
            }
    }

    private static func upgrader() -> NIOTypedWebSocketClientUpgrader<Upgrade> {
        NIOTypedWebSocketClientUpgrader<Upgrade>(maxFrameSize: maximumFrame) { channel, _ in
            channel.eventLoop.makeCompletedFuture {
                try channel.pipeline.syncOperations.addHandler(
                    NIOWebSocketFrameAggregator(
                        minNonFinalFragmentSize: 0, maxAccumulatedFrameCount: 256,
                        maxAccumulatedFrameSize: maximumFrame))
                return .open(try NIOAsyncChannel(wrappingChannelSynchronously: channel))
            }
        }
    }

    private static func refusal(
        _ channel: NIOAsyncChannel<HTTPClientResponsePart, HTTPClientRequestPart>
    ) async throws -> WebSocketError {
        try await channel.executeThenClose { inbound, _ in
            var status: UInt = 0
            var body = ""
            for try await part in inbound {
                switch part {
                case .head(let head): status = head.status.code
                case .body(let buffer) where body.utf8.count < 65_536: body += String(buffer: buffer)
                case .body: break
                case .end: return .refused(status: status, body: body)
                }
            }
            return .refused(status: status, body: body)
        }
    }
}

/// What the server says. Pings are answered, a close ends the sequence.
struct WebSocketInbound: Sendable {
    let stream: NIOAsyncChannelInboundStream<WebSocketFrame>
    let outbound: WebSocketOutbound

    /// Calls `body` with every text frame, in order, until the connection ends.
    ///
    /// - Throws: `.closed` with the server's code.
    func forEachText(_ body: (String) async throws -> Void) async throws {
        for try await frame in stream {
            switch frame.opcode {
            case .text: try await body(String(buffer: frame.unmaskedData))
            case .ping: try await outbound.pong(frame.unmaskedData)
            case .connectionClose:
                var data = frame.unmaskedData
                let code = data.readWebSocketErrorCode().map { Int(UInt16(webSocketErrorCode: $0)) } ?? 1005
                try await outbound.close(code: code)
                throw WebSocketError.closed(code: code)
            default: break
            }
        }
        throw WebSocketError.closed(code: 1006)
    }
}

/// Says things to the server; calls are serialised by the channel.
struct WebSocketOutbound: Sendable {
    let writer: NIOAsyncChannelOutboundWriter<WebSocketFrame>

    func send(_ text: String) async throws {
        try await writer.write(
            WebSocketFrame(fin: true, opcode: .text, maskKey: .random(), data: ByteBuffer(string: text)))
    }

    func pong(_ data: ByteBuffer) async throws {
        try await writer.write(WebSocketFrame(fin: true, opcode: .pong, maskKey: .random(), data: data))
    }

    /// Echoes or starts the close handshake; 1005 and 1006 never travel.
    func close(code: Int) async throws {
        var data = ByteBuffer()
        let isSendable = (1000...4999).contains(code) && code != 1005 && code != 1006
        data.write(webSocketErrorCode: WebSocketErrorCode(codeNumber: isSendable ? code : 1000))
        try await writer.write(
            WebSocketFrame(fin: true, opcode: .connectionClose, maskKey: .random(), data: data))
    }
}
