import Deployments
import Domain
import Identifiers
import TestKit

/// A service, its tasks and a node that runs them, on simulated time.
struct ServiceWorld {
    var service: ServiceRecord
    var tasks: [TaskRecord] = []
    /// Every one there ever was, oldest first.
    var history: [ServiceDeploymentRecord] = []
    var revisions: [ServiceRevisionRecord] = []
    var now = Timestamp.test()
    /// Revisions whose tasks never start.
    var badRevisions: Set<Int> = []
    /// Revisions whose tasks end soon after they started.
    var crashingRevisions: Set<Int> = []
    var draining: Set<String> = []
    /// Where a host stands; nil for in no zone.
    var zones: [String: String] = [:]
    /// Hosts that take no more tasks.
    var full: Set<String> = []
    /// Hosts that run tasks of others.
    var busy: Set<String> = []
    /// Where a daemon shall have a task; nil for a service that is none.
    var daemonHosts: Set<String>?
    var checked = false
    var alarms: [String: AlarmState] = [:]
    var alarmBakeTime = Duration.zero
    /// How many tasks were ever started, by revision.
    var startCounts: [Int: Int] = [:]
    let ids: SeededIDSource
    var random: SeededGenerator

    init(_ service: ServiceRecord, seed: UInt64 = 1) {
        self.service = service
        ids = SeededIDSource(seed: seed)
        random = SeededGenerator(seed: seed)
    }

    var snapshot: ServiceSnapshot {
        let made = service.deployments + service.taskSets.map(\.deployment)
        let revisions = Set(made.map(\.taskDefinition) + tasks.map(\.definition))
        let definitions = revisions.map { ($0, TaskDefinitionRecord.test("web", $0.revision, healthCheck: checked)) }
        var snapshot = ServiceSnapshot(
            service: service, tasks: tasks,
            definitions: Dictionary(uniqueKeysWithValues: definitions.map { ($0.0, $0.1.definition) }),
            hosts: Dictionary(
                uniqueKeysWithValues: (0..<4).map { number in
                    (
                        .test("h\(number)"),
                        ServiceSnapshot.Host(
                            isDraining: draining.contains("h\(number)"), zone: zones["h\(number)"],
                            hasOthers: busy.contains("h\(number)"))
                    )
                }),
            now: now, freshID: ids.deploymentID())
        snapshot.eligibleHosts = (daemonHosts ?? []).sorted().map { .test($0) }
        snapshot.serviceDeployments = history.filter(\.status.isOpen)
        snapshot.revisions = self.revisions
        snapshot.alarms = alarms
        snapshot.alarmBakeTime = alarmBakeTime
        if let question = snapshot.zoneQuestion { snapshot.zoneAnswers = zoneAnswers(question) }
        return snapshot
    }

    private func zoneAnswers(_ question: ZoneQuestion) -> [String?: ZoneAnswer] {
        let asked = zones.filter { question.isWorthALook($0.value) && !draining.contains($0.key) }
        let open = Set(asked.filter { !full.contains($0.key) }.values)
        let answer = ZoneAnswer(open: open, lacksRoom: open.count < Set(asked.values).count)
        return Dictionary(uniqueKeysWithValues: question.providers.map { ($0, answer) })
    }

    /// Tasks per zone that are meant to run.
    var perZone: [String: Int] {
        let found = live.compactMap { task in task.placement.flatMap { zones[$0.instance.id] } }
        return Dictionary(found.map { ($0, 1) }, uniquingKeysWith: +)
    }

    var live: [TaskRecord] { tasks.filter { $0.isLive && $0.desiredStatus == .running } }

    var healthy: Int {
        let definition = TaskDefinitionRecord.test(healthCheck: checked).definition
        return live.count { $0.isHealthy(under: definition, now: now) }
    }

    mutating func deploy(revision: Int) {
        let lifecycle = service.newLifecycle(now: now)
        for index in service.deployments.indices { service.deployments[index].status = .active }
        var deployment = DeploymentRecord(
            id: ids.deploymentID(), taskDefinition: .test("web", revision), createdAt: now, launchType: .fargate)
        deployment.updatedAt = now
        deployment.lifecycle = lifecycle
        let target = ServiceRevisionID(service: service.id, number: ids.decimalID())
        deployment.revision = target
        revisions.append(
            ServiceRevisionRecord(id: target, of: deployment, images: [.init(container: "app", image: "demo")]))
        history.append(
            ServiceDeploymentRecord(
                id: ServiceDeploymentID(service: service.id, id: ids.shortID()), deployment: deployment,
                target: target, sources: service.deployments.compactMap(\.revision),
                configuration: service.configuration, breaker: .init(status: .disabled, threshold: 3)))
        service.deployments.insert(deployment, at: 0)
        service.taskDefinition = deployment.taskDefinition
        service.isSteady = false
    }

    mutating func addTaskSet(revision: Int, scale: Double) {
        let deployment = DeploymentRecord(
            id: ids.deploymentID(), status: .active, taskDefinition: .test("web", revision), createdAt: now,
            launchType: .fargate)
        service.taskSets.append(TaskSetRecord(deployment: deployment, scale: scale))
        service.isSteady = false
    }

