import Domain
import ECSShapes
import Identifiers
import StateStore

extension ECSShapes.ECSExpressGatewayService {
    init(_ service: ServiceRecord, _ settings: ExpressSettings, in state: StateSnapshot, showsTags: Bool) {
        self.init()
        cluster = service.id.cluster.name
        serviceName = service.id.name
        serviceArn = service.id.arn
        infrastructureRoleArn = settings.infrastructureRoleARN
        status = ECSShapes.ExpressGatewayServiceStatus(service)
        currentDeployment =
            state.serviceDeployments(of: service.id)
            .max { ($0.createdAt, $0.id) < ($1.createdAt, $1.id) }?.id.arn
        activeConfigurations =
            service.status == .inactive
            ? nil
            : service.deployments.compactMap(\.revision).compactMap { state.serviceRevisions[$0] }
                .compactMap { ECSShapes.ExpressGatewayServiceConfiguration($0, in: state) }
        createdAt = service.createdAt.wire
        updatedAt = settings.updatedAt.wire
        if showsTags { tags = service.tags.tagShapes }
    }
}

extension ECSShapes.ExpressGatewayServiceStatus {
    init(_ service: ServiceRecord) {
        self.init(statusCode: service.status.wire)
    }
}

extension ECSShapes.ExpressGatewayServiceConfiguration {
    /// What one revision of the service was made with.
    ///
    /// nil when its definition is gone.
    init?(_ revision: ServiceRevisionRecord, in state: StateSnapshot) {
        guard let definition = state.definition(revision.taskDefinition) else { return nil }
        self.init()
        serviceRevisionArn = revision.id.arn
        executionRoleArn = definition.executionRoleARN
        taskRoleArn = definition.taskRoleARN
        cpu = definition.cpu.map { String($0.value) }
        memory = definition.memory.map { String($0.value) }
        networkConfiguration = revision.networkConfiguration.flatMap { network in
            guard !network.subnets.isEmpty || !network.securityGroups.isEmpty else { return nil }
            return ECSShapes.ExpressGatewayServiceNetworkConfiguration(
                securityGroups: network.securityGroups.nonEmpty, subnets: network.subnets.nonEmpty)
        }
        healthCheckPath = revision.express?.healthCheckPath
        primaryContainer = ECSShapes.ExpressGatewayContainer(definition)
        scalingTarget = revision.express.map { ECSShapes.ExpressGatewayScalingTarget($0.scaling) }
        if let ingress = revision.express?.ingress, state.listenerRules[ingress.rule] != nil {
            ingressPaths = [ECSShapes.IngressPathSummary(accessType: "PUBLIC", endpoint: ingress.endpoint)]
        }
        createdAt = revision.createdAt.wire
    }
}

extension ECSShapes.ExpressGatewayScalingTarget {
    init(_ scaling: ExpressSettings.Scaling) {
        self.init(
            minTaskCount: scaling.minimum, maxTaskCount: scaling.maximum, autoScalingMetric: scaling.metric.wire,
            autoScalingTargetValue: scaling.target)
    }
}
