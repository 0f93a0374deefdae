import AWSWire
import Domain
import ECSShapes
import Identifiers
import StateStore

/// Begins the end of a service: it drains, and the services controller makes it INACTIVE when its tasks are gone.
struct DeleteService: OperationHandler {
    let store: any StateStore

    func answer(
        _ request: ECSShapes.DeleteServiceRequest, _ call: APICall
    ) async throws(APIFault) -> ECSShapes.DeleteServiceResponse {
        let cluster = try store.committed().cluster(request.cluster, call.scope)
        guard let id = cluster.id.service(request.service ?? "") else { throw .serviceNotFound() }
        let isForced = request.force ?? false
        let stored = try await store.write { transaction throws(APIFault) in
            guard let service = transaction.state.services[id], service.status != .inactive else {
                throw .serviceNotFound()
            }
            if service.status == .draining { return service }
            if !isForced { try service.checkIdle(in: transaction.state) }
            var draining = service.desiring(.deletion)
            for index in draining.taskSets.indices {
                draining.taskSets[index].status = .draining
                draining.taskSets[index].scale = 0
            }
            transaction.put(draining)
            return draining
        }
        return ECSShapes.DeleteServiceResponse(
            service: ECSShapes.Service(stored, in: store.committed(), showsTags: true))
    }
}

extension ServiceRecord {
    /// - Throws: `InvalidParameterException` while the service wants tasks, or still has some of an old deployment.
    fileprivate func checkIdle(in state: StateSnapshot) throws(APIFault) {
        // A daemon cannot be scaled down.
        if desiredCount > 0, schedulingStrategy == .replica {
            throw .invalidParameter("The service cannot be stopped while the primary deployment is scaled above 0.")
        }
        let wanted = Set(state.liveTasks(of: id).filter { $0.desiredStatus == .running }.compactMap(\.deployment))
        let hasOld = deployments.contains { $0.status == .active && wanted.contains($0.id) }
        if hasOld || taskSets.contains(where: { $0.status != .draining }) {
            throw .invalidParameter("The service cannot be stopped while deployments are active.")
        }
    }
}
