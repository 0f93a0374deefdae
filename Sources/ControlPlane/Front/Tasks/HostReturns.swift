public import AgentGateway
import Domain
import Identifiers
public import StateStore

/// Hosts that should connect soon after a start of the control plane and have not yet.
///
/// Right after a start nobody is connected, so a lack of capacity may only mean that. A caller who would be refused for it
/// waits for the next host instead, for a short while. Later, and for hosts that came back and went, what is missing is missing.
public struct HostReturns: Sendable {
    /// Counted from the start. Agents wait at most ten seconds between two tries to connect: shorter would refuse what is
    /// about to fit, longer would keep callers waiting for hosts that are gone.
    static let grace = Duration.seconds(12)

    private let presence: HostPresence
    private let clock: any GatewayClock
    private let companions: Int

    /// - Parameter companions: hosts that run beside the control plane, in the same process: they connect soon after the very
    ///   first start too, when the store does not know them yet.
    public init(presence: HostPresence, clock: any GatewayClock, companions: Int = 0) {
        self.presence = presence
        self.clock = clock
        self.companions = companions
    }

    /// Whether a refusal may still be for want of hosts that are about to connect.
    var areDue: Bool { clock.now().instant < deadline }

    private var deadline: Instant { presence.startedAt.adding(Self.grace) }

    /// Waits until another host connects.
    ///
    /// - Parameter hosts: those that would do.
    /// - Returns: whether it is worth looking again; false when none of them is missing, or the time is over.
    func next(of hosts: [ContainerInstanceRecord]) async -> Bool {
        // Before looking: who connects in between is not missed.
        let changes = presence.changes()
        guard areDue, isMissing(hosts) else { return false }
        let (clock, deadline) = (clock, deadline)
        return await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                for await _ in changes { return true }
                return false
            }
            group.addTask {
                try? await clock.sleep(until: deadline)
                return false
            }
            defer { group.cancelAll() }
            return await group.next() ?? false
        }
    }

    private func isMissing(_ hosts: [ContainerInstanceRecord]) -> Bool {
        presence.connected().count < companions
            || hosts.contains { $0.status != .inactive && $0.lostAt == nil && presence.isAwaited($0.id) }
    }
}
