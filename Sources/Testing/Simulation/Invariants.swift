import Deployments
import Domain
import Identifiers
import NodeAgent
import StateStore
import TaskLifecycle

/// What must hold after every commit and whenever a container starts.
final class Invariants {
    /// Where each task runs.
    private var runningOn: [TaskID: Int] = [:]
    private var seen: Set<TaskID> = []
    /// Tasks that were deleted because they were old.
    private(set) var deleted: Set<TaskID> = []
    /// ARNs of tasks of whose end nobody was told yet.
    var untold: Set<String> = []

    /// A host that has, or is just getting, a task of which the control plane forgot by a restore that it has it.
    private enum Forgotten {
        /// Until it compared its tasks with a manifest of this epoch or a later one.
        case since(epoch: Int64)
        /// It did, and stops what it has; what it was just starting comes up first.
        case told(epoch: Int64)
    }
    private var forgotten: [TaskID: [Int: Forgotten]] = [:]

    /// What was deleted since a backup is there again. A task that got its host since is placed anew: until the first host
    /// has compared its tasks with the manifest, it may run on both.
    func restored(_ state: StateSnapshot, from before: StateSnapshot, in world: World) {
        // What the change log held is gone with it.
        untold = []
        deleted = deleted.filter { state.tasks[$0] == nil }
        runningOn = runningOn.filter { state.tasks[$0.key]?.placement != nil }
        let epoch = Int64(state.installation?.epoch ?? 0)
        for (id, task) in before.tasks.values() where state.tasks[id]?.placement == nil {
            guard let host = task.placement.flatMap({ world.host($0.instance) }) else { continue }
            forgotten[id, default: [:]][host.slot] = .since(epoch: epoch)
        }
    }

    /// The host stops from now on what it has and a manifest of that epoch does not name.
    func compared(_ host: SimulatedHost, epoch: Int64) {
        for (task, hosts) in forgotten {
            if case .since(let restored)? = hosts[host.slot], restored <= epoch {
                forgotten[task]?[host.slot] = .told(epoch: restored)
            }
        }
    }

    /// An agent that was told to stop and died may not have written it down: it is told anew.
    func restarts(_ host: SimulatedHost) {
        for (task, hosts) in forgotten {
            if case .told(let epoch)? = hosts[host.slot] { forgotten[task]?[host.slot] = .since(epoch: epoch) }
        }
    }

    /// Whether the host may not know yet that the task is another's since a restore.
    private func isUntold(_ host: SimulatedHost, of task: TaskID, in world: World) -> Bool {
        guard world.disk.stored.tasks[task]?.placement?.instance != host.id else { return false }
        switch forgotten[task]?[host.slot] {
        case .since?: return true
        case .told?: return host.records[task]?.isStopping ?? false
        case nil: return false
        }
    }

    // MARK: Hosts

    func started(_ task: TaskID, on host: SimulatedHost, in world: World) {
        if !isUntold(host, of: task, in: world) {
            if let other = runningOn[task], other != host.slot {
                world.fail("task \(task.id) runs on two hosts")
            }
            runningOn[task] = host.slot
        }
        if world.disk.stored.tasks[task]?.observed?.status == .stopped {
            world.fail("task \(task.id) runs again on \(host.name), which reported its end")
        }
        var cpu = 0
        var memory = 0
        for id in host.runningTasks {
            guard let record = host.records[id] else { continue }
            let demand = HostAdmission.demand(record.assignment)
            cpu += demand.cpu.value
            memory += demand.memory.value
        }
        if cpu > host.capacity.cpu.value || memory > host.capacity.memory.value {
            world.fail("host \(host.name) runs more than it has: \(cpu) CPU units, \(memory) MiB")
        }
    }

    func ended(_ task: TaskID, on host: SimulatedHost) {
        if runningOn[task] == host.slot, !host.runningTasks.contains(task) { runningOn[task] = nil }
    }

    /// Since when tasks wait for the first word of a host that is connected.
    private var unheard: [TaskID: Instant] = [:]
    /// Longer than it takes to send a payload as often as it is sent (155 s).
    private static let hearing = Duration.seconds(240)

    /// Without faults a connected host takes its tasks before long. For waits for room or for given-up tasks it has time.
    func checkDelivery(_ state: StateSnapshot, in world: World) {
        var waiting: [TaskID: Instant] = [:]
        for host in world.hosts where host.connection != nil {
            for task in state.liveTasks(on: host.id) where task.observed == nil {
                waiting[task.id] = unheard[task.id] ?? world.now
            }
        }
        unheard = waiting
        if let late = waiting.filter({ world.now.since($0.value) > Self.hearing }).keys.min() {
            world.fail("task \(late.id) is on a connected host that says nothing of it")
        }
    }

