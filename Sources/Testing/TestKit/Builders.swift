public import Domain
public import Identifiers

extension Scope {
    public static let test = Scope(account: "000000000000", region: "us-east-1")
}

extension ClusterID {
    public static let test = ClusterID(scope: .test, name: "default")
}

extension Timestamp {
    /// Seconds after a fixed day of 2026.
    public static func test(_ seconds: Int = 0) -> Timestamp {
        Timestamp(milliseconds: 1_790_000_000_000 + Int64(seconds) * 1_000)
    }
}

extension ContainerInstanceID {
    public static func test(_ id: String) -> ContainerInstanceID { ContainerInstanceID(scope: .test, id: id) }
}

extension ContainerInstanceRecord {
    /// A host of cluster `default` with 4 vCPU and 8 GiB; `.fargate` makes it managed.
    public static func test(
        _ id: String, launchType: LaunchType = .ec2, cpu: Int = 4096, memory: Int = 8192, zone: String? = nil
    ) -> ContainerInstanceRecord {
        var record = ContainerInstanceRecord(
            id: .test(id), cluster: launchType.isManaged ? nil : .test, launchType: launchType,
            resources: Resources(cpu: CPUUnits(cpu), memory: MemoryMiB(memory)), registeredAt: .test())
        record.attributes = zone.map { [Attribute(name: "ecs.availability-zone", value: $0)] } ?? []
        return record
    }
}

extension TaskDefinitionID {
    public static func test(_ family: String = "web", _ revision: Int = 1) -> TaskDefinitionID {
        TaskDefinitionID(family: FamilyID(scope: .test, name: family), revision: revision)
    }
}

extension TaskDefinitionRecord {
    /// One essential container `app` with 256 units and 512 MiB.
    public static func test(
        _ family: String = "web", _ revision: Int = 1, healthCheck: Bool = false, mode: NetworkMode = .awsvpc
    ) -> TaskDefinitionRecord {
        var container = ContainerDefinition(name: "app", image: "demo")
        container.cpu = CPUUnits(256)
        container.memory = MemoryMiB(512)
        container.healthCheck = healthCheck ? HealthCheck(command: ["CMD", "true"]) : nil
        var definition = TaskDefinition(containers: [container])
        definition.networkMode = mode
        return TaskDefinitionRecord(
            id: .test(family, revision), definition: definition, registeredAt: .test(), registeredBy: "test")
    }
}

extension TaskRecord {
    /// A task of group `family:web` with container `app`, waiting for a host.
    public static func test(
        _ id: String, launchType: LaunchType = .ec2, cpu: Int = 256, memory: Int = 512, mode: NetworkMode = .awsvpc,
        group: String = "family:web"
    ) -> TaskRecord {
        TaskRecord(
            id: TaskID(cluster: .test, id: id), definition: .test(),
            containers: [TaskContainer(name: "app", id: "c-\(id)")], createdAt: .test(), launchType: launchType,
            reservation: Resources(cpu: CPUUnits(cpu), memory: MemoryMiB(memory)), networkMode: mode, group: group)
    }

    /// The task on a host.
    public func placed(on instance: String, at: Timestamp = .test()) -> TaskRecord {
        var task = self
        task.placement = TaskPlacement(instance: .test(instance), placedAt: at)
        return task
    }

    /// The task as the node reported it in `status`; `startedAt` is set from RUNNING on.
    public func observed(_ status: TaskStatus, at: Timestamp = .test()) -> TaskRecord {
        var task = placement == nil ? placed(on: "h1") : self
        var observed = task.observed ?? ObservedTask()
        observed.status = status
        if observed.containers.isEmpty { observed.containers = containers.map { ObservedContainer(name: $0.name) } }
        if status == .running { observed.startedAt = observed.startedAt ?? at }
        if status == .stopped { observed.stoppedAt = at }
        task.observed = observed
        return task
    }

    /// The task with a result of every container's health check.
    public func reporting(_ health: HealthStatus) -> TaskRecord {
        var task = self
        for index in (task.observed?.containers ?? []).indices { task.observed?.containers[index].health = health }
        return task
    }

    /// The task as one of a service's deployment.
    public func of(_ service: ServiceRecord, _ deployment: DeploymentRecord) -> TaskRecord {
        var task = self
        task.service = service.id
        task.deployment = deployment.id
        task.definition = deployment.taskDefinition
        task.group = "service:\(service.id.name)"
        return task
    }
}

extension DeploymentRecord {
    public static func test(
        _ number: Int, revision: Int = 1, status: DeploymentStatus = .primary, rollout: RolloutState = .inProgress,
        launchType: LaunchType = .fargate
    ) -> DeploymentRecord {
        var deployment = DeploymentRecord(
            id: DeploymentID(rawValue: "ecs-svc/\(number)"), status: status, taskDefinition: .test("web", revision),
            createdAt: .test(), launchType: launchType)
        deployment.rolloutState = rollout
        return deployment
    }
}

extension ServiceRecord {
    /// A service of cluster `default`; its task definition is that of the first deployment.
    public static func test(
        _ name: String = "web", desired: Int, minimum: Int = 100, maximum: Int = 200,
        deployments: [DeploymentRecord] = [.test(1)]
    ) -> ServiceRecord {
        ServiceRecord(
            id: ServiceID(cluster: .test, name: name), taskDefinition: deployments.first?.taskDefinition ?? .test(),
            desiredCount: desired, launchType: deployments.first?.launchType ?? .fargate,
            configuration: DeploymentConfiguration(minimumHealthyPercent: minimum, maximumPercent: maximum),
            deployments: deployments, createdAt: .test(), createdBy: "test")
    }
}
