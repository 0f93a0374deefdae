public import Domain
public import Identifiers
public import StateStore
import TaskLifecycle

/// How long hosts may be silent.
public struct LostHostsPolicy: Hashable, Sendable {
    /// A shorter silence is a hiccup of the network, not a loss.
    public static let shortest = Duration.seconds(3)

    public let managed: Duration
    /// nil: tasks on container instances are never given up, as on ECS.
    public let own: Duration?

    public init(managed: Duration = .seconds(60), own: Duration? = nil) {
        self.managed = max(managed, Self.shortest)
        self.own = own.map { max($0, Self.shortest) }
    }

    func lostAfter(_ host: ContainerInstanceRecord) -> Duration? { host.cluster == nil ? managed : own }
}

/// One transaction about one host that is lost, came back, or was deregistered.
public struct HostCommit: Sendable {
    public var expected: AggregateVersions
    public var instance: ContainerInstanceRecord
    /// Tasks that are given up.
    public var tasks: [TaskRecord]
}

/// Which hosts are lost and which are back, and which deregistered ones still have tasks to give up.
public struct LostHostsStep: Sendable {
    public let policy: LostHostsPolicy
    /// When the next silent host will be lost.
    public private(set) var wakeAt: Instant?

    public init(policy: LostHostsPolicy) { self.policy = policy }

    /// Plans for every host in order of the ids.
    /// - Parameter silentSince: nil for a host that is connected.
    public mutating func step(
        _ snapshot: StateSnapshot, silentSince: (ContainerInstanceID) -> Instant?, monotonic: Instant, now: Timestamp
    ) -> [HostCommit] {
        wakeAt = nil
        var commits: [HostCommit] = []
        for (id, host) in snapshot.instances.values() {
            if host.status == .inactive {
                if let commit = deregistered(host, snapshot, now: now) { commits.append(commit) }
                continue
            }
            guard let since = silentSince(id) else {
                if host.lostAt != nil { commits.append(back(host, snapshot)) }
                continue
            }
            guard let lostAfter = policy.lostAfter(host) else { continue }
            let deadline = since.adding(lostAfter)
            guard deadline <= monotonic else {
                wakeAt = min(wakeAt ?? deadline, deadline)
                continue
            }
            if let commit = lost(host, snapshot, now: now) { commits.append(commit) }
        }
        return commits
    }

    /// Finishes a forced deregistration that was cut off: nothing else leaves live tasks on an INACTIVE host.
    private func deregistered(
        _ host: ContainerInstanceRecord, _ snapshot: StateSnapshot, now: Timestamp
    ) -> HostCommit? {
        let tasks = snapshot.liveTasks(on: host.id).prefix(TaskRecord.givenUpAtOnce).map { $0.deregistered(now: now) }
        guard !tasks.isEmpty else { return nil }
        return HostCommit(expected: AggregateVersions(snapshot, [.instance(host.id)]), instance: host, tasks: tasks)
    }

    private func back(_ host: ContainerInstanceRecord, _ snapshot: StateSnapshot) -> HostCommit {
        var host = host
        host.lostAt = nil
        host.changeCount += 1
        return HostCommit(expected: AggregateVersions(snapshot, [.instance(host.id)]), instance: host, tasks: [])
    }

    private func lost(_ host: ContainerInstanceRecord, _ snapshot: StateSnapshot, now: Timestamp) -> HostCommit? {
        let tasks = snapshot.liveTasks(on: host.id).prefix(TaskRecord.givenUpAtOnce).map { $0.givenUp(now: now) }
        guard host.lostAt == nil || !tasks.isEmpty else { return nil }
        var host = host
        if host.lostAt == nil {
            host.lostAt = now
            host.changeCount += 1
        }
        return HostCommit(expected: AggregateVersions(snapshot, [.instance(host.id)]), instance: host, tasks: tasks)
    }
}
