import Daemons
public import Domain
public import Identifiers
import Placement
public import StateStore
import TaskLifecycle

/// One transaction for one daemon: what it was planned from and what it writes.
public struct DaemonCommit: Sendable {
    public var expected: AggregateVersions
    public var daemon: DaemonRecord
    /// Whether the daemon's record goes.
    public var isGone: Bool
    public var deployment: DaemonDeploymentRecord
    /// New tasks on their hosts, and tasks that shall stop.
    public var tasks: [TaskRecord]
    public var started: Int
    public var stopped: Int
}

/// What may make a daemon's plan change.
public enum DaemonsKey: Hashable, Sendable {
    case daemon(DaemonID)
    /// A host changed, or a task there that is no daemon's came or went.
    case host(ContainerInstanceID)

    static func keys(of change: Change) -> [DaemonsKey] {
        switch (change.before, change.after) {
        case (_, .daemon(let daemon)?): return [.daemon(daemon.id)]
        case (let before, .task(let task)?):
            var old: TaskRecord?
            if case .task(let record)? = before { old = record }
            if let revision = task.daemonRevision {
                let isNews = old?.observed != task.observed || old?.verdict != task.verdict
                return isNews ? [.daemon(revision.daemon)] : []
            }
            guard let host = task.placement?.instance else { return [] }
            return old?.isLive == task.isLive && old?.placement == task.placement ? [] : [.host(host)]
        case (_, .instance(let instance)?): return [.host(instance.id)]
        default: return []
        }
    }
}

/// Which daemons must be planned next, and when one is due by itself.
public struct DaemonsStep: Sendable {
    private var due: [DaemonID: Timestamp] = [:]

    public init() {}

    /// When the next daemon is due although nothing changed.
    public var wakeAt: Timestamp? { due.values.min() }

    /// Plans every daemon that changed or is due, in order of the ids.
    /// - Parameter keys: nil for all daemons.
    public mutating func step(
        _ keys: Set<DaemonsKey>?, _ snapshot: StateSnapshot, connected: Set<ContainerInstanceID>, now: Timestamp,
        ids: some IDSource
    ) -> [DaemonCommit] {
        guard snapshot.daemons.count > 0 else {
            due = [:]
            return []
        }
        let dueNow = due.filter { $0.value <= now }.map(\.key)
        let touched = keys.map { Self.daemons($0, in: snapshot) } ?? Set(snapshot.daemons.values().map(\.0))
        return touched.union(dueNow).sorted().compactMap { id in
            due[id] = nil
            guard let look = DaemonLook(id, in: snapshot, connected: connected, now: now, ids: ids) else { return nil }
            let plan = reconcile(look.snapshot)
            due[id] = plan.wakeAt
            return look.commit(plan, in: snapshot, now: now)
        }
    }

    private static func daemons(_ keys: Set<DaemonsKey>, in snapshot: StateSnapshot) -> Set<DaemonID> {
        var daemons: Set<DaemonID> = []
        for key in keys {
            switch key {
            case .daemon(let id): daemons.insert(id)
            case .host(let id):
                guard let cluster = snapshot.instances[id]?.cluster else { continue }
                daemons.formUnion(snapshot.daemons(in: cluster).map(\.id))
            }
        }
        return daemons
    }

    /// Deleted definitions that nothing is made of any more.
    public static func unusedDefinitions(_ snapshot: StateSnapshot) -> [DaemonTaskDefinitionRecord] {
        let deleted = snapshot.daemonTaskDefinitions.values().map(\.1).filter { $0.status == .deleteInProgress }
        guard !deleted.isEmpty else { return [] }
        var used: Set<TaskDefinitionID> = []
        for (_, daemon) in snapshot.daemons.values() {
            for revision in [daemon.revision, daemon.stableRevision].compactMap(\.self) {
                if let id = snapshot.daemonRevisions[revision]?.definition { used.insert(id) }
            }
            used.formUnion(snapshot.tasks(of: daemon.id).filter(\.isLive).map(\.definition))
        }
        return deleted.filter { !used.contains($0.id) }.prefix(90).map { record in
            var record = record
            record.status = .deleted
            return record
        }
    }
}