    // MARK: Commits

    func check(_ batch: CommitBatch, from before: StateSnapshot, to after: StateSnapshot, in world: World) {
        if batch.revision.value != before.revision.value + 1 {
            world.fail("revision \(batch.revision.value) follows \(before.revision.value)")
        }
        var hosts: Set<ContainerInstanceID> = []
        var services: Set<ServiceID> = []
        for change in batch.changes {
            switch (change.before, change.after) {
            case (let old, .task(let new)?):
                var previous: TaskRecord?
                if case .task(let record)? = old { previous = record }
                check(new, previous, in: world)
                if let host = new.placement?.instance { hosts.insert(host) }
                if let service = new.service { services.insert(service) }
            case (.task(let old)?, nil):
                deleted.insert(old.id)
                if old.isLive { world.fail("task \(old.id.id) is deleted and not stopped") }
            case (.service(let old)?, .service(let new)?):
                note(old, new, in: world)
                checkTraffic(old, new, after, at: batch.time, in: world)
            case (let old, .daemonDeployment(let new)?):
                var from = "none"
                if case .daemonDeployment(let record)? = old { from = record.status.rawValue }
                if from != new.status.rawValue {
                    world.coverage.transitions["daemon \(from)>\(new.status.rawValue)", default: 0] += 1
                }
            default: break
            }
        }
        for id in hosts.sorted() {
            checkRoom(on: id, after, in: world)
            checkDaemons(on: id, after, in: world)
        }
        cover(batch, in: world)
        checkProtection(batch, after, in: world)
        checkEvents(batch, in: world)
        checkCapacity(batch, after, in: world)
        for id in services.sorted() {
            guard let service = after.services[id], service.status == .active else { continue }
            guard service.controller == .ecs else {
                checkTaskSets(batch, of: service, after, in: world)
                continue
            }
            checkMaximum(of: service, batch, after, in: world)
            checkMinimum(of: service, batch, before, after, in: world)
        }
    }

    private func check(_ task: TaskRecord, _ old: TaskRecord?, in world: World) {
        let name = "task \(task.id.id)"
        if task.lastStatus == .stopped {
            if task.stopCode == nil { world.fail("\(name) is stopped without a code") }
            if task.stoppedReason?.isEmpty ?? true { world.fail("\(name) is stopped without a reason") }
        }
        guard let old else {
            if !seen.insert(task.id).inserted { world.fail("\(name) is made twice") }
            return
        }
        if old.lastStatus != task.lastStatus {
            world.coverage.transitions["task \(old.lastStatus)>\(task.lastStatus)", default: 0] += 1
            let isLegal = TaskMove.Mover.allCases.contains { mover in
                TaskMove(old.lastStatus, task.lastStatus, by: mover).isLegal
            }
            if !isLegal { world.fail("\(name) goes from \(old.lastStatus) to \(task.lastStatus)") }
        }
        if old.placement != nil, old.placement != task.placement { world.fail("\(name) is placed again") }
        if old.verdict.stop != nil, old.verdict.stop != task.verdict.stop { world.fail("\(name) forgets its stop") }
        if old.verdict.lostAt != nil, task.verdict.lostAt == nil { world.fail("\(name) is found again") }
        if let was = old.observed {
            if (task.observed?.status ?? .provisioning) < was.status { world.fail("\(name) is unobserved again") }
            if was.startedAt != nil, task.observed?.startedAt != was.startedAt { world.fail("\(name) starts again") }
        }
        if let code = old.observed?.stopCode, task.observed?.stopCode != code { world.fail("\(name) stops anew") }
        if task.version <= old.version { world.fail("\(name) has version \(task.version) after \(old.version)") }
    }

    private func note(_ old: ServiceRecord, _ new: ServiceRecord, in world: World) {
        if old.status != new.status {
            world.coverage.transitions["service \(old.status.rawValue)>\(new.status.rawValue)", default: 0] += 1
        }
        for deployment in new.deployments {
            let state = old.deployments.first { $0.id == deployment.id }?.rolloutState
            if state != deployment.rolloutState {
                let from = state?.rawValue ?? "none"
                world.coverage.transitions["deployment \(from)>\(deployment.rolloutState.rawValue)", default: 0] += 1
            }
            if state == nil, deployment.rollsBack != nil { world.coverage.transitions["rollback", default: 0] += 1 }
        }
    }

