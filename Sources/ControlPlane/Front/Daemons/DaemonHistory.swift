import AWSWire
import Domain
import ECSShapes
import Identifiers
import StateStore

/// The deployments of one daemon, newest first; those of a deleted daemon as long as they are remembered.
struct ListDaemonDeployments: OperationHandler {
    let store: any StateStore

    func answer(
        _ request: ECSShapes.ListDaemonDeploymentsRequest, _ call: APICall
    ) async throws(APIFault) -> ECSShapes.ListDaemonDeploymentsResponse {
        let paging = try Paging(request.maxResults, request.nextToken, standard: 20)
        let id = try DaemonRules.daemon(request.daemonArn, call)
        let state = store.committed()
        let all = Array(state.deployments(of: id))
        if all.isEmpty { throw .invalidParameter("The specified daemon does not exist.") }
        let (page, token) = paging.history(all, statuses: request.status, made: request.createdAt) {
            ($0.createdAt, $0.status.wire, $0.id.id)
        }
        return ECSShapes.ListDaemonDeploymentsResponse(
            nextToken: token, daemonDeployments: page.map { ECSShapes.DaemonDeploymentSummary($0) })
    }
}

struct DescribeDaemonDeployments: OperationHandler {
    let store: any StateStore

    func answer(
        _ request: ECSShapes.DescribeDaemonDeploymentsRequest, _ call: APICall
    ) async throws(APIFault) -> ECSShapes.DescribeDaemonDeploymentsResponse {
        let state = store.committed()
        var answer = ECSShapes.DescribeDaemonDeploymentsResponse(failures: [], daemonDeployments: [])
        for arn in try checked(request.daemonDeploymentArns, "daemonDeploymentArns") {
            guard let id = DaemonDeploymentID(arn: arn) else { throw .wrongIdentifier(arn, for: "daemon-deployment") }
            if id.daemon.cluster.scope == call.scope, let record = state.daemonDeployments[id] {
                answer.daemonDeployments?.append(ECSShapes.DaemonDeployment(record, in: state))
            } else {
                answer.failures?.append(.missing(arn))
            }
        }
        return answer
    }
}

struct DescribeDaemonRevisions: OperationHandler {
    let store: any StateStore

    func answer(
        _ request: ECSShapes.DescribeDaemonRevisionsRequest, _ call: APICall
    ) async throws(APIFault) -> ECSShapes.DescribeDaemonRevisionsResponse {
        let state = store.committed()
        var answer = ECSShapes.DescribeDaemonRevisionsResponse(daemonRevisions: [], failures: [])
        for arn in try checked(request.daemonRevisionArns, "daemonRevisionArns") {
            guard let id = DaemonRevisionID(arn: arn) else { throw .wrongIdentifier(arn, for: "daemon-revision") }
            if id.daemon.cluster.scope == call.scope, let record = state.daemonRevisions[id] {
                answer.daemonRevisions?.append(ECSShapes.DaemonRevision(record, in: state))
            } else {
                answer.failures?.append(.missing(arn))
            }
        }
        return answer
    }
}
