import AWSWire
import Domain
import ECSShapes
import Identifiers
import StateStore

/// Shows a daemon with the revisions that its tasks run.
struct DescribeDaemon: OperationHandler {
    let store: any StateStore

    func answer(
        _ request: ECSShapes.DescribeDaemonRequest, _ call: APICall
    ) async throws(APIFault) -> ECSShapes.DescribeDaemonResponse {
        let id = try DaemonRules.daemon(request.daemonArn, call)
        let state = store.committed()
        guard let daemon = state.daemons[id] else { throw .daemonNotFound() }
        return ECSShapes.DescribeDaemonResponse(daemon: ECSShapes.DaemonDetail(daemon, in: state))
    }
}

/// Lists daemons of a cluster, or of all, by cluster and name.
struct ListDaemons: OperationHandler {
    let store: any StateStore

    func answer(
        _ request: ECSShapes.ListDaemonsRequest, _ call: APICall
    ) async throws(APIFault) -> ECSShapes.ListDaemonsResponse {
        let paging = try Paging(request.maxResults, request.nextToken)
        let state = store.committed()
        let cluster = try request.clusterArn.map { reference throws(APIFault) in
            try state.cluster(reference, call.scope).id
        }
        let providers = try request.capacityProviderArns.map { references throws(APIFault) in
            Set(try CapacityStrategy.names(references, in: state, call.scope))
        }
        let daemons = state.daemons.values().lazy.map { $0.1 }.filter { daemon in
            let own = daemon.revision.flatMap { state.daemonRevisions[$0]?.capacityProviders } ?? []
            return daemon.id.cluster.scope == call.scope && (cluster == nil || daemon.id.cluster == cluster)
                && (providers.map { $0.isEmpty || !$0.isDisjoint(with: own) } ?? true)
        }
        let (page, token) = paging.page(daemons, key: \.id.arn) { daemon, last in
            DaemonID(arn: last).map { $0 < daemon.id } ?? true
        }
        return ECSShapes.ListDaemonsResponse(
            daemonSummariesList: page.map { daemon in
                ECSShapes.DaemonSummary(
                    daemonArn: daemon.id.arn, status: daemon.status.wire, createdAt: daemon.createdAt.wire,
                    updatedAt: daemon.updatedAt.wire)
            }, nextToken: token)
    }
}
