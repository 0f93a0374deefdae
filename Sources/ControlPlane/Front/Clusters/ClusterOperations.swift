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
        ]
    }
}

/// Creates a cluster, or returns the active one of that name.
struct CreateCluster: OperationHandler {
    let store: any StateStore

    func answer(
        _ request: ECSShapes.CreateClusterRequest, _ call: APICall
    ) async throws(APIFault) -> ECSShapes.CreateClusterResponse {
        try AcceptedSettings.check(.cluster, request)
        let name = request.clusterName ?? "default"
        guard ResourceName.isValid(name) else { throw .invalidParameter(ResourceName.rule("cluster name")) }
        let id = ClusterID(scope: call.scope, name: name)
        var wanted = ClusterRecord(id: id, createdAt: call.now)
        wanted.settings = (request.settings ?? []).map { KeyValue(key: $0.name ?? "", value: $0.value ?? "") }
        if !wanted.settings.contains(where: { $0.key == "containerInsights" }) {
            wanted.settings.append(store.committed().containerInsights(for: call))
        }
        wanted.settings.sort { $0.key < $1.key }
        wanted.capacityProviders = try CapacityProviders.names(request.capacityProviders)
        wanted.defaultStrategy = try CapacityProviders.strategy(
            request.defaultCapacityProviderStrategy, associated: wanted.capacityProviders)
        wanted.tags = try Tags.checked(request.tags)
        let record = wanted
        let stored = try await store.write { transaction throws(APIFault) in
            if let existing = transaction.state.clusters[id], existing.status == .active { return existing }
            transaction.put(record)
            return record
        }
        let counts = ClusterCounts(of: id, in: store.committed())
        return ECSShapes.CreateClusterResponse(cluster: ECSShapes.Cluster(stored, counts, [.settings, .tags]))
    }
}

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
                let counts = ClusterCounts(of: id, in: state)
                answer.clusters?.append(ECSShapes.Cluster(record, counts, detail))
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
            if state.tasks(in: id).contains(where: \.isLive) { throw .clusterContainsTasks() }
            cluster.status = .inactive
            cluster.tags = []
            transaction.put(cluster)
            return cluster
        }
        let counts = ClusterCounts(of: id, in: store.committed())
        return ECSShapes.DeleteClusterResponse(cluster: ECSShapes.Cluster(record, counts, [.settings, .tags]))
    }
}
