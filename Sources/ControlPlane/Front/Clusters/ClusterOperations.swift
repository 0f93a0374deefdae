import AWSWire
import Domain
import ECSShapes
import Identifiers
import StateStore

/// The operations on clusters.
enum ClusterOperations {
    static func all(_ ports: FrontPorts) -> [Operation] {
        [
            Operation(CreateCluster(store: ports.store)), Operation(DescribeClusters(store: ports.store)),
            Operation(ListClusters(store: ports.store)), Operation(DeleteCluster(store: ports.store)),
            Operation(UpdateCluster(store: ports.store)), Operation(UpdateClusterSettings(store: ports.store)),
            Operation(PutClusterCapacityProviders(store: ports.store)),
        ]
    }
}

/// Shows clusters, deleted ones included; `default` when none is named.
struct DescribeClusters: OperationHandler {
    let store: any StateStore

    func answer(
        _ request: ECSShapes.DescribeClustersRequest, _ call: APICall
    ) async throws(APIFault) -> ECSShapes.DescribeClustersResponse {
        let references = request.clusters ?? []
        if references.count > 100 { throw .invalidParameter("Clusters can not have more than 100 elements.") }
        let state = store.committed()
        let detail = ClusterDetail(include: request.include)
        var answer = ECSShapes.DescribeClustersResponse(clusters: [], failures: [])
        for reference in references.isEmpty ? ["default"] : references {
            let id = try clusterID(reference, call.scope)
            if let record = state.clusters[id] {
                answer.clusters?.append(ECSShapes.Cluster(record, in: state, detail))
            } else {
                answer.failures?.append(.missing(id.arn))
            }
        }
        return answer
    }
}

struct ListClusters: OperationHandler {
    let store: any StateStore

    func answer(
        _ request: ECSShapes.ListClustersRequest, _ call: APICall
    ) async throws(APIFault) -> ECSShapes.ListClustersResponse {
        let paging = try Paging(request.maxResults, request.nextToken)
        let start = paging.last.map { ClusterID(scope: call.scope, name: $0) }
        let clusters = store.committed().clusters.values(from: start).lazy.map { $0.1 }
            .filter { $0.id.scope == call.scope && $0.status == .active }
        let (page, token) = paging.page(clusters) { $0.id.name }
        return ECSShapes.ListClustersResponse(clusterArns: page.map(\.id.arn), nextToken: token)
    }
}

/// Makes a cluster INACTIVE when nothing is in it any more. It stays describable.
struct DeleteCluster: OperationHandler {
    let store: any StateStore

    func answer(
        _ request: ECSShapes.DeleteClusterRequest, _ call: APICall
    ) async throws(APIFault) -> ECSShapes.DeleteClusterResponse {
        let id = try clusterID(request.cluster, call.scope)
        let record = try await store.write { transaction throws(APIFault) in
            let state = transaction.state
            guard var cluster = state.clusters[id] else { throw .clusterNotFound() }
            if cluster.status == .inactive { return cluster }
            if state.instances(in: id).contains(where: { $0.status != .inactive }) {
                throw .clusterContainsContainerInstances()
            }
            if state.services(in: id).contains(where: { $0.status == .active }) { throw .clusterContainsServices() }
            if state.daemons(in: id).contains(where: { _ in true }) {
                throw .invalidParameter("The Cluster cannot be deleted while Daemons are active.")
            }
            if state.tasks(in: id).contains(where: \.isLive) { throw .clusterContainsTasks() }
            cluster.status = .inactive
            cluster.tags = []
            transaction.put(cluster)
            return cluster
        }
        return ECSShapes.DeleteClusterResponse(cluster: ECSShapes.Cluster(record, in: store.committed()))
    }
}
