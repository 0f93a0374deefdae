import AWSWire
import Domain
import ECSShapes
import Identifiers
import StateStore

/// Changes what a service shall be. What its tasks are made of begins a new deployment; the rest takes effect as it is.
struct UpdateService: OperationHandler {
    let store: any StateStore
    let ids: any IDSource

    func answer(
        _ request: ECSShapes.UpdateServiceRequest, _ call: APICall
    ) async throws(APIFault) -> ECSShapes.UpdateServiceResponse {
        var inert = try AcceptedSettings.check(.service, request)
        let state = store.committed()
        let cluster = try state.cluster(request.cluster, call.scope)
        guard let id = cluster.id.service(request.service ?? ""), state.services[id] != nil else {
            throw .serviceNotFound()
        }
        if let reference = request.taskDefinition {
            inert += try AcceptedSettings.reported(by: state.runnableDefinition(reference, call.scope))
        }
        let events = ServiceRules.report(inert, of: id, ids: ids, now: call.now)
        let names = DeploymentNames(ids)
        let stored = try await store.write { transaction throws(APIFault) in
            guard var service = transaction.state.services[id] else { throw .serviceNotFound() }
            guard service.status == .active else { throw .serviceNotActive() }
            // Its capacity providers may have changed since.
            let cluster = try transaction.state.cluster(request.cluster, call.scope)
            let before = service
            try service.apply(request, cluster, call, transaction.state)
            let begins = before.needsDeployment(for: service) || request.forceNewDeployment == true
            guard begins || service != before else { return service }
            service.events = Array((events + service.events).prefix(100))
            if begins {
                let definition = try transaction.state.definition(of: service)
                transaction.begin(&service, names, of: definition, now: call.now)
            } else {
                transaction.put(service)
            }
            return service
        }
        return ECSShapes.UpdateServiceResponse(
            service: ECSShapes.Service(stored, in: store.committed(), showsTags: true))
    }
}

extension ServiceRecord {
    fileprivate mutating func apply(
        _ request: ECSShapes.UpdateServiceRequest, _ cluster: ClusterRecord, _ call: APICall, _ state: StateSnapshot
    ) throws(APIFault) {
        if let type = request.deploymentController?.type, type != controller.wire {
            throw .unsupportedFeature(
                "deploymentController.type cannot be changed from \(controller.wire) to \(type).")
        }
        if schedulingStrategy == .daemon {
            try ServiceRules.refuseOfDaemons([
                ("desiredCount", request.desiredCount != nil),
                ("placementStrategy", request.placementStrategy?.isEmpty == false),
                ("capacityProviderStrategy", request.capacityProviderStrategy?.isEmpty == false),
                ("distinctInstance", request.placementConstraints?.contains { $0.type == "distinctInstance" } == true),
            ])
        }
        if let count = request.desiredCount {
            self = desiring(.update(count: try ServiceRules.desiredCount(count)))
        }
        if controller == .ecs {
            try applyDeployment(request, cluster, call, state)
        } else {
            try refuseDeployment(request)
            try applyPlacement(request, TaskDefinition(containers: []))
        }
        try configuration.apply(request.deploymentConfiguration, schedulingStrategy)
        try configuration.checkController(controller)
        try configuration.checkTraffic(
            loadBalancers, shiftsTraffic: request.serviceConnectConfiguration?.enabled == true)
        healthCheckGracePeriod =
            try ServiceRules.gracePeriod(request.healthCheckGracePeriodSeconds) ?? healthCheckGracePeriod
        if let setting = request.availabilityZoneRebalancing {
            availabilityZoneRebalancing = try rebalances(setting) ?? availabilityZoneRebalancing
        } else if availabilityZoneRebalancing {
            // It ends with the last of what made it possible, as it does not begin without.
            availabilityZoneRebalancing = try rebalances(nil) ?? false
        }
        enableECSManagedTags = request.enableECSManagedTags ?? enableECSManagedTags
        if let setting = request.propagateTags { propagateTags = setting == "NONE" ? nil : setting }
    }

    /// What tasks are made of and where they run.
    private mutating func applyDeployment(
        _ request: ECSShapes.UpdateServiceRequest, _ cluster: ClusterRecord, _ call: APICall, _ state: StateSnapshot
    ) throws(APIFault) {
        if let reference = request.taskDefinition {
            taskDefinition = try state.runnableDefinition(reference, call.scope).id
        }
        let definition = try state.definition(of: self).definition
        try applyCapacity(request, cluster, definition)
        if request.networkConfiguration != nil || request.taskDefinition != nil {
            networkConfiguration = try network(request, definition)
        }
        try applyPlacement(request, definition)
        if let ports = request.loadBalancers { loadBalancers = try ServiceLoadBalancers.read(ports) }
        if request.loadBalancers != nil || request.taskDefinition != nil {
            try ServiceLoadBalancers.check(loadBalancers, definition, on: launchType, in: state)
        }
    }