    /// A caller asks for the end of the service deployment that goes on, if one does.
    mutating func requestStop(rollback: Bool) {
        guard let index = history.firstIndex(where: { [.pending, .inProgress].contains($0.status) }) else { return }
        history[index].status = rollback ? .rollbackRequested : .stopRequested
    }

    /// A caller says a word to every hook that somebody must answer.
    mutating func answerHooks(_ action: LifecycleHook.Action) {
        for index in history.indices where history[index].status == .inProgress {
            let waiting = (history[index].hooks ?? []).filter { $0.status == .awaitingAction }
            let answers = waiting.map { LifecycleHookAnswer(hook: $0.id, action: action) }
            if !answers.isEmpty { history[index].hookAnswers = (history[index].hookAnswers ?? []) + answers }
        }
    }

    /// Carries one plan out, as the controller does.
    mutating func apply(_ plan: ServicePlan) {
        service = plan.service
        for record in plan.serviceDeployments {
            history = history.map { $0.id == record.id ? record : $0 }
        }
        revisions = plan.revisions
        var messages = plan.messages
        for start in plan.starts {
            let started = (0..<start.count).map { _ in newTask(of: start.deployment, on: start.host, in: start.zone) }
            tasks += started
            if let zone = start.zone {
                service.rebalancing?.move = started.last.map { ZoneRebalancing.Move(task: $0.id, zone: zone) }
                messages.append(.started(started.map(\.id), in: zone, service: service.id))
            } else {
                messages.insert(.started(started.map(\.id), service: service.id), at: 0)
            }
        }
        for stop in plan.stops {
            guard let index = tasks.firstIndex(where: { $0.id == stop.task }) else { continue }
            tasks[index].verdict.stop = StopRequest(code: stop.code, reason: stop.reason, at: now)
        }
        service = service.adding(messages, ids: ids, now: now)
    }

    private mutating func newTask(
        of id: DeploymentID, on host: ContainerInstanceID?, in zone: String?
    ) -> TaskRecord {
        guard let deployment = service.deployment(id) else { return .test("lost") }
        var task = TaskRecord.test(ids.hexID(), launchType: .fargate).of(service, deployment)
        task.createdAt = now
        startCounts[deployment.taskDefinition.revision, default: 0] += 1
        task.pinnedTo = host
        if let host { return task.placed(on: host.id, at: now) }
        let free = (0..<4).map { "h\($0)" }.filter { host in
            !draining.contains(host) && (zone == nil || zones[host] == zone && !full.contains(host))
        }
        return task.placed(on: free.randomElement(using: &random) ?? "h0", at: now)
    }

    /// Time passes: pending tasks start or fail, stopping ones stop.
    mutating func pass(_ seconds: Int) {
        now = now.adding(.seconds(seconds))
        for index in tasks.indices where tasks[index].isLive {
            if tasks[index].verdict.stop != nil {
                tasks[index] = tasks[index].observed(.stopped, at: now)
            } else if tasks[index].lastStatus < .running, Bool.random(using: &random) {
                let isBad = badRevisions.contains(tasks[index].definition.revision)
                tasks[index] = isBad ? failed(tasks[index]) : tasks[index].observed(.running, at: now)
            } else if tasks[index].lastStatus == .running,
                crashingRevisions.contains(tasks[index].definition.revision)
            {
                tasks[index] = tasks[index].observed(.stopped, at: now)
                tasks[index].observed?.stopCode = .essentialContainerExited
            } else if checked, tasks[index].lastStatus == .running,
                tasks[index].observed?.containers.first?.health == .unknown
            {
                tasks[index] = tasks[index].reporting(.healthy)
            }
        }
    }

    private func failed(_ task: TaskRecord) -> TaskRecord {
        var task = task.observed(.stopped, at: now)
        task.observed?.stopCode = .taskFailedToStart
        task.observed?.reason = "CannotPullContainerError: not found"
        return task
    }

    /// A running task ends by itself.
    mutating func crash() {
        guard let index = tasks.indices.filter({ tasks[$0].lastStatus == .running }).randomElement(using: &random)
        else {
            return
        }
        tasks[index] = tasks[index].observed(.stopped, at: now)
        tasks[index].observed?.stopCode = .essentialContainerExited
    }

    mutating func sicken() {
        guard let index = tasks.indices.filter({ tasks[$0].lastStatus == .running }).randomElement(using: &random)
        else {
            return
        }
        tasks[index] = tasks[index].reporting(.unhealthy)
    }

    /// A live task is protected for a time, or no more.
    mutating func protect(seconds: Int) {
        guard let index = tasks.indices.filter({ tasks[$0].isLive }).randomElement(using: &random) else { return }
        tasks[index].protection = TaskProtection(expiresAt: now.adding(.seconds(seconds)))
    }

    /// Plans and carries out until nothing moves at this moment.
    mutating func settle() {
        for _ in 0..<20 {
            let plan = reconcile(snapshot)
            apply(plan)
            if plan.starts.isEmpty, plan.stops.isEmpty { return }
        }
    }

    mutating func run(seconds: Int, step: Int = 2) {
        for _ in 0..<(seconds / step) {
            pass(step)
            settle()
        }
    }

    var messages: [String] { service.events.map(\.message).reversed() }
}
