import Deployments
public import Domain
public import Identifiers
import Placement
public import StateStore
import TaskLifecycle

/// One transaction for one service: what it was planned from and what it writes.
public struct ServiceCommit: Sendable {
    public var expected: AggregateVersions
    public var service: ServiceRecord
    /// New tasks, and tasks that shall stop.
    public var tasks: [TaskRecord]
    public var serviceDeployments: [ServiceDeploymentRecord]
    public var revisions: [ServiceRevisionRecord]
    public var started: Int
    public var stopped: Int
    /// By which the target group of an Express service is checked again, after a rollback.
    public var healthCheckPath: String?

    public func write(to transaction: inout Transaction) {
        transaction.put(service)
        for record in serviceDeployments { transaction.put(record) }
        for record in revisions { transaction.put(record) }
        for task in tasks { transaction.put(task) }
        if let healthCheckPath, let ingress = service.express?.ingress,
            var group = transaction.state.targetGroups[ingress.targetGroup]
        {
            group.healthCheck.path = healthCheckPath
            transaction.put(group)
        }
        // Not before: what is under way when a service begins to drain ends by its load balancer.
        guard service.status == .inactive else { return }
        if let ingress = service.express?.ingress { transaction.remove(ingress) }
        transaction.deleteScalableTarget(of: service.id)
    }
}

/// What may make a service's plan change.
public enum ServicesKey: Hashable, Sendable {
    case service(ServiceID)
    /// A host came, or something changed of it that tasks depend on.
    case instance(ContainerInstanceID)
    /// An alarm went to another state.
    case alarm(AlarmID)

    package static func keys(of change: Change) -> [ServicesKey] {
        switch (change.before, change.after) {
        case (.alarm(let before)?, .alarm(let after)?): before.state == after.state ? [] : [.alarm(after.id)]
        case (nil, .alarm(let alarm)?): [.alarm(alarm.id)]
        case (_, .service(let service)?): [.service(service.id)]
        case (_, .serviceDeployment(let record)?): [.service(record.id.service)]
        case (let before, .task(let task)?): task.service.map { Self.matters(before, task) ? [.service($0)] : [] } ?? []
        case (.instance(let before)?, .instance(let after)?):
            before.status == after.status && before.attributes == after.attributes && before.cluster == after.cluster
                ? [] : [.instance(after.id)]
        case (nil, .instance(let host)?): [.instance(host.id)]
        default: []
        }
    }

    /// A placement alone or a refusal changes nothing that services are planned from.
    private static func matters(_ before: Record?, _ after: TaskRecord) -> Bool {
        guard case .task(let before)? = before else { return true }
        return before.observed != after.observed || before.verdict != after.verdict
            || before.protection != after.protection || before.traffic != after.traffic
    }
}

/// Which services must be planned next, and when one is due by itself.
public struct ServicesStep: Sendable {
    private var due: [ServiceID: Timestamp] = [:]
    /// The services whose open deployments watch an alarm.
    private var watched: [AlarmID: Set<ServiceID>] = [:]

    public init() {}

    /// When the next service is due although nothing changed.
    public var wakeAt: Timestamp? { due.values.min() }

    /// Plans every service that changed or is due, in order of the ids.
    /// - Parameters:
    ///   - keys: nil for all services.
    ///   - connected: the hosts that can be heard; nil for all.
    ///   - health: what load balancers see of a target.
    public mutating func step(
        _ keys: Set<ServicesKey>?, _ snapshot: StateSnapshot, connected: Set<ContainerInstanceID>? = nil,
        health: (TargetID) -> TargetHealth? = { _ in nil }, now: Timestamp, ids: some IDSource
    ) -> [ServiceCommit] {
        var zones = ZoneLook(snapshot, connected: connected)
        let dueNow = due.filter { $0.value <= now }.map(\.key)
        let touched = keys.map { services($0, in: snapshot) } ?? Set(snapshot.services.values().map(\.0))
        return touched.union(dueNow).sorted().compactMap { id in
            due[id] = nil
            guard let service = snapshot.services[id], service.status != .inactive else { return nil }
            var own = Self.snapshot(of: service, in: snapshot, now: now, ids: ids)
            watchAlarms(&own, snapshot)
            own.traffic = Self.traffic(of: own.tasks, in: snapshot, health)
            own.zoneAnswers = zones.answers(for: own)
            let plan = reconcile(own)
            due[id] = plan.wakeAt
            return Self.commit(plan, for: service, in: snapshot, now: now, ids: ids)
        }
    }

