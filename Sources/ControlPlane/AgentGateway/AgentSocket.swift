/// What an open websocket brings.
public enum AgentSocketEvent: Hashable, Sendable {
    case text(String)
    /// The connection is gone, by whoever closed it; nothing follows.
    case closed
}

/// One accepted websocket of an agent.
public protocol AgentSocket: Sendable {
    /// Text frames in the order of their arrival; ends after `.closed`. Read once.
    var inbound: AsyncStream<AgentSocketEvent> { get }

    /// Writes one text frame; returns when the connection took it.
    ///
    /// - Throws: when the connection is gone.
    func send(text: String) async throws

    /// Sends a close frame and drops the connection; nothing happens when it is gone.
    func close(code: Int, reason: String) async
}

/// Which of its two websockets an agent opened.
public enum AgentSessionKind: String, Hashable, Sendable {
    /// Agent communication: tasks and heartbeats.
    case acs
    /// Telemetry: health and metrics.
    case tcs
}
