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
        let deployments = state.serviceDeployments(of: id)
            .filter { record in
                (request.status.map { $0.isEmpty || $0.contains(record.status.wire) } ?? true)
                    && (request.createdAt?.after.map { record.createdAt > $0.stored } ?? true)
                    && (request.createdAt?.before.map { record.createdAt < $0.stored } ?? true)
            }
            .sorted { $0.listKey < $1.listKey }
        let (page, token) = paging.page(deployments, key: \.listKey)
        return ECSShapes.ListServiceDeploymentsResponse(
            serviceDeployments: page.map(ECSShapes.ServiceDeploymentBrief.init), nextToken: token)
    }
}

extension ServiceDeploymentRecord {
    /// Ascends as the time of creation descends; of equal width, so that text sorts as numbers do.
    fileprivate var listKey: String {
        let age = String(Int64.max - max(0, createdAt.milliseconds))
        return String(repeating: "0", count: max(0, 19 - age.utf8.count)) + age + "/" + id.id
    }
}
