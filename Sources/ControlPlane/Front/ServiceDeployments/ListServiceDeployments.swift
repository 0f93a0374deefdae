import AWSWire
import Domain
import ECSShapes
import Identifiers
import StateStore

/// The service deployments of one service, newest first.
struct ListServiceDeployments: OperationHandler {
    let store: any StateStore

    func answer(
        _ request: ECSShapes.ListServiceDeploymentsRequest, _ call: APICall
    ) async throws(APIFault) -> ECSShapes.ListServiceDeploymentsResponse {
        let paging = try Paging(request.maxResults, request.nextToken, standard: 20)
        let state = store.committed()
        let cluster = try state.cluster(request.cluster, call.scope)
        guard let id = cluster.id.service(request.service ?? ""), state.services[id] != nil else {
            throw .serviceNotFound()
        }
        let (page, token) = paging.history(
            state.serviceDeployments(of: id), statuses: request.status, made: request.createdAt
        ) { ($0.createdAt, $0.status.wire, $0.id.id) }
        return ECSShapes.ListServiceDeploymentsResponse(
            serviceDeployments: page.map(ECSShapes.ServiceDeploymentBrief.init), nextToken: token)
    }
}