    private mutating func applyPlacement(
        _ request: ECSShapes.UpdateServiceRequest, _ definition: TaskDefinition
    ) throws(APIFault) {
        guard
            request.placementConstraints != nil || request.placementStrategy != nil || request.taskDefinition != nil
                || request.capacityProviderStrategy != nil
        else { return }
        let rules = try PlacementRules(
            request.placementConstraints ?? placementConstraints.map(ECSShapes.PlacementConstraint.init),
            request.placementStrategy ?? placementStrategy.map(ECSShapes.PlacementStrategy.init),
            definition: definition, on: launchType)
        placementConstraints = rules.constraints
        placementStrategy = rules.strategy
    }

    /// With an external controller these are decided by task sets.
    private func refuseDeployment(_ request: ECSShapes.UpdateServiceRequest) throws(APIFault) {
        try ServiceRules.refuseOfTaskSets([
            ("taskDefinition", request.taskDefinition != nil),
            ("capacityProviderStrategy", request.capacityProviderStrategy?.isEmpty == false),
            ("platformVersion", request.platformVersion != nil),
            ("networkConfiguration", request.networkConfiguration != nil),
            ("loadBalancers", request.loadBalancers?.isEmpty == false),
            ("forceNewDeployment", request.forceNewDeployment == true),
            (
                "deploymentConfiguration.deploymentCircuitBreaker",
                request.deploymentConfiguration?.deploymentCircuitBreaker?.enable == true
            ),
        ])
    }

    private mutating func applyCapacity(
        _ request: ECSShapes.UpdateServiceRequest, _ cluster: ClusterRecord, _ definition: TaskDefinition
    ) throws(APIFault) {
        if let strategy = request.capacityProviderStrategy, schedulingStrategy != .daemon {
            let fallback = strategy.isEmpty ? createdLaunchType : nil
            if strategy.isEmpty, fallback == nil, cluster.defaultStrategy.isEmpty {
                throw .invalidParameter(
                    "No launch type to fall back to for empty capacity provider strategy. Your service was not created "
                        + "with a launch type.")
            }
            var target = try LaunchTarget(
                launchType: fallback?.wireName, strategy: strategy, platformVersion: request.platformVersion,
                cluster: cluster, definition: definition)
            if target.launchType.isManaged, request.platformVersion == nil {
                target.platformVersion = platformVersion ?? target.platformVersion
            }
            guard target.strategy == capacityProviderStrategy || request.forceNewDeployment == true else {
                throw .invalidParameter(
                    "When switching from launch type to capacity provider strategy on an existing service, or making a "
                        + "change to a capacity provider strategy on a service that is already using one, you must force "
                        + "a new deployment.")
            }
            launchType = target.launchType
            capacityProviderStrategy = target.strategy
            platformVersion = target.platformVersion
            return
        }
        try LaunchTarget.check(definition, supports: launchType)
        guard let version = request.platformVersion else { return }
        var target = try LaunchTarget(
            launchType: launchType.wireName, strategy: nil, platformVersion: nil, cluster: cluster,
            definition: definition)
        try target.setPlatform(version)
        platformVersion = target.platformVersion
    }

    private func network(
        _ request: ECSShapes.UpdateServiceRequest, _ definition: TaskDefinition
    ) throws(APIFault) -> NetworkConfiguration? {
        let mode = definition.effectiveNetworkMode
        // What is there was checked when it came; that of an Express service names no subnet.
        if request.networkConfiguration == nil, mode == .awsvpc, let networkConfiguration {
            return networkConfiguration
        }
        // A definition that leaves awsvpc leaves the network of the one before behind.
        let kept = mode == .awsvpc ? networkConfiguration.map(ECSShapes.NetworkConfiguration.init) : nil
        return try NetworkConfiguration.checked(request.networkConfiguration ?? kept, for: mode, on: launchType)
    }

    /// Whether what tasks are made of differs.
    fileprivate func needsDeployment(for new: ServiceRecord) -> Bool {
        taskDefinition != new.taskDefinition || networkConfiguration != new.networkConfiguration
            || platformVersion != new.platformVersion || loadBalancers != new.loadBalancers
    }
}

extension StateSnapshot {
    /// What the service's tasks are made from.
    func definition(of service: ServiceRecord) throws(APIFault) -> TaskDefinitionRecord {
        guard let record = service.taskDefinition.flatMap({ taskDefinitions[$0] }) else {
            throw .client("TaskDefinition not found.")
        }
        return record
    }
}
