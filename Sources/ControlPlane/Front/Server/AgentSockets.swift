import AgentGateway
import NIOCore
import NIOWebSocket

/// Hands upgraded connections to the gateway.
struct AgentSockets: SocketResponder {
    let dispatcher: Dispatcher
    let gateway: AgentGateway

    func admits(_ request: HTTPMessage) -> Bool { connection(request) != nil }

    func serve(_ socket: WebSocket, _ request: HTTPMessage) async {
        // Asked again: the host may have been deregistered since the upgrade.
        guard let connection = connection(request) else { return }
        let bridged = BridgedSocket(socket)
        await gateway.serve(
            connection.kind, instance: connection.instance, query: connection.query, socket: bridged)
    }

    private func connection(_ request: HTTPMessage) -> AgentConnection? {
        do throws(SocketRefusal) {
            return try dispatcher.agentConnection(request)
        } catch {
            return nil
        }
    }
}

/// A websocket as the gateway sees it. Frames are pulled as they are read, so a slow session slows its agent.
private struct BridgedSocket: AgentSocket {
    let inbound: AsyncStream<AgentSocketEvent>
    private let socket: WebSocket

    init(_ socket: WebSocket) {
        self.socket = socket
        let puller = Puller(socket.messages)
        inbound = AsyncStream { await puller.next() }
    }

    func send(text: String) async throws { try await socket.send(text) }

    func close(code: Int, reason: String) async { await socket.drop(WebSocketErrorCode(codeNumber: code), reason) }

    // @unchecked: the stream, which has one reader, asks for the next event only after it got the one before.
    private final class Puller: @unchecked Sendable {
        private var messages: WebSocket.Messages.Iterator?

        init(_ messages: WebSocket.Messages) { self.messages = messages.makeAsyncIterator() }

        /// The next event; `.closed` once when the connection is gone, then nil.
        func next() async -> AgentSocketEvent? {
            guard var iterator = messages else { return nil }
            let text: String?
            do { text = try await iterator.next() } catch { text = nil }
            messages = text == nil ? nil : iterator
            return text.map { .text($0) } ?? .closed
        }
    }
}
