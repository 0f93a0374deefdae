import AWSWire
import Domain
import ECSShapes
import Identifiers
import Placement
import StateStore

/// Lists the hosts of a cluster, those that were deregistered left out unless asked for.
struct ListContainerInstances: OperationHandler {
    let store: any StateStore
    let presence: HostPresence

    func answer(
        _ request: ECSShapes.ListContainerInstancesRequest, _ call: APICall
    ) async throws(APIFault) -> ECSShapes.ListContainerInstancesResponse {
        let paging = try Paging(request.maxResults, request.nextToken)
        let state = store.committed()
        let cluster = try state.cluster(request.cluster, call.scope)
        let query = try request.filter.flatMap { $0.isEmpty ? nil : $0 }.map(PlacementRules.query)
        let instances = state.instances(in: cluster.id).lazy.filter { record in
            guard request.status.map({ record.status.wire == $0 }) ?? (record.status != .inactive) else { return false }
            guard let query else { return true }
            let host = PlacementHost(
                record: record, isConnected: presence.isConnected(record.id), tasks: state.tasks(on: record.id))
            return query.admits(host)
        }
        let (page, token) = paging.page(instances) { $0.id.id }
        return ECSShapes.ListContainerInstancesResponse(containerInstanceArns: page.map(\.arn), nextToken: token)
    }
}
