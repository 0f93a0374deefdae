import Deployments
import Domain
import ECSShapes
import Identifiers
import TaskLifecycle

extension TaskSetStatus {
    var wire: String {
        switch self {
        case .primary: "PRIMARY"
        case .active: "ACTIVE"
        case .draining: "DRAINING"
        }
    }
}

extension DeploymentController {
    var wire: String {
        switch self {
        case .ecs: "ECS"
        case .external: "EXTERNAL"
        }
    }
}

extension ECSShapes.TaskSet {
    /// - Parameter tasks: all tasks of the service.
    init(_ set: TaskSetRecord, of service: ServiceRecord, _ tasks: [TaskRecord], showsTags: Bool) {
        self.init()
        let deployment = set.deployment
        let counts = TaskCounts(tasks.filter { $0.deployment == set.id })
        id = set.id.rawValue
        taskSetArn = set.id.taskSetARN(of: service.id)
        serviceArn = service.id.arn
        clusterArn = service.id.cluster.arn
        externalId = set.externalID
        status = set.status.wire
        taskDefinition = deployment.taskDefinition.arn
        computedDesiredCount = set.computedDesiredCount(of: service.desiredCount)
        pendingCount = counts.pending
        runningCount = counts.running
        createdAt = deployment.createdAt.wire
        updatedAt = set.updatedAt.wire
        setCapacity(
            deployment.launchType, deployment.capacityProviderStrategy,
            platform: resolvedPlatform(deployment.platformVersion))
        networkConfiguration = deployment.networkConfiguration.map(ECSShapes.NetworkConfiguration.init)
        loadBalancers = deployment.loadBalancers.map(ECSShapes.LoadBalancer.init)
        serviceRegistries = []
        scale = ECSShapes.Scale(value: set.scale, unit: "PERCENT")
        stabilityStatus = set.isStable ? "STEADY_STATE" : "STABILIZING"
        stabilityStatusAt = set.stabilityAt.wire
        if showsTags { tags = set.tags.tagShapes }
    }
}