    /// Looks up the alarms of open deployments, and remembers who watches them.
    private mutating func watchAlarms(_ own: inout ServiceSnapshot, _ state: StateSnapshot) {
        let scope = own.service.id.cluster.scope
        for gate in own.serviceDeployments.compactMap(\.configuration.alarms) where gate.enable {
            for name in gate.names {
                let id = AlarmID(scope: scope, name: name)
                watched[id, default: []].insert(own.service.id)
                own.alarms[name] = state.alarms[id]?.state
                own.alarmBakeTime = max(own.alarmBakeTime, state.bakeTime(of: id))
            }
        }
    }

    private mutating func services(_ keys: Set<ServicesKey>, in snapshot: StateSnapshot) -> Set<ServiceID> {
        var services: Set<ServiceID> = []
        for key in keys {
            switch key {
            // Those that still watch it say so again when they are planned.
            case .alarm(let id): services.formUnion(watched.removeValue(forKey: id) ?? [])
            case .service(let id): services.insert(id)
            case .instance(let id):
                services.formUnion(snapshot.liveTasks(on: id).compactMap(\.service))
                guard let host = snapshot.instances[id] else { continue }
                services.formUnion(ZoneLook.servicesThatMayMove(to: host, in: snapshot))
                guard let cluster = host.cluster else { continue }
                services.formUnion(
                    snapshot.services(in: cluster).filter { $0.schedulingStrategy == .daemon }.map(\.id))
            }
        }
        return services
    }

    private static func snapshot(
        of service: ServiceRecord, in snapshot: StateSnapshot, now: Timestamp, ids: some IDSource
    ) -> ServiceSnapshot {
        let tasks = snapshot.tasks(of: service.id)
        let live = tasks.filter(\.isLive)
        var definitions: [TaskDefinitionID: TaskDefinition] = [:]
        let made = service.deployments + service.taskSets.map(\.deployment)
        for id in made.map(\.taskDefinition) + live.map(\.definition)
        where definitions[id] == nil {
            definitions[id] = snapshot.taskDefinitions[id]?.definition
        }
        var hosts: [ContainerInstanceID: ServiceSnapshot.Host] = [:]
        for id in live.compactMap(\.placement?.instance) where hosts[id] == nil {
            guard let instance = snapshot.instances[id] else { continue }
            hosts[id] = ServiceSnapshot.Host(
                isDraining: instance.status == .draining,
                zone: instance.attributes.first { $0.name == "ecs.availability-zone" }?.value,
                hasOthers: service.schedulingStrategy == .daemon && instance.status == .draining
                    && snapshot.liveTasks(on: id).contains { $0.pinnedTo == nil && $0.daemonRevision == nil })
        }
        var result = ServiceSnapshot(
            service: service, tasks: tasks, definitions: definitions, hosts: hosts, now: now,
            freshID: ids.deploymentID())
        if service.schedulingStrategy == .daemon, service.status == .active {
            result.eligibleHosts = Self.eligibleHosts(of: service, in: snapshot)
        }
        result.serviceDeployments = snapshot.openServiceDeployments(of: service.id)
        result.revisions = Set(service.deployments.compactMap(\.revision)).sorted()
            .compactMap { snapshot.serviceRevisions[$0] }
        return result
    }

