import AWSWire
import Domain
import ECSShapes
import Identifiers
import StateStore

/// Changes settings, configuration and Service Connect's default of a cluster; what is left out stays.
struct UpdateCluster: OperationHandler {
    let store: any StateStore

    func answer(
        _ request: ECSShapes.UpdateClusterRequest, _ call: APICall
    ) async throws(APIFault) -> ECSShapes.UpdateClusterResponse {
        try AcceptedSettings.check(.cluster, request)
        let stored = try await store.write { transaction throws(APIFault) in
            var cluster = try transaction.state.cluster(request.cluster, call.scope)
            cluster.settings = try ClusterSettings.merged(cluster.settings, request.settings)
            try cluster.apply(request.configuration, request.serviceConnectDefaults)
            transaction.put(cluster)
            return cluster
        }
        return ECSShapes.UpdateClusterResponse(cluster: ECSShapes.Cluster(stored, in: store.committed()))
    }
}

/// Changes settings of a cluster; those that are left out stay.
struct UpdateClusterSettings: OperationHandler {
    let store: any StateStore

    func answer(
        _ request: ECSShapes.UpdateClusterSettingsRequest, _ call: APICall
    ) async throws(APIFault) -> ECSShapes.UpdateClusterSettingsResponse {
        try AcceptedSettings.check(.cluster, request)
        let stored = try await store.write { transaction throws(APIFault) in
            var cluster = try transaction.state.cluster(request.cluster, call.scope)
            cluster.settings = try ClusterSettings.merged(cluster.settings, request.settings)
            transaction.put(cluster)
            return cluster
        }
        return ECSShapes.UpdateClusterSettingsResponse(cluster: ECSShapes.Cluster(stored, in: store.committed()))
    }
}
