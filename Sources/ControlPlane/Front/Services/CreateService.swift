import AWSWire
import Domain
import ECSShapes
import Identifiers
import JSONBytes
import StateStore

/// Stores a service with its first deployment; the services controller starts the tasks.
struct CreateService: OperationHandler {
    let store: any StateStore
    let ids: any IDSource

    func answer(
        _ request: ECSShapes.CreateServiceRequest, _ call: APICall
    ) async throws(APIFault) -> ECSShapes.CreateServiceResponse {
        let inert = try AcceptedSettings.check(.service, request)
        let state = store.committed()
        let cluster = try state.cluster(request.cluster, call.scope)
        let record = try service(request, cluster, inert, call, state)
        let names = DeploymentNames(ids)
        let stored = try await store.write { transaction throws(APIFault) in
            let cluster = try transaction.state.cluster(request.cluster, call.scope)
            try CapacityStrategy.checkAssociated(record.capacityProviderStrategy, cluster.capacityProviders)
            var definition: TaskDefinitionRecord?
            if let id = record.taskDefinition {
                definition = try transaction.state.runnableDefinition(id.arn, call.scope)
            }
            if let definition {
                try ServiceLoadBalancers.check(
                    record.loadBalancers, definition.definition, on: record.launchType, in: transaction.state)
            }
            if let existing = try transaction.state.services[record.id]?.made(again: record) { return existing }
            var service = record
            if let definition {
                transaction.begin(&service, names, of: definition, now: call.now)
            } else {
                transaction.put(service)
            }
            return service
        }
        return ECSShapes.CreateServiceResponse(
            service: ECSShapes.Service(stored, in: store.committed(), showsTags: true))
    }

    private func service(
        _ request: ECSShapes.CreateServiceRequest, _ cluster: ClusterRecord, _ inert: [InertSetting], _ call: APICall,
        _ state: StateSnapshot
    ) throws(APIFault) -> ServiceRecord {
        let name = request.serviceName ?? ""
        guard ResourceName.isValid(name) else { throw .invalidParameter(ResourceName.rule("service name")) }
        let id = ServiceID(cluster: cluster.id, name: name)
        var reported = inert
        var service: ServiceRecord
        if request.deploymentController?.type == "EXTERNAL" {
            service = try external(request, id, call)
        } else {
            let definition = try state.runnableDefinition(request.taskDefinition, call.scope)
            service =
                request.schedulingStrategy == "DAEMON"
                ? try daemon(request, id, cluster, definition, call, state)
                : try deployed(request, id, cluster, definition, call)
            reported += try AcceptedSettings.reported(by: definition)
            service.loadBalancers = try ServiceLoadBalancers.read(request.loadBalancers ?? [])
            try service.configuration.checkTraffic(
                service.loadBalancers, shiftsTraffic: request.serviceConnectConfiguration?.enabled == true)
        }
        service.healthCheckGracePeriod = try ServiceRules.gracePeriod(request.healthCheckGracePeriodSeconds)
        service.clientToken = try ServiceRules.clientToken(request.clientToken)
        service.requestDigest = service.clientToken == nil ? nil : requestDigest(request)
        service.availabilityZoneRebalancing = try service.rebalances(request.availabilityZoneRebalancing) ?? false
        service.enableECSManagedTags = request.enableECSManagedTags ?? false
        service.propagateTags = request.propagateTags == "NONE" ? nil : request.propagateTags
        service.tags = try Tags.checked(request.tags)
        service.events = ServiceRules.report(reported, of: service.id, ids: ids, now: call.now)
        return service
    }

    /// A service whose deployments the services controller carries out.
    private func deployed(
        _ request: ECSShapes.CreateServiceRequest, _ id: ServiceID, _ cluster: ClusterRecord,
        _ definition: TaskDefinitionRecord, _ call: APICall
    ) throws(APIFault) -> ServiceRecord {
        let target = try LaunchTarget(
            launchType: request.launchType, strategy: request.capacityProviderStrategy,
            platformVersion: request.platformVersion, cluster: cluster, definition: definition.definition)
        let rules = try PlacementRules(
            request.placementConstraints, request.placementStrategy, definition: definition.definition,
            on: target.launchType)
        var configuration = DeploymentConfiguration()
        try configuration.apply(request.deploymentConfiguration)
        var service = ServiceRecord(
            id: id, taskDefinition: definition.id, desiredCount: try ServiceRules.desiredCount(request.desiredCount),
            launchType: target.launchType, configuration: configuration, deployments: [], createdAt: call.now,
            createdBy: call.callerARN)
        service.createdLaunchType = request.launchType == nil ? nil : target.launchType
        service.capacityProviderStrategy = target.strategy
        service.platformVersion = target.platformVersion
        service.networkConfiguration = try NetworkConfiguration.checked(
            request.networkConfiguration, for: definition.definition.effectiveNetworkMode, on: target.launchType)
        service.placementConstraints = rules.constraints
        service.placementStrategy = rules.strategy
        return service
    }

    /// A service whose tasks come with task sets: what they are made of is theirs.
    private func external(
        _ request: ECSShapes.CreateServiceRequest, _ id: ServiceID, _ call: APICall
    ) throws(APIFault) -> ServiceRecord {
        if request.schedulingStrategy == "DAEMON" {
            throw .invalidParameter("The DAEMON scheduling strategy needs the ECS deployment controller.")
        }
        try ServiceRules.refuseOfTaskSets([
            ("taskDefinition", request.taskDefinition != nil), ("launchType", request.launchType != nil),
            ("capacityProviderStrategy", request.capacityProviderStrategy?.isEmpty == false),
            ("platformVersion", request.platformVersion != nil),
            ("networkConfiguration", request.networkConfiguration != nil),
            ("loadBalancers", request.loadBalancers?.isEmpty == false),
            (
                "deploymentConfiguration.deploymentCircuitBreaker",
                request.deploymentConfiguration?.deploymentCircuitBreaker?.enable == true
            ),
        ])
        let rules = try PlacementRules(
            request.placementConstraints, request.placementStrategy, definition: TaskDefinition(containers: []),
            on: .ec2)
        var configuration = DeploymentConfiguration()
        try configuration.apply(request.deploymentConfiguration)
        try configuration.checkController(.external)
        var service = ServiceRecord(
            id: id, taskDefinition: nil, desiredCount: try ServiceRules.desiredCount(request.desiredCount ?? 0),
            launchType: .ec2, configuration: configuration, deployments: [], createdAt: call.now,
            createdBy: call.callerARN)
        service.controller = .external
        service.placementConstraints = rules.constraints
        service.placementStrategy = rules.strategy
        return service
    }
}
