import AWSWire
import Domain
import ECSShapes
import Identifiers
import StateStore

/// Sets which providers a cluster has, and the strategy of those who name none.
struct PutClusterCapacityProviders: OperationHandler {
    let store: any StateStore

    func answer(
        _ request: ECSShapes.PutClusterCapacityProvidersRequest, _ call: APICall
    ) async throws(APIFault) -> ECSShapes.PutClusterCapacityProvidersResponse {
        let stored = try await store.write { transaction throws(APIFault) in
            let state = transaction.state
            var cluster = try state.cluster(request.cluster, call.scope)
            let providers = try CapacityStrategy.names(request.capacityProviders, in: state, call.scope)
            try state.checkFree(providers, for: cluster.id)
            let removed = Set(cluster.capacityProviders).subtracting(providers)
            if removed.contains(where: { state.isUsed($0, in: cluster.id) }) {
                throw .resourceInUse("The specified capacity provider is in use and cannot be removed.")
            }
            cluster.capacityProviders = providers
            cluster.defaultStrategy = try CapacityStrategy.checked(
                request.defaultCapacityProviderStrategy, associated: providers, call.scope)
            transaction.put(cluster)
            return cluster
        }
        return ECSShapes.PutClusterCapacityProvidersResponse(
            cluster: ECSShapes.Cluster(stored, in: store.committed()))
    }
}

extension StateSnapshot {
    /// - Throws: `InvalidParameterException` for a provider that another cluster has: it belongs to one.
    func checkFree(_ providers: [String], for cluster: ClusterID) throws(APIFault) {
        for name in providers where FargateProvider(rawValue: name) == nil {
            let owner = self.cluster(using: CapacityProviderID(scope: cluster.scope, name: name))
            guard let owner, owner != cluster else { continue }
            throw .invalidParameter(
                "The specified capacity provider '\(name)' is already associated with another cluster: \(owner.name).")
        }
    }

    /// Whether a service or daemon of the cluster names the provider, or a live task runs by it.
    fileprivate func isUsed(_ provider: String, in cluster: ClusterID) -> Bool {
        let isNamed = services(in: cluster).contains { service in
            let strategies =
                [service.capacityProviderStrategy] + service.deployments.map(\.capacityProviderStrategy)
                + service.taskSets.map(\.deployment.capacityProviderStrategy)
            return service.status != .inactive && strategies.joined().contains { $0.provider == provider }
        }
        let isOfDaemon = daemons(in: cluster).contains { daemon in
            daemon.revision.flatMap { daemonRevisions[$0] }?.capacityProviders.contains(provider) == true
        }
        return isNamed || isOfDaemon || tasks(in: cluster).contains { $0.isLive && $0.capacityProvider == provider }
    }
}
