public import Identifiers

/// The gateway's clocks. The origin of its instants is that of `HostPresence`.
public protocol GatewayClock: Sendable {
    func now() -> Moment

    /// Suspends until the monotonic clock shows `instant`.
    ///
    /// - Throws: when the task is cancelled.
    func sleep(until instant: Instant) async throws
}
