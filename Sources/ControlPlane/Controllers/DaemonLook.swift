import Daemons
import Domain
import Identifiers
import StateStore
import TaskLifecycle

/// One daemon with its hosts, as the store shows them, and a task that is ready for every host that has none.
///
/// Looks at each host's record and at the daemon's own tasks; at other tasks only where the answer depends on them.
struct DaemonLook {
    private(set) var snapshot: DaemonSnapshot
    /// The alarms that decide over its open deployment.
    let watchedAlarms: [AlarmID]
    private let candidates: [ContainerInstanceID: TaskRecord]

    /// nil when there is no such daemon.
    /// - Parameter room: what earlier looks found, kept true.
    init?(
        _ id: DaemonID, in state: StateSnapshot, connected: Set<ContainerInstanceID>, room: inout DaemonRoom,
        now: Timestamp, ids: some IDSource
    ) {
        guard let intent = DaemonIntent(id, in: state),
            let deployment = state.daemonDeployments[intent.daemon.deployment]
        else { return nil }
        let tasks = state.tasks(of: id)
        let live = Dictionary(grouping: tasks.filter(\.isLive)) { $0.placement?.instance }
        var hosts: [DaemonSnapshot.Host] = []
        var candidates: [ContainerInstanceID: TaskRecord] = [:]
        for record in intent.hosts(in: state) {
            let isConnected = connected.contains(record.id)
            let isDraining = record.status == .draining
            var host = DaemonSnapshot.Host(
                id: record.id, isReachable: isConnected && record.lostAt == nil,
                isSilent: !isConnected && record.lostAt == nil, isDraining: isDraining,
                hasOtherTasks: isDraining && state.hasTasksOfNoDaemon(on: record.id))
            let own = live[record.id] ?? []
            let isCurrent = own.contains {
                $0.daemonRevision == intent.daemon.revision && $0.desiredStatus == .running
            }
            if !isCurrent, host.isReachable, !host.isDraining {
                host.refusal = room.refusal(of: record, intent, in: state, now: now, ids: ids)
                if own.isEmpty, host.refusal == nil {
                    candidates[record.id] = intent.task(on: record, now: now, ids: ids)
                }
            }
            hosts.append(host)
        }
        var definitions: [TaskDefinitionID: TaskDefinition] = [:]
        for id in Set(tasks.filter(\.isLive).map(\.definition)) { definitions[id] = state.definition(id) }
        snapshot = DaemonSnapshot(
            daemon: intent.daemon, deployment: deployment, hosts: hosts, tasks: tasks, definitions: definitions,
            now: now)
        self.candidates = candidates
        let gate = deployment.configuration
        let names = deployment.status.isOpen && gate.heedsAlarms == true ? gate.alarmNames : []
        watchedAlarms = names.map { AlarmID(scope: id.cluster.scope, name: $0) }
        for alarm in watchedAlarms { snapshot.alarms[alarm.name] = state.alarms[alarm]?.state }
    }

    /// nil when the plan changes nothing.
    func commit(_ plan: DaemonPlan, in state: StateSnapshot, now: Timestamp) -> DaemonCommit? {
        let started = plan.starts.compactMap { host in
            candidates[host].map { task in
                var task = task
                task.placement = TaskPlacement(instance: host, placedAt: now)
                return task
            }
        }
        let stopped = plan.stops.compactMap { stop in
            state.tasks[stop.task]?.requestingStop(.serviceSchedulerInitiated, reason: stop.reason, now: now)
        }
        guard
            plan.daemon != snapshot.daemon || plan.deployment != snapshot.deployment || plan.isGone
                || !started.isEmpty || !stopped.isEmpty
        else { return nil }
        let touched = [.daemon(plan.daemon.id)] + plan.starts.map { AggregateID.instance($0) }
        return DaemonCommit(
            expected: AggregateVersions(state, touched), daemon: plan.daemon, isGone: plan.isGone,
            deployment: plan.deployment, tasks: started + stopped, started: started.count, stopped: stopped.count)
    }
}
