import AWSWire
import Domain
import ECSShapes
import Identifiers
import StateStore

/// Lists revisions: by family, then by number, ascending or descending. `familyPrefix` is a true prefix here.
struct ListDaemonTaskDefinitions: OperationHandler {
    let store: any StateStore

    func answer(
        _ request: ECSShapes.ListDaemonTaskDefinitionsRequest, _ call: APICall
    ) async throws(APIFault) -> ECSShapes.ListDaemonTaskDefinitionsResponse {
        let paging = try Paging(request.maxResults, request.nextToken)
        let state = store.committed()
        let status: DaemonTaskDefinitionStatus? =
            switch request.status {
            case "ALL": nil
            case "DELETE_IN_PROGRESS": .deleteInProgress
            default: .active
            }
        var records = state.daemonTaskDefinitions.values().map(\.1).filter { record in
            let family = record.id.family
            return family.scope == call.scope && (status == nil || record.status == status)
                && (request.family.map { family.name == $0 } ?? true)
                && (request.familyPrefix.map { family.name.hasPrefix($0) } ?? true)
                && (request.revision == nil || record.id.revision == state.families[family]?.latestRevision)
        }
        let descending = request.sort == "DESC"
        if descending { records.reverse() }
        let (page, token) = paging.page(records, key: \.id.arn) { record, last in
            guard let last = TaskDefinitionID(arn: last) else { return true }
            return descending ? record.id < last : last < record.id
        }
        return ECSShapes.ListDaemonTaskDefinitionsResponse(
            daemonTaskDefinitions: page.map { ECSShapes.DaemonTaskDefinitionSummary($0) }, nextToken: token)
    }
}
