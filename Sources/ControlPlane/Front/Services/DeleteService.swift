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
            if service.desiredCount > 0, !isForced {
                throw .invalidParameter(
                    "The service cannot be stopped while the primary deployment is scaled above 0.")
            }
            let draining = service.desiring(.deletion)
            transaction.put(draining)
            return draining
        }
        return ECSShapes.DeleteServiceResponse(
            service: ECSShapes.Service(stored, in: store.committed(), showsTags: true))
    }
}
