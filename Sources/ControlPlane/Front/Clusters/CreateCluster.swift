import AWSWire
import Domain
import ECSShapes
import Identifiers
import StateStore

/// Creates a cluster, or returns the active one of that name. A deleted one's name begins anew.
struct CreateCluster: OperationHandler {
    let store: any StateStore

    func answer(
        _ request: ECSShapes.CreateClusterRequest, _ call: APICall
    ) async throws(APIFault) -> ECSShapes.CreateClusterResponse {
        try AcceptedSettings.check(.cluster, request)
        let name = request.clusterName ?? "default"
        guard ResourceName.isValid(name) else { throw .invalidParameter(ResourceName.rule("cluster name")) }
        let id = ClusterID(scope: call.scope, name: name)
        let stored = try await store.write { transaction throws(APIFault) in
            let record = try Self.record(id, request, transaction.state, call)
            if let existing = transaction.state.clusters[id], existing.status == .active {
                guard existing.has(request, as: record) else {
                    throw .invalidParameter(
                        "Arguments on this idempotent request are inconsistent with arguments used in previous "
                            + "request(s).")
                }
                return existing
            }
            try transaction.state.checkFree(record.capacityProviders, for: id)
            transaction.put(record)
            return record
        }
        return ECSShapes.CreateClusterResponse(cluster: ECSShapes.Cluster(stored, in: store.committed()))
    }

    private static func record(
        _ id: ClusterID, _ request: ECSShapes.CreateClusterRequest, _ state: StateSnapshot, _ call: APICall
    ) throws(APIFault) -> ClusterRecord {
        var record = ClusterRecord(id: id, createdAt: call.now)
        record.settings = try ClusterSettings.merged([state.containerInsights(for: call)], request.settings)
        record.capacityProviders = try CapacityStrategy.names(request.capacityProviders, in: state, id.scope)
        record.defaultStrategy = try CapacityStrategy.checked(
            request.defaultCapacityProviderStrategy, associated: record.capacityProviders, id.scope)
        record.tags = try Tags.checked(request.tags)
        try record.apply(request.configuration, request.serviceConnectDefaults)
        return record
    }
}

extension ClusterRecord {
    /// Whether the cluster is already what a request for it names; what the request leaves out is not compared.
    fileprivate func has(_ request: ECSShapes.CreateClusterRequest, as wanted: ClusterRecord) -> Bool {
        (request.settings == nil || settings == wanted.settings)
            && (request.capacityProviders == nil || Set(capacityProviders) == Set(wanted.capacityProviders))
            && (request.defaultCapacityProviderStrategy == nil || defaultStrategy == wanted.defaultStrategy)
            && (request.tags == nil || Set(tags) == Set(wanted.tags))
            && (request.configuration == nil || configuration == wanted.configuration)
            && (request.serviceConnectDefaults == nil || serviceConnectNamespace == wanted.serviceConnectNamespace)
    }

    /// Changes what is given; the rest stays.
    mutating func apply(
        _ changes: ECSShapes.ClusterConfiguration?, _ defaults: ECSShapes.ClusterServiceConnectDefaultsRequest?
    ) throws(APIFault) {
        if let changes {
            var changed = configuration ?? ClusterConfiguration()
            try changed.apply(changes)
            configuration = changed == ClusterConfiguration() ? nil : changed
        }
        if let namespace = defaults?.namespace {
            serviceConnectNamespace = try ServiceConnectNamespace.checked(namespace)
        }
    }
}
