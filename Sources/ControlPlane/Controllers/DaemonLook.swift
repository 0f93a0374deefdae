import Daemons
import Domain
import Identifiers
import Placement
import StateStore
import TaskLifecycle

/// One daemon with its hosts, as the store shows them, and a task that is ready for every host that has none.
struct DaemonLook {
    let snapshot: DaemonSnapshot
    private let candidates: [ContainerInstanceID: TaskRecord]

    /// nil when there is no such daemon.
    init?(
        _ id: DaemonID, in state: StateSnapshot, connected: Set<ContainerInstanceID>, now: Timestamp, ids: some IDSource
    ) {
        guard let daemon = state.daemons[id], let deployment = state.daemonDeployments[daemon.deployment] else {
            return nil
        }
        let revision = daemon.revision.flatMap { state.daemonRevisions[$0] }
        let definition = revision.flatMap { state.daemonTaskDefinitions[$0.definition] }
        let tasks = state.tasks(of: id)
        let occupied = Set(tasks.filter(\.isLive).compactMap(\.placement?.instance))
        var hosts: [DaemonSnapshot.Host] = []
        var candidates: [ContainerInstanceID: TaskRecord] = [:]
        for record in state.hosts(of: revision) {
            let live = state.liveTasks(on: record.id)
            let isConnected = connected.contains(record.id)
            var host = DaemonSnapshot.Host(
                id: record.id, isReachable: isConnected && record.lostAt == nil,
                isSilent: !isConnected && record.lostAt == nil, isDraining: record.status == .draining,
                hasOtherTasks: live.contains { $0.daemonRevision == nil })
            let isCurrent = live.contains { $0.daemonRevision == daemon.revision && $0.desiredStatus == .running }
            if !isCurrent, host.isReachable, !host.isDraining, let revision, let definition {
                let template = TaskTemplate(daemon: daemon, revision: revision, definition: definition, on: record)
                for task in newTasks(1, of: template, ids: ids, now: now) {
                    // What the daemon has there goes before the new task comes.
                    let others = live.filter { $0.daemonRevision?.daemon != id }
                    let placement = PlacementSnapshot(hosts: [
                        PlacementHost(record: record, isConnected: isConnected, tasks: others)
                    ])
                    host.refusal = placement.rejections(of: task).first?.refusal
                    if !occupied.contains(record.id) { candidates[record.id] = task }
                }
            }
            hosts.append(host)
        }
        var definitions: [TaskDefinitionID: TaskDefinition] = [:]
        for id in Set(tasks.filter(\.isLive).map(\.definition)) { definitions[id] = state.definition(id) }
        snapshot = DaemonSnapshot(
            daemon: daemon, deployment: deployment, hosts: hosts, tasks: tasks, definitions: definitions, now: now)
        self.candidates = candidates
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

extension StateSnapshot {
    /// The hosts that a revision's tasks shall run on, in order of their ids.
    fileprivate func hosts(of revision: DaemonRevisionRecord?) -> [ContainerInstanceRecord] {
        guard let revision else { return [] }
        return instances(in: revision.id.daemon.cluster).filter { host in
            host.status != .inactive && host.capacityProvider.map(revision.capacityProviders.contains) ?? false
        }
    }
}
