import Domain
public import Identifiers
public import Placement
public import StateStore

/// When the operator's command for missing capacity runs, and what it is told.
public struct CapacityHookStep: Sendable {
    public enum Decision: Hashable, Sendable {
        /// Run it now; the next time is counted from this one.
        case run([CapacityNeed])
        /// Look again after so long; nil for when something changes.
        case wait(Duration?)
    }

    /// How long a task waits before capacity is asked for: placement and hosts that are just connecting get that time.
    static let patience = Duration.seconds(3)
    /// After a start of the control plane hosts are still coming back: what waits for them is no reason for another one.
    static let homecoming = Duration.seconds(12)

    private let interval: Duration
    private let startedAt: Instant
    private var ranAt: Instant?

    /// - Parameter interval: the least time from one run's beginning to that of the next.
    public init(interval: Duration, startedAt: Instant) {
        self.interval = interval
        self.startedAt = startedAt
    }

    public mutating func step(_ snapshot: StateSnapshot, now: Timestamp, monotonic: Instant) -> Decision {
        let unplaced = snapshot.unplacedTasks.ascending().compactMap { snapshot.tasks[$0.id] }
        guard !unplaced.isEmpty else { return .wait(nil) }
        let waiting = unplaced.filter { $0.createdAt.adding(Self.patience) <= now }
        guard !waiting.isEmpty else { return .wait(Self.patience) }
        let earliest = max(
            startedAt.adding(Self.homecoming), ranAt.map { $0.adding(interval) } ?? startedAt)
        guard monotonic >= earliest else { return .wait(earliest.since(monotonic)) }
        let hosts = snapshot.instances.values().map { ($0.1, snapshot.liveTasks(on: $0.0)) }
        let needs = CapacityNeed.needs(of: waiting, on: hosts.map { (record: $0.0, tasks: $0.1) }) { provider in
            guard let scaling = snapshot.capacityProviders[provider]?.managedScaling, scaling.isEnabled else {
                return nil
            }
            return scaling.minimumStepSize...max(scaling.minimumStepSize, scaling.maximumStepSize)
        }
        guard !needs.isEmpty else { return .wait(interval) }
        ranAt = monotonic
        return .run(needs)
    }
}
