import Identifiers

/// When an agent was last heard, when it is asked next, and which routes it knows.
struct Heartbeats {
    private var heardAt: Instant = .zero
    private var nextAt: Instant = .zero
    private var lastSentAt: Instant?
    /// The newest heartbeat that carried routes.
    private var carrier: (messageID: String, generation: Int)?
    private var knownGeneration: Int?
    private var wantsRoutes = false

    func deadline(_ configuration: GatewayConfiguration) -> Instant {
        var deadline = min(nextAt, heardAt.adding(configuration.silenceLimit))
        if wantsRoutes, let lastSentAt { deadline = min(deadline, lastSentAt.adding(configuration.routesInterval)) }
        return deadline
    }

    mutating func heard(at now: Instant) { heardAt = now }

    mutating func acknowledged(_ messageID: String?, at now: Instant) {
        heardAt = now
        if let carrier, carrier.messageID == messageID { knownGeneration = carrier.generation }
    }

    /// Since when the agent is silent, once that is too long.
    func silence(_ now: Instant, _ configuration: GatewayConfiguration) -> Instant? {
        now.since(heardAt) >= configuration.silenceLimit ? heardAt : nil
    }

    /// Whether the agent acknowledged these routes.
    func isKnown(_ generation: Int) -> Bool { knownGeneration == generation }

    /// Whether a heartbeat is due: by time, or because routes changed and the last push is long enough ago.
    mutating func isDue(_ now: Instant, routes generation: Int?, _ configuration: GatewayConfiguration) -> Bool {
        wantsRoutes = generation != nil && generation != carrier?.generation
        if now >= nextAt { return true }
        guard wantsRoutes, let lastSentAt else { return wantsRoutes }
        return now.since(lastSentAt) >= configuration.routesInterval
    }

    mutating func sent(
        _ messageID: String, routes generation: Int?, at now: Instant, _ configuration: GatewayConfiguration
    ) {
        nextAt = now.adding(configuration.heartbeatInterval)
        guard let generation else { return }
        carrier = (messageID, generation)
        lastSentAt = now
        wantsRoutes = false
    }
}
