import Domain
import ECSShapes
import Identifiers
import StateStore

/// How many tasks run and how many will, as services count them.
struct TaskCounts: Hashable, Sendable {
    var running = 0
    var pending = 0

    init(_ tasks: some Sequence<TaskRecord>) {
        for task in tasks {
            switch task.lastStatus {
            case .running: running += 1
            case .provisioning, .pending, .activating: pending += 1
            case .deactivating, .stopping, .deprovisioning, .stopped: continue
            }
        }
    }
}

extension ECSShapes.Service {
    /// A stored service as the API shows it.
    init(_ service: ServiceRecord, in state: StateSnapshot, showsTags: Bool) {
        self.init()
        let tasks = state.tasks(of: service.id)
        let counts = TaskCounts(tasks)
        serviceArn = service.id.arn
        serviceName = service.id.name
        clusterArn = service.id.cluster.arn
        status = service.status.wire
        desiredCount = service.desiredCount
        runningCount = counts.running
        pendingCount = counts.pending
        taskDefinition = service.taskDefinition.arn
        deploymentConfiguration = ECSShapes.DeploymentConfiguration(service.configuration)
        deployments =
            service.status == .inactive
            ? [] : service.deployments.map { ECSShapes.Deployment($0, of: service, tasks) }
        events = service.events.map {
            ECSShapes.ServiceEvent(id: $0.id, createdAt: $0.at.wire, message: $0.message)
        }
        createdAt = service.createdAt.wire
        createdBy = service.createdBy
        setEmptyLists()
        setCapacity(service)
        placementConstraints = service.placementConstraints.map(ECSShapes.PlacementConstraint.init)
        placementStrategy = service.placementStrategy.map(ECSShapes.PlacementStrategy.init)
        networkConfiguration = service.networkConfiguration.map(ECSShapes.NetworkConfiguration.init)
        healthCheckGracePeriodSeconds = service.healthCheckGracePeriod ?? 0
        schedulingStrategy = service.schedulingStrategy.wire
        deploymentController = ECSShapes.DeploymentController(type: "ECS")
        enableECSManagedTags = service.enableECSManagedTags
        propagateTags = service.propagateTags ?? "NONE"
        enableExecuteCommand = service.enableExecuteCommand
        availabilityZoneRebalancing = service.availabilityZoneRebalancing ? "ENABLED" : "DISABLED"
        resourceManagementType = "CUSTOMER"
        if showsTags { tags = service.tags.tagShapes }
    }

    private mutating func setEmptyLists() {
        loadBalancers = []
        serviceRegistries = []
    }

    /// Only one of launch type and strategy is shown.
    private mutating func setCapacity(_ service: ServiceRecord) {
        if service.capacityProviderStrategy.isEmpty {
            launchType = service.launchType.wireName
        } else {
            capacityProviderStrategy = service.capacityProviderStrategy.map(
                ECSShapes.CapacityProviderStrategyItem.init)
        }
        guard service.launchType.isManaged else { return }
        platformVersion = service.platformVersion ?? "LATEST"
        platformFamily = "Linux"
    }
}

extension ECSShapes.Deployment {
    init(_ deployment: DeploymentRecord, of service: ServiceRecord, _ tasks: [TaskRecord]) {
        self.init()
        let own = tasks.filter { $0.deployment == deployment.id }
        let counts = TaskCounts(own)
        id = deployment.id.rawValue
        status = deployment.status.wire
        taskDefinition = deployment.taskDefinition.arn
        desiredCount =
            deployment.status == .primary
            ? service.desiredCount : own.count { $0.desiredStatus == .running && $0.isLive }
        pendingCount = counts.pending
        runningCount = counts.running
        failedTasks = deployment.failedTasks
        createdAt = deployment.createdAt.wire
        updatedAt = deployment.updatedAt.wire
        if deployment.capacityProviderStrategy.isEmpty {
            launchType = deployment.launchType.wireName
        } else {
            capacityProviderStrategy = deployment.capacityProviderStrategy.map(
                ECSShapes.CapacityProviderStrategyItem.init)
        }
        if deployment.launchType.isManaged {
            let asked = deployment.platformVersion ?? "LATEST"
            platformVersion = asked == "LATEST" ? "1.4.0" : asked
            platformFamily = "Linux"
        }
        networkConfiguration = deployment.networkConfiguration.map(ECSShapes.NetworkConfiguration.init)
        rolloutState = deployment.rolloutState.wire
        rolloutStateReason = deployment.rolloutStateReason
    }
}

extension ECSShapes.DeploymentConfiguration {
    init(_ configuration: DeploymentConfiguration) {
        self.init(
            deploymentCircuitBreaker: ECSShapes.DeploymentCircuitBreaker(
                enable: configuration.circuitBreaker?.enable ?? false,
                rollback: configuration.circuitBreaker?.rollback ?? false),
            maximumPercent: configuration.maximumPercent,
            minimumHealthyPercent: configuration.minimumHealthyPercent, strategy: "ROLLING", bakeTimeInMinutes: 0)
    }
}
