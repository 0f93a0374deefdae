import Deployments
import Domain
import ECSShapes
import Identifiers
import StateStore
import TaskLifecycle

extension ServiceRecord {
    /// `ECS` for what ECS itself looks after: an Express service.
    var resourceManagementType: String { express == nil ? "CUSTOMER" : "ECS" }
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
        taskDefinition = service.taskDefinition?.arn
        deploymentConfiguration = ECSShapes.DeploymentConfiguration(service.configuration)
        deployments =
            service.status == .inactive
            ? [] : service.deployments.map { ECSShapes.Deployment($0, of: service, tasks) }
        if service.controller != .ecs {
            taskSets = service.taskSets.map { ECSShapes.TaskSet($0, of: service, tasks, showsTags: showsTags) }
        }
        events = service.events.map {
            ECSShapes.ServiceEvent(id: $0.id, createdAt: $0.at.wire, message: $0.message)
        }
        setHistory(service, tasks, state)
        createdAt = service.createdAt.wire
        createdBy = service.createdBy
        loadBalancers = service.loadBalancers.map(ECSShapes.LoadBalancer.init)
        serviceRegistries = []
        setCapacity(
            service.launchType, service.capacityProviderStrategy, platform: service.platformVersion ?? "LATEST")
        placementConstraints = service.placementConstraints.map(ECSShapes.PlacementConstraint.init)
        placementStrategy = service.placementStrategy.map(ECSShapes.PlacementStrategy.init)
        networkConfiguration = service.networkConfiguration.map(ECSShapes.NetworkConfiguration.init)
        healthCheckGracePeriodSeconds = service.healthCheckGracePeriod ?? 0
        schedulingStrategy = service.schedulingStrategy.wire
        deploymentController = ECSShapes.DeploymentController(type: service.controller.wire)
        enableECSManagedTags = service.enableECSManagedTags
        propagateTags = service.propagateTags ?? "NONE"
        enableExecuteCommand = service.enableExecuteCommand
        availabilityZoneRebalancing = service.zoneRebalancing
        resourceManagementType = service.resourceManagementType
        if showsTags { tags = service.tags.tagShapes }
    }

    /// The newest service deployment, and the revisions that tasks run or shall run.
    private mutating func setHistory(_ service: ServiceRecord, _ tasks: [TaskRecord], _ state: StateSnapshot) {
        let newest = state.serviceDeployments(of: service.id).max { ($0.createdAt, $0.id) < ($1.createdAt, $1.id) }
        currentServiceDeployment = newest?.id.arn
        guard service.status != .inactive else { return }
        currentServiceRevisions = service.tallies(of: tasks).nonEmpty?
            .map(ECSShapes.ServiceCurrentRevisionSummary.init)
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
        desiredCount = service.requestedCount(of: deployment, own)
        pendingCount = counts.pending
        runningCount = counts.running
        failedTasks = deployment.failedTasks
        createdAt = deployment.createdAt.wire
        updatedAt = deployment.updatedAt.wire
        setCapacity(
            deployment.launchType, deployment.capacityProviderStrategy,
            platform: resolvedPlatform(deployment.platformVersion))
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
            minimumHealthyPercent: configuration.minimumHealthyPercent,
            alarms: configuration.alarms.map {
                ECSShapes.DeploymentAlarms(alarmNames: $0.names, rollback: $0.rollback, enable: $0.enable)
            }, strategy: configuration.strategy.wire,
            bakeTimeInMinutes: configuration.strategy == .rolling
                ? 0 : configuration.bakeTimeInMinutes ?? DeploymentConfiguration.standardBakeTime,
            lifecycleHooks: configuration.hooks.nonEmpty?.map(ECSShapes.DeploymentLifecycleHook.init),
            linearConfiguration: configuration.shownLinear.map {
                ECSShapes.LinearConfiguration(
                    stepPercent: $0.step.percent, stepBakeTimeInMinutes: $0.bakeTimeInMinutes)
            },
            canaryConfiguration: configuration.shownCanary.map {
                ECSShapes.CanaryConfiguration(
                    canaryPercent: $0.share.percent, canaryBakeTimeInMinutes: $0.bakeTimeInMinutes)
            })
    }
}

extension DeploymentConfiguration {
    fileprivate var shownLinear: Linear? { strategy == .linear ? linear ?? Linear() : nil }
    fileprivate var shownCanary: Canary? { strategy == .canary ? canary ?? Canary() : nil }
}
