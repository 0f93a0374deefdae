import Identifiers

/// The manifest of a connection, the question it may raise, and its acknowledgement.
struct ManifestExchange {
    private var messageIDs: Set<String> = []
    private var attempts = 0
    private var retryAt: Instant?
    private var settlesAt: Instant?
    /// Whether all that the agent may ask about the manifest has been asked.
    private var isVerified = false
    /// Tasks the agent said it runs and was told to stop.
    private var doomed: Set<TaskID> = []

    /// When something is due that no input announces.
    var deadline: Instant? { retryAt ?? (isVerified ? nil : settlesAt) }

    mutating func sent(_ messageID: String, at now: Instant, _ configuration: GatewayConfiguration) {
        messageIDs.insert(messageID)
        attempts += 1
        retryAt = attempts < configuration.maximumAttempts ? now.adding(configuration.retryInterval * attempts) : nil
    }

    /// Whether the manifest must be sent again, under a higher number: an agent discards too low a one silently.
    func isDue(_ now: Instant, _ configuration: GatewayConfiguration) -> Bool { retryAt.map { $0 <= now } ?? false }

    mutating func acknowledged(_ messageID: String, at now: Instant, grace: Duration) {
        guard messageIDs.contains(messageID), settlesAt == nil else { return }
        retryAt = nil
        settlesAt = now.adding(grace)
    }

    /// Takes in what the agent runs and shall not; false for a question about no manifest of this connection.
    mutating func verified(_ messageID: String, candidates: [TaskID]) -> Bool {
        guard messageIDs.contains(messageID) else { return false }
        isVerified = true
        doomed.formUnion(candidates)
        return true
    }

    /// Whether none of the given-up tasks can still run: the agent answered, and named none of them.
    mutating func isSettled(_ now: Instant, givenUp: [TaskID]) -> Bool {
        guard let settlesAt else { return false }
        if now >= settlesAt { isVerified = true }
        return isVerified && !givenUp.contains(where: doomed.contains)
    }
}
