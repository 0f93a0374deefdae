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
        let wanted = all.filter { record in
            (request.status.map { $0.isEmpty || $0.contains(record.status.wire) } ?? true)
                && (request.createdAt?.after.map { record.createdAt > $0.stored } ?? true)
                && (request.createdAt?.before.map { record.createdAt < $0.stored } ?? true)
        }.sorted { $0.listKey < $1.listKey }
        let (page, token) = paging.page(wanted, key: \.listKey)
        return ECSShapes.ListDaemonDeploymentsResponse(
            nextToken: token, daemonDeployments: page.map { ECSShapes.DaemonDeploymentSummary($0) })
    }
}

extension DaemonDeploymentRecord {
    /// Ascends as the time of creation descends; of equal width, so that text sorts as numbers do.
    fileprivate var listKey: String {
        let age = String(Int64.max - max(0, createdAt.milliseconds))
        return String(repeating: "0", count: max(0, 19 - age.utf8.count)) + age + "/" + id.id
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
