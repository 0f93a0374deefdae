import Daemons
public import Domain
public import Identifiers
public import StateStore

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

    /// Writes the plan into a state in which nothing of `expected` moved.
    public func write(to transaction: inout Transaction) {
        if isGone { transaction.delete(.daemon(daemon.id)) } else { transaction.put(daemon) }
        transaction.put(deployment)
        for task in tasks { transaction.put(task) }
    }
}

/// What may make a daemon's plan change.
public enum DaemonsKey: Hashable, Sendable {
    case daemon(DaemonID)
    case host(ContainerInstanceID)
    /// A task came to the host or ended there.
    case room(ContainerInstanceID)
    /// An alarm went to another state.
    case alarm(AlarmID)

    static func keys(of change: Change) -> [DaemonsKey] {
        switch (change.before, change.after) {
        case (_, .daemon(let daemon)?): return [.daemon(daemon.id)]
        case (let before, .task(let task)?):
            var old: TaskRecord?
            if case .task(let record)? = before { old = record }
            return keys(of: task, before: old)
        case (_, .instance(let instance)?): return [.host(instance.id)]
        case (.alarm(let before)?, .alarm(let after)?): return before.state == after.state ? [] : [.alarm(after.id)]
        case (nil, .alarm(let alarm)?): return [.alarm(alarm.id)]
        default: return []
        }
    }

    private static func keys(of task: TaskRecord, before old: TaskRecord?) -> [DaemonsKey] {
        var keys: [DaemonsKey] = []
        if let revision = task.daemonRevision, old?.observed != task.observed || old?.verdict != task.verdict {
            keys.append(.daemon(revision.daemon))
        }
        if let host = task.placement?.instance, old?.isLive != task.isLive || old?.placement != task.placement {
            keys.append(.room(host))
        }
        return keys
    }
}

/// Which daemons must be planned next, and when one is due by itself.
public struct DaemonsStep: Sendable {
    private var due: [DaemonID: Timestamp] = [:]
    private var rooms: [DaemonID: DaemonRoom] = [:]
    /// The daemons whose open deployments watch an alarm.
    private var watched: [AlarmID: Set<DaemonID>] = [:]

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
            rooms = [:]
            watched = [:]
            return []
        }
        let dueNow = due.filter { $0.value <= now }.map(\.key)
        let touched = keys.map { touchedDaemons($0, in: snapshot, now: now, ids: ids) }
        let all = touched ?? Set(snapshot.daemons.values().map(\.0))
        return all.union(dueNow).sorted().compactMap { id in
            due[id] = nil
            var room = rooms.removeValue(forKey: id) ?? DaemonRoom()
            guard let look = DaemonLook(id, in: snapshot, connected: connected, room: &room, now: now, ids: ids) else {
                return nil
            }
            rooms[id] = room
            for alarm in look.watchedAlarms { watched[alarm, default: []].insert(id) }
            let plan = reconcile(look.snapshot)
            due[id] = plan.wakeAt
            return look.commit(plan, in: snapshot, now: now)
        }
    }

    private mutating func touchedDaemons(
        _ keys: Set<DaemonsKey>, in snapshot: StateSnapshot, now: Timestamp, ids: some IDSource
    ) -> Set<DaemonID> {
        var daemons: Set<DaemonID> = []
        for key in keys {
            switch key {
            case .daemon(let id): daemons.insert(id)
            // Those that still watch it say so again when they are planned.
            case .alarm(let id): daemons.formUnion(watched.removeValue(forKey: id) ?? [])
            case .host(let id):
                guard let cluster = snapshot.instances[id]?.cluster else { continue }
                daemons.formUnion(snapshot.daemons(in: cluster).map(\.id))
            case .room(let id):
                guard let host = snapshot.instances[id], let cluster = host.cluster else { continue }
                for daemon in snapshot.daemons(in: cluster) where !daemons.contains(daemon.id) {
                    if mattersRoom(of: host, to: daemon.id, in: snapshot, now: now, ids: ids) {
                        daemons.insert(daemon.id)
                    }
                }
            }
        }
        return daemons
    }

    /// Whether tasks that came to a host or ended there change what a daemon does: it waits there for room, or to be the last.
    private mutating func mattersRoom(
        of host: ContainerInstanceRecord, to id: DaemonID, in snapshot: StateSnapshot, now: Timestamp,
        ids: some IDSource
    ) -> Bool {
        guard let intent = DaemonIntent(id, in: snapshot), intent.covers(host) else { return false }
        if host.status == .draining { return !snapshot.hasTasksOfNoDaemon(on: host.id) }
        return rooms[id]?.hasMoved(host, intent, in: snapshot, now: now, ids: ids) ?? false
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
