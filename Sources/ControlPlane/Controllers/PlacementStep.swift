import Deployments
public import Domain
public import Identifiers
public import Placement
public import StateStore

/// One transaction of placement.
public struct PlacementCommit: Sendable {
    public var expected: AggregateVersions
    public var placements: [PlacementPlan.Placement]
    /// Tasks that found no host for other reasons than before.
    public var refusals: [TaskID: [PlacementRefusalCount]]
    /// Service events to add, unless an equal one is recent.
    public var events: [ServiceID: String]

    var isEmpty: Bool { placements.isEmpty && refusals.isEmpty && events.isEmpty }
    /// Whether more may follow at once.
    var isFull: Bool { placements.count >= PlacementStep.chunk }

    /// Writes the plan into a state in which nothing of `expected` moved.
    public func write(to transaction: inout Transaction, ids: some IDSource, now: Timestamp) {
        for placement in placements {
            guard var task = transaction.state.tasks[placement.task] else { continue }
            task.placement = TaskPlacement(instance: placement.instance, placedAt: now)
            task.refusals = []
            transaction.put(task)
        }
        for (id, refusals) in refusals.sorted(by: { $0.key < $1.key }) {
            guard var task = transaction.state.tasks[id], task.placement == nil else { continue }
            task.refusals = refusals
            transaction.put(task)
        }
        for (id, text) in events.sorted(by: { $0.key < $1.key }) {
            guard let service = transaction.state.services[id] else { continue }
            transaction.put(service.adding([ServiceMessage(text, isOncePerSpell: true)], ids: ids, now: now))
        }
    }
}

/// Finds hosts for tasks that have none.
public struct PlacementStep: Sendable {
    /// Most records one transaction changes.
    static let chunk = 90
    /// How long a task waits before people hear that it finds no host: hosts that are just connecting get that time.
    static let patience = Duration.seconds(3)

    private var hosts = FollowedHosts()

    public init() {}

    /// Plans the next transaction; nil when no task waits or nothing changes.
    ///
    /// What does not fit into one transaction follows once this one is done.
    public mutating func step(
        _ snapshot: StateSnapshot, connected: Set<ContainerInstanceID>, now: Timestamp,
        using random: inout some RandomNumberGenerator
    ) -> PlacementCommit? {
        guard snapshot.unplacedTasks.count > 0 else { return nil }
        hosts.follow(snapshot, connected: connected)
        var placements: [PlacementPlan.Placement] = []
        var failures: [PlacementFailure] = []
        let waiting = snapshot.unplacedTasks.ascending().makeIterator()
        // Placements come in chunks; tasks that find no host must not keep later ones waiting.
        while placements.count < Self.chunk {
            let next = waiting.prefix(Self.chunk - placements.count).compactMap { snapshot.tasks[$0.id] }
            guard !next.isEmpty else { break }
            let plan = hosts.snapshot.plan(next, using: &random)
            placements += plan.placements
            failures += plan.failures
        }
        hosts.note(placements, in: snapshot)
        let commit = commit(placements, failures, snapshot, now: now)
        return commit.isEmpty ? nil : commit
    }

    private func commit(
        _ placements: [PlacementPlan.Placement], _ failures: [PlacementFailure], _ snapshot: StateSnapshot,
        now: Timestamp
    ) -> PlacementCommit {
        var commit = PlacementCommit(
            expected: AggregateVersions(
                snapshot, placements.flatMap { [AggregateID.task($0.task), .instance($0.instance)] }),
            placements: placements, refusals: [:], events: [:])
        for failure in failures {
            guard let task = snapshot.tasks[failure.task], task.createdAt.adding(Self.patience) <= now,
                placements.count + commit.refusals.count + commit.events.count < Self.chunk
            else { continue }
            // Numbers of hosts change with every host that comes or goes; only new reasons are worth a write.
            if task.refusals.map(\.reason) != failure.refusals.map(\.reason) {
                commit.refusals[task.id] = failure.refusals
            }
            guard let id = task.service, commit.events[id] == nil, let service = snapshot.services[id] else { continue }
            let text = failure.event(service: id)
            if !service.hasRecent(text, now: now) { commit.events[id] = text }
        }
        return commit
    }
}
