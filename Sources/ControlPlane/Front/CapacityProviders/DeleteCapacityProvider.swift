import AWSWire
import Domain
import ECSShapes
import Identifiers
import StateStore

/// Makes a provider INACTIVE that no cluster has any more. It stays describable until retention forgets it.
///
/// One that a cluster has stays, and the answer's `updateStatus` says why: that is no fault on AWS either.
struct DeleteCapacityProvider: OperationHandler {
    let store: any StateStore

    func answer(
        _ request: ECSShapes.DeleteCapacityProviderRequest, _ call: APICall
    ) async throws(APIFault) -> ECSShapes.DeleteCapacityProviderResponse {
        let id = try CapacityProviderID.changeable(request.capacityProvider, call.scope)
        if request.cluster != nil {
            throw .client("cluster can be specified only for a capacity provider of managed instances.")
        }
        let record = try await store.write { transaction throws(APIFault) in
            var record = try transaction.state.activeProvider(id)
            if let cluster = transaction.state.cluster(using: id) {
                record.update = .deleteFailed
                record.updateReason =
                    "The capacity provider cannot be deleted because it is associated with cluster: \(cluster.name). "
                    + "Remove the capacity provider from the cluster and try again."
            } else {
                record.status = .inactive
                record.update = .deleteComplete
                record.updateReason = nil
                record.deletedAt = call.now
                record.tags = []
            }
            transaction.put(record)
            return record
        }
        return ECSShapes.DeleteCapacityProviderResponse(
            capacityProvider: ECSShapes.CapacityProvider(record, showsTags: true))
    }
}

extension StateSnapshot {
    /// The active cluster that has the provider; the first by name.
    func cluster(using provider: CapacityProviderID) -> ClusterID? {
        clusters.values(from: ClusterID(scope: provider.scope, name: "")).lazy.prefix { $0.0.scope == provider.scope }
            .first { $0.1.status == .active && $0.1.capacityProviders.contains(provider.name) }?.0
    }
}
