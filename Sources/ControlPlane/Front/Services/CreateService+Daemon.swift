import AWSWire
import Domain
import ECSShapes
import Identifiers
import Placement
import StateStore
import TaskLifecycle

extension CreateService {
    /// A service with one task on every eligible host of the cluster; it wants as many as there are.
    ///
    /// - Throws: `InvalidParameterException` for what only services with a count have.
    func daemon(
        _ request: ECSShapes.CreateServiceRequest, _ id: ServiceID, _ cluster: ClusterRecord,
        _ definition: TaskDefinitionRecord, _ call: APICall, _ state: StateSnapshot
    ) throws(APIFault) -> ServiceRecord {
        try ServiceRules.refuseOfDaemons([
            ("desiredCount", request.desiredCount != nil),
            ("placementStrategy", request.placementStrategy?.isEmpty == false),
            ("capacityProviderStrategy", request.capacityProviderStrategy?.isEmpty == false),
            ("launchType FARGATE", request.launchType == "FARGATE"),
            ("distinctInstance", request.placementConstraints?.contains { $0.type == "distinctInstance" } == true),
        ])
        let target = try LaunchTarget(
            launchType: request.launchType ?? "EC2", strategy: nil, platformVersion: request.platformVersion,
            cluster: cluster, definition: definition.definition)
        let rules = try PlacementRules(
            request.placementConstraints, nil, definition: definition.definition, on: target.launchType)
        var configuration = DeploymentConfiguration.standard(.daemon)
        try configuration.apply(request.deploymentConfiguration, .daemon)
        let network = try NetworkConfiguration.checked(
            request.networkConfiguration, for: definition.definition.effectiveNetworkMode, on: target.launchType)
        var template = TaskTemplate(
            definition: definition, cluster: cluster.id, launchType: target.launchType, group: "service:\(id.name)")
        template.placementConstraints = rules.constraints
        let hosts = state.instances(in: cluster.id)
        let eligible = sampleTask(of: template).eligibleHosts(among: hosts, tasks: state.liveTasks(on:))
        var service = ServiceRecord(
            id: id, taskDefinition: definition.id, desiredCount: eligible.count, launchType: target.launchType,
            configuration: configuration, deployments: [], createdAt: call.now, createdBy: call.callerARN)
        service.schedulingStrategy = .daemon
        service.networkConfiguration = network
        service.placementConstraints = rules.constraints
        return service
    }
}
