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
        if let count = request.desiredCount {
            self = desiring(.update(count: try ServiceRules.desiredCount(count)))
        }
        if let reference = request.taskDefinition {
            taskDefinition = try state.runnableDefinition(reference, call.scope).id
        }
        let definition = try state.definition(of: self).definition
        try applyCapacity(request, cluster, definition)
        if request.networkConfiguration != nil || request.taskDefinition != nil {
            networkConfiguration = try network(request, definition)
        }
        if request.placementConstraints != nil || request.placementStrategy != nil || request.taskDefinition != nil {
            let rules = try PlacementRules(
                request.placementConstraints ?? placementConstraints.map(ECSShapes.PlacementConstraint.init),
                request.placementStrategy ?? placementStrategy.map(ECSShapes.PlacementStrategy.init),
                definition: definition, on: launchType)
            placementConstraints = rules.constraints
            placementStrategy = rules.strategy
        }
        try configuration.apply(request.deploymentConfiguration)
        healthCheckGracePeriod =
            try ServiceRules.gracePeriod(request.healthCheckGracePeriodSeconds) ?? healthCheckGracePeriod
        if let setting = request.availabilityZoneRebalancing { availabilityZoneRebalancing = setting == "ENABLED" }
        enableECSManagedTags = request.enableECSManagedTags ?? enableECSManagedTags
        if let setting = request.propagateTags { propagateTags = setting == "NONE" ? nil : setting }
    }

    private mutating func applyCapacity(
        _ request: ECSShapes.UpdateServiceRequest, _ cluster: ClusterRecord, _ definition: TaskDefinition
    ) throws(APIFault) {
        if let strategy = request.capacityProviderStrategy {
            if strategy.isEmpty, cluster.defaultStrategy.isEmpty {
                throw .invalidParameter(
                    "No launch type to fall back to for empty capacity provider strategy. Your service was not created "
                        + "with a launch type.")
            }
            let target = try LaunchTarget(
                launchType: nil, strategy: strategy, platformVersion: request.platformVersion ?? platformVersion,
                cluster: cluster, definition: definition)
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
        // A definition that leaves awsvpc leaves the network of the one before behind.
        let kept = mode == .awsvpc ? networkConfiguration.map(ECSShapes.NetworkConfiguration.init) : nil
        return try NetworkConfiguration.checked(request.networkConfiguration ?? kept, for: mode, on: launchType)
    }

    /// Whether what tasks are made of differs.
    fileprivate func needsDeployment(for new: ServiceRecord) -> Bool {
        taskDefinition != new.taskDefinition || networkConfiguration != new.networkConfiguration
            || platformVersion != new.platformVersion
    }
}

extension StateSnapshot {
    /// What the service's tasks are made from.
    func definition(of service: ServiceRecord) throws(APIFault) -> TaskDefinitionRecord {
        guard let record = taskDefinitions[service.taskDefinition] else { throw .client("TaskDefinition not found.") }
        return record
    }
}