    /// No host is given more than it has, nor one of its ports twice.
    private func checkRoom(on id: ContainerInstanceID, _ state: StateSnapshot, in world: World) {
        guard let host = state.instances[id] else { return }
        let tasks = state.liveTasks(on: id)
        let cpu = tasks.reduce(0) { $0 + $1.reservation.cpu.value }
        let memory = tasks.reduce(0) { $0 + $1.reservation.memory.value }
        if cpu > host.resources.cpu.value || memory > host.resources.memory.value {
            world.fail("host \(id.id.prefix(4)) is given more than it has: \(cpu) CPU units, \(memory) MiB")
        }
        let ports = tasks.flatMap(\.hostPorts)
        if Set(ports).count != ports.count { world.fail("host \(id.id.prefix(4)) is given a port twice") }
    }

    /// Nothing starts beyond the maximum.
    private func checkMaximum(
        of service: ServiceRecord, _ batch: CommitBatch, _ state: StateSnapshot, in world: World
    ) {
        let isStarting = batch.changes.contains { change in
            if change.before == nil, case .task(let task)? = change.after { task.service == service.id } else { false }
        }
        guard isStarting else { return }
        let live = state.liveTasks(of: service.id).filter { $0.desiredStatus == .running }
        switch service.schedulingStrategy {
        case .replica:
            // Two revisions beside each other have as many each.
            let revisions = service.primary?.lifecycle == nil ? 1 : 2
            let maximum = revisions * service.configuration.maximum(of: service.desiredCount)
            if live.count > maximum {
                world.fail("service \(service.id.name) has \(live.count) tasks, its maximum is \(maximum)")
            }
        case .daemon:
            let hosts = live.compactMap(\.pinnedTo)
            if Set(hosts).count != hosts.count {
                world.fail("service \(service.id.name) has two tasks on one host")
            }
        }
    }

    /// Protected tasks are stopped neither by scale-in nor by a rollout.
    private func checkProtection(_ batch: CommitBatch, _ state: StateSnapshot, in world: World) {
        guard world.now.since(world.lastJump) > .seconds(60) || world.lastJump == .zero else { return }
        for case (.task(let old)?, .task(let new)?) in batch.changes.map({ ($0.before, $0.after) }) {
            guard let protection = old.protection, protection.expiresAt > batch.time, old.verdict.stop == nil,
                let stop = new.verdict.stop, stop.code == .serviceSchedulerInitiated,
                stop.reason.hasPrefix("Scaling activity"), let service = new.service.flatMap({ state.services[$0] }),
                service.status == .active, !service.isGivenUp(new)
            else { continue }
            let host = (old.placement?.instance ?? old.pinnedTo).flatMap { state.instances[$0] }
            // One on a host that drains goes, and so does one that waits for a host that is gone.
            if host?.status ?? .active == .active { world.fail("task \(new.id.id) is protected and was stopped") }
        }
    }

    /// The scheduler takes no healthy task away below the minimum.
    private func checkMinimum(
        of service: ServiceRecord, _ batch: CommitBatch, _ before: StateSnapshot, _ after: StateSnapshot,
        in world: World
    ) {
        // A jump of the wall clock makes settled tasks unsettled: what is planned before it may look wrong after it.
        guard service.schedulingStrategy == .replica,
            world.now.since(world.lastJump) > .seconds(60) || world.lastJump == .zero
        else { return }
        func isHealthy(_ task: TaskRecord) -> Bool {
            task.isHealthy(under: after.taskDefinitions[task.definition]?.definition, now: batch.time)
        }
        let stopsHealthy = batch.changes.contains { change in
            guard case .task(let old)? = change.before, case .task(let new)? = change.after else { return false }
            return old.service == service.id && old.verdict.stop == nil
                && new.verdict.stop?.code == .serviceSchedulerInitiated && isHealthy(old)
        }
        guard stopsHealthy else { return }
        let healthy = after.liveTasks(of: service.id).count(where: isHealthy)
        let minimum = service.configuration.minimum(of: service.desiredCount)
        if healthy < minimum {
            world.fail(
                "service \(service.id.name) is left with \(healthy) healthy tasks by its own stops, its minimum is \(minimum)"
            )
        }
    }
}

extension ServiceRecord {
    /// Whether the task belongs to a task set that was deleted, whose tasks are protected no more.
    fileprivate func isGivenUp(_ task: TaskRecord) -> Bool {
        taskSets.contains { $0.id == task.deployment && $0.status == .draining }
    }
}