    private static func traffic(
        of tasks: [TaskRecord], in snapshot: StateSnapshot, _ health: (TargetID) -> TargetHealth?
    ) -> [TaskID: TaskTrafficHealth] {
        var seen: [TaskID: TaskTrafficHealth] = [:]
        for task in tasks where !task.loadBalancers.isEmpty && task.isLive {
            let targets = task.targets(in: snapshot)
            let states = targets.map { target in
                snapshot.targets[target.id]?.task == task.id ? health(target.id) : nil
            }
            if let first = states.firstIndex(where: { $0?.state == .unhealthy }) {
                let reason = states[first]?.description ?? "Health checks failed"
                seen[task.id] = .unhealthy(targets[first].port, reason: reason)
            } else {
                let isWhole = targets.count == task.loadBalancers.count && states.allSatisfy { $0?.state == .healthy }
                seen[task.id] = isWhole ? .healthy : .pending
            }
        }
        return seen
    }

    private static func eligibleHosts(
        of service: ServiceRecord, in snapshot: StateSnapshot
    ) -> [ContainerInstanceID] {
        guard let primary = service.primary, let definition = snapshot.taskDefinitions[primary.taskDefinition]
        else { return [] }
        let sample = sampleTask(of: TaskTemplate(service: service, deployment: primary, definition: definition))
        return sample.eligibleHosts(among: snapshot.instances(in: service.id.cluster), tasks: snapshot.liveTasks(on:))
    }

    /// nil when the plan changes nothing.
    private static func commit(
        _ plan: ServicePlan, for service: ServiceRecord, in snapshot: StateSnapshot, now: Timestamp, ids: some IDSource
    ) -> ServiceCommit? {
        var messages = plan.messages
        var record = plan.service
        var started: [TaskRecord] = []
        var moved: [TaskRecord] = []
        let stopping = Set(plan.stops.map(\.task))
        let staying =
            plan.starts.isEmpty
            ? []
            : snapshot.liveTasks(of: service.id).filter { $0.desiredStatus == .running && !stopping.contains($0.id) }
        for start in plan.starts {
            guard let deployment = plan.service.deployment(start.deployment),
                let definition = snapshot.taskDefinitions[deployment.taskDefinition]
            else { continue }
            var template = TaskTemplate(service: plan.service, deployment: deployment, definition: definition)
            template.pinnedTo = start.host
            if let zone = start.zone, let constraint = PlacementConstraint.zone(zone) {
                template.capacityProvider = start.provider
                template.placementConstraints.append(constraint)
                moved += newTasks(start.count, of: template, ids: ids, now: now)
                record.rebalancing?.move = moved.last.map { ZoneRebalancing.Move(task: $0.id, zone: zone) }
                messages.append(.started(moved.map(\.id), in: zone, service: service.id))
                continue
            }
            // Without a strategy nothing is counted.
            let own =
                deployment.capacityProviderStrategy.isEmpty ? [] : staying.filter { $0.deployment == deployment.id }
            var capacity = CapacityCounts(deployment.capacityProviderStrategy, own)
            for share in capacity.divide(start.count) {
                template.capacityProvider = share.provider
                started += newTasks(share.count, of: template, ids: ids, now: now)
            }
        }
        if !started.isEmpty { messages.insert(.started(started.map(\.id), service: service.id), at: 0) }
        started += moved
        let stopped = plan.stops.compactMap { stop in
            snapshot.tasks[stop.task]?.requestingStop(stop.code, reason: stop.reason, now: now)
        }
        record = record.adding(messages, ids: ids, now: now)
        let history = plan.serviceDeployments.filter { snapshot.serviceDeployments[$0.id] != $0 }
        let revisions = plan.revisions.filter { snapshot.serviceRevisions[$0.id] != $0 }
        guard
            record != service || !started.isEmpty || !stopped.isEmpty || !history.isEmpty || !revisions.isEmpty
        else { return nil }
        return ServiceCommit(
            expected: AggregateVersions(snapshot, [.service(service.id)]), service: record, tasks: started + stopped,
            serviceDeployments: history, revisions: revisions, started: started.count, stopped: stopped.count,
            healthCheckPath: record.express?.healthCheckPath == service.express?.healthCheckPath
                ? nil : record.express?.healthCheckPath)
    }
}
