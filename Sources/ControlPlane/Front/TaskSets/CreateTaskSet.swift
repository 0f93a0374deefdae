import AWSWire
import Domain
import ECSShapes
import Identifiers
import JSONBytes
import StateStore

/// Adds a task set to a service with the EXTERNAL deployment controller; the services controller starts its tasks.
struct CreateTaskSet: OperationHandler {
    let store: any StateStore
    let ids: any IDSource

    /// As many as AWS allows one service at a time; draining ones do not count.
    static let limit = 5

    func answer(
        _ request: ECSShapes.CreateTaskSetRequest, _ call: APICall
    ) async throws(APIFault) -> ECSShapes.CreateTaskSetResponse {
        let inert = try AcceptedSettings.check(.taskSet, request) + AcceptedSettings.check(.service, request)
        let digest = requestDigest(request)
        let token = try ServiceRules.clientToken(request.clientToken)
        let id = ids.deploymentID()
        let (service, set) = try await store.write { transaction throws(APIFault) in
            var service = try transaction.state.serviceOfTaskSets(request.service, in: request.cluster, call.scope)
            guard service.status == .active else { throw .serviceNotActive() }
            guard service.controller == .external else {
                throw .invalidParameter(
                    "Task sets can be created only for services with the EXTERNAL deployment controller.")
            }
            if let token, let earlier = service.taskSets.first(where: { $0.clientToken == token }) {
                guard earlier.requestDigest == digest else {
                    throw .invalidParameter("Creation of task set was not idempotent.")
                }
                return (service, earlier)
            }
            guard service.taskSets.count(where: { $0.status != .draining }) < Self.limit else {
                throw .limitExceeded("The service has \(Self.limit) task sets already.")
            }
            var set = try Self.taskSet(id, request, of: service, call, transaction.state)
            set.clientToken = token
            set.requestDigest = token == nil ? nil : digest
            service.taskSets.append(set)
            service.isSteady = false
            let definition = try transaction.state.runnableDefinition(request.taskDefinition, call.scope)
            let reported = try inert + AcceptedSettings.reported(by: definition)
            let events = ServiceRules.report(reported, of: service.id, ids: ids, now: call.now)
            service.events = Array((events + service.events).prefix(100))
            transaction.put(service)
            return (service, set)
        }
        let tasks = store.committed().tasks(of: service.id)
        return ECSShapes.CreateTaskSetResponse(
            taskSet: ECSShapes.TaskSet(set, of: service, tasks, showsTags: !set.tags.isEmpty))
    }

    private static func taskSet(
        _ id: DeploymentID, _ request: ECSShapes.CreateTaskSetRequest, of service: ServiceRecord, _ call: APICall,
        _ state: StateSnapshot
    ) throws(APIFault) -> TaskSetRecord {
        let definition = try state.runnableDefinition(request.taskDefinition, call.scope)
        let target = try LaunchTarget(
            launchType: request.launchType, strategy: request.capacityProviderStrategy,
            platformVersion: request.platformVersion, cluster: state.cluster(request.cluster, call.scope),
            definition: definition.definition)
        // The service's own placement must suit where these tasks run.
        _ = try PlacementRules(
            service.placementConstraints.map(ECSShapes.PlacementConstraint.init),
            service.placementStrategy.map(ECSShapes.PlacementStrategy.init), definition: definition.definition,
            on: target.launchType)
        var deployment = DeploymentRecord(
            id: id, status: .active, taskDefinition: definition.id, createdAt: call.now,
            launchType: target.launchType)
        deployment.capacityProviderStrategy = target.strategy
        deployment.platformVersion = target.platformVersion
        deployment.networkConfiguration = try NetworkConfiguration.checked(
            request.networkConfiguration, for: definition.definition.effectiveNetworkMode, on: target.launchType)
        deployment.loadBalancers = try ServiceLoadBalancers.read(request.loadBalancers ?? [])
        try ServiceLoadBalancers.check(
            deployment.loadBalancers, definition.definition, on: target.launchType, in: state)
        var set = TaskSetRecord(deployment: deployment, scale: try TaskSetOperations.scale(request.scale))
        set.externalID = request.externalId
        set.tags = try Tags.checked(request.tags)
        return set
    }
}
