public import Domain
public import Identifiers

/// Everything that tasks made together share.
public struct TaskTemplate: Sendable {
    public var definition: TaskDefinitionRecord
    public var cluster: ClusterID
    public var launchType: LaunchType
    public var group: String
    public var startedBy: String?
    public var service: ServiceID?
    public var deployment: DeploymentID?
    public var daemonRevision: DaemonRevisionID?
    /// One of the strategy's; who makes the tasks divides them.
    public var capacityProvider: String?
    /// As the caller gave it; `LATEST` and nil become 1.4.0 on managed capacity.
    public var platformVersion: String?
    public var networkConfiguration: NetworkConfiguration?
    public var overrides = TaskOverrides()
    /// The caller's constraints; those of the task definition are added.
    public var placementConstraints: [PlacementConstraint] = []
    public var placementStrategy: [PlacementStrategy] = []
    /// The only host for the tasks; nil for any.
    public var pinnedTo: ContainerInstanceID?
    public var enableExecuteCommand = false
    public var tags: [KeyValue] = []
    public var loadBalancers: [ServiceLoadBalancer] = []

    public init(definition: TaskDefinitionRecord, cluster: ClusterID, launchType: LaunchType, group: String) {
        self.definition = definition
        self.cluster = cluster
        self.launchType = launchType
        self.group = group
    }

    /// What tasks of one deployment of a service share.
    public init(service: ServiceRecord, deployment: DeploymentRecord, definition: TaskDefinitionRecord) {
        self.init(
            definition: definition, cluster: service.id.cluster, launchType: deployment.launchType,
            group: "service:\(service.id.name)")
        startedBy = deployment.id.rawValue
        self.service = service.id
        self.deployment = deployment.id
        platformVersion = deployment.platformVersion
        networkConfiguration = deployment.networkConfiguration
        loadBalancers = deployment.loadBalancers
        placementConstraints = service.placementConstraints
        placementStrategy = service.placementStrategy
        enableExecuteCommand = service.enableExecuteCommand
        switch service.propagateTags {
        case "SERVICE": tags = service.tags
        case "TASK_DEFINITION": tags = definition.tags
        default: break
        }
        if service.enableECSManagedTags {
            tags += [
                KeyValue(key: "aws:ecs:clusterName", value: service.id.cluster.name),
                KeyValue(key: "aws:ecs:serviceName", value: service.id.name),
            ]
        }
    }
}

extension TaskTemplate {
    /// What a task of a daemon is made of on the hosts of one kind of capacity.
    public init(
        daemon: DaemonRecord, revision: DaemonRevisionRecord, definition: DaemonTaskDefinitionRecord,
        on launchType: LaunchType, of capacityProvider: String?
    ) {
        self.init(
            definition: definition.taskDefinition, cluster: daemon.id.cluster, launchType: launchType,
            group: "daemon:\(daemon.id.name)")
        startedBy = daemon.deployment.id
        daemonRevision = revision.id
        self.capacityProvider = capacityProvider
        enableExecuteCommand = revision.enableExecuteCommand
        if revision.propagatesTags { tags = daemon.tags }
        if revision.enableECSManagedTags {
            tags.append(KeyValue(key: "aws:ecs:clusterName", value: daemon.id.cluster.name))
        }
    }
}

/// Makes `count` new tasks without a host.
public func newTasks(_ count: Int, of template: TaskTemplate, ids: some IDSource, now: Timestamp) -> [TaskRecord] {
    (0..<max(0, count)).map { _ in newTask(of: template, ids: ids, now: now) }
}

/// A task of the template to ask decisions about; its ids are nobody's.
public func sampleTask(of template: TaskTemplate) -> TaskRecord {
    newTask(of: template, ids: BlankIDs(), now: Timestamp(milliseconds: 0))
}

private struct BlankIDs: IDSource {
    func bits() -> UInt64 { 0 }
}

private func newTask(of template: TaskTemplate, ids: some IDSource, now: Timestamp) -> TaskRecord {
    let definition = template.definition.definition
    let mode = template.launchType.isManaged ? .awsvpc : definition.effectiveNetworkMode
    var task = TaskRecord(
        id: TaskID(cluster: template.cluster, id: ids.hexID()), definition: template.definition.id,
        containers: definition.containers.map { TaskContainer(name: $0.name, id: ids.uuid()) }, createdAt: now,
        launchType: template.launchType,
        reservation: reservation(of: definition, overrides: template.overrides), networkMode: mode,
        group: template.group)
    task.hostPorts = staticHostPorts(of: definition, mode: mode)
    task.startedBy = template.startedBy
    task.service = template.service
    task.deployment = template.deployment
    task.daemonRevision = template.daemonRevision
    task.capacityProvider = template.capacityProvider
    if template.launchType.isManaged {
        let asked = template.platformVersion
        task.platformVersion = asked == nil || asked == "LATEST" ? "1.4.0" : asked
    }
    task.networkConfiguration = template.networkConfiguration
    task.overrides = template.overrides
    let own = template.placementConstraints
    task.placementConstraints = own + definition.placementConstraints.filter { !own.contains($0) }
    task.placementConstraints += architectureConstraint(of: definition)
    task.placementStrategy = template.placementStrategy
    task.pinnedTo = template.pinnedTo
    task.requiresAttributes = definition.requiresAttributes
    task.attachmentID = mode == .awsvpc ? ids.uuid() : nil
    task.enableExecuteCommand = template.enableExecuteCommand
    task.tags = template.tags
    task.loadBalancers = template.loadBalancers
    return task
}

/// Hosts of the processor that the definition names; any host when it names none.
private func architectureConstraint(of definition: TaskDefinition) -> [PlacementConstraint] {
    switch definition.cpuArchitecture {
    case "ARM64": [.memberOf("attribute:ecs.cpu-architecture == arm64")]
    case "X86_64": [.memberOf("attribute:ecs.cpu-architecture == x86_64")]
    default: []
    }
}

/// What placement reserves for a task: its own size where given, else the sum over its containers.
///
/// A container counts with its soft memory limit, or its hard one without a soft one.
public func reservation(of definition: TaskDefinition, overrides: TaskOverrides = TaskOverrides()) -> Resources {
    var cpu = 0
    var memory = 0
    for container in definition.containers {
        let override = overrides.containers.first { $0.name == container.name }
        cpu = cpu.addingClamped((override?.cpu ?? container.cpu).value)
        let soft = override?.memoryReservation ?? container.memoryReservation
        memory = memory.addingClamped((soft ?? override?.memory ?? container.memory)?.value ?? 0)
    }
    return Resources(
        cpu: overrides.cpu ?? definition.cpu ?? CPUUnits(cpu),
        memory: overrides.memory ?? definition.memory ?? MemoryMiB(memory))
}

/// The host ports that the task fixes itself; in host mode the container's port is the host's.
private func staticHostPorts(of definition: TaskDefinition, mode: NetworkMode) -> [Port] {
    guard mode == .bridge || mode == .host else { return [] }
    let ports = definition.containers.flatMap(\.portMappings).map { mapping in
        Port(mode == .host ? mapping.containerPort : mapping.hostPort, mapping.transport)
    }
    return Set(ports).filter { $0.number != 0 }.sorted()
}

extension Int {
    fileprivate func addingClamped(_ other: Int) -> Int {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? .max : sum
    }
}
