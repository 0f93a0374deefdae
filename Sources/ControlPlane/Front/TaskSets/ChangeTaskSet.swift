import AWSWire
import Domain
import ECSShapes
import Identifiers
import StateStore

/// Gives a task set another share of the service's desired count.
struct UpdateTaskSet: OperationHandler {
    let store: any StateStore

    func answer(
        _ request: ECSShapes.UpdateTaskSetRequest, _ call: APICall
    ) async throws(APIFault) -> ECSShapes.UpdateTaskSetResponse {
        guard request.scale?.value != nil else { throw .invalidParameter("scale.value must be specified.") }
        let scale = try TaskSetOperations.scale(request.scale)
        let target = TaskSetTarget(cluster: request.cluster, service: request.service, taskSet: request.taskSet)
        let shape = try await target.change(in: store, call) { service, index, _ throws(APIFault) in
            guard service.taskSets[index].status != .draining else { throw .taskSetNotFound() }
            guard service.taskSets[index].scale != scale else { return }
            service.taskSets[index].scale = scale
            service.taskSets[index].unsettle(at: call.now)
        }
        return ECSShapes.UpdateTaskSetResponse(taskSet: shape)
    }
}

/// Begins the end of a task set: its tasks stop, then it is gone.
struct DeleteTaskSet: OperationHandler {
    let store: any StateStore

    func answer(
        _ request: ECSShapes.DeleteTaskSetRequest, _ call: APICall
    ) async throws(APIFault) -> ECSShapes.DeleteTaskSetResponse {
        let target = TaskSetTarget(cluster: request.cluster, service: request.service, taskSet: request.taskSet)
        let shape = try await target.change(in: store, call) { service, index, state throws(APIFault) in
            let set = service.taskSets[index]
            // Tasks that never found a host are nothing to scale down.
            let hasTasks = state.liveTasks(of: service.id).contains { $0.deployment == set.id && $0.placement != nil }
            if hasTasks, set.computedDesiredCount(of: service.desiredCount) > 0, request.force != true {
                throw .invalidParameter(
                    "The task set cannot be deleted while it is scaled above 0. Scale it down, or use force.")
            }
            if set.status == .primary { service.followNoTaskSet() }
            service.taskSets[index].status = .draining
            service.taskSets[index].scale = 0
            service.taskSets[index].unsettle(at: call.now)
        }
        return ECSShapes.DeleteTaskSetResponse(taskSet: shape)
    }
}

/// Makes a task set the primary one: the service shows its settings.
struct UpdateServicePrimaryTaskSet: OperationHandler {
    let store: any StateStore

    func answer(
        _ request: ECSShapes.UpdateServicePrimaryTaskSetRequest, _ call: APICall
    ) async throws(APIFault) -> ECSShapes.UpdateServicePrimaryTaskSetResponse {
        let target = TaskSetTarget(
            cluster: request.cluster, service: request.service, taskSet: request.primaryTaskSet)
        let shape = try await target.change(in: store, call) { service, index, _ throws(APIFault) in
            guard service.taskSets[index].status != .draining else { throw .taskSetNotFound() }
            for other in service.taskSets.indices where service.taskSets[other].status == .primary {
                service.taskSets[other].status = .active
            }
            service.taskSets[index].status = .primary
            service.follow(service.taskSets[index])
        }
        return ECSShapes.UpdateServicePrimaryTaskSetResponse(taskSet: shape)
    }
}

/// The task set that a request names.
private struct TaskSetTarget: Sendable {
    var cluster: String?
    var service: String?
    var taskSet: String?

    /// Changes the task set in one transaction and shows it.
    ///
    /// - Throws: `TaskSetNotFoundException`, `ServiceNotActiveException` and what `body` throws.
    func change(
        in store: any StateStore, _ call: APICall,
        _ body: @Sendable (inout ServiceRecord, Int, StateSnapshot) throws(APIFault) -> Void
    ) async throws(APIFault) -> ECSShapes.TaskSet {
        let (service, set) = try await store.write { transaction throws(APIFault) in
            var service = try transaction.state.serviceOfTaskSets(self.service, in: cluster, call.scope)
            guard let index = service.taskSetIndex(taskSet ?? "") else { throw .taskSetNotFound() }
            guard service.status == .active else { throw .serviceNotActive() }
            let before = service
            try body(&service, index, transaction.state)
            if service != before {
                service.taskSets[index].updatedAt = call.now
                service.isSteady = false
                transaction.put(service)
            }
            return (service, service.taskSets[index])
        }
        return ECSShapes.TaskSet(set, of: service, store.committed().tasks(of: service.id), showsTags: false)
    }
}

extension TaskSetRecord {
    /// It shall have other tasks from now on.
    fileprivate mutating func unsettle(at now: Timestamp) {
        guard isStable else { return }
        isStable = false
        stabilityAt = now
    }
}

extension ServiceRecord {
    /// Takes over what the primary task set is made of.
    fileprivate mutating func follow(_ set: TaskSetRecord) {
        taskDefinition = set.deployment.taskDefinition
        launchType = set.deployment.launchType
        capacityProviderStrategy = set.deployment.capacityProviderStrategy
        platformVersion = set.deployment.platformVersion
        networkConfiguration = set.deployment.networkConfiguration
    }

    /// Without a primary task set the service has none of its settings.
    fileprivate mutating func followNoTaskSet() {
        taskDefinition = nil
        launchType = .ec2
        capacityProviderStrategy = []
        platformVersion = nil
        networkConfiguration = nil
    }
}
