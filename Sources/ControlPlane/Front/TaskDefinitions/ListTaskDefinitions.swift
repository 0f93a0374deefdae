import AWSWire
import Domain
import ECSShapes
import Identifiers
import StateStore

/// Lists revisions: by family, then by number, ascending or descending. `familyPrefix` names a whole family.
struct ListTaskDefinitions: OperationHandler {
    let store: any StateStore

    func answer(
        _ request: ECSShapes.ListTaskDefinitionsRequest, _ call: APICall
    ) async throws(APIFault) -> ECSShapes.ListTaskDefinitionsResponse {
        let paging = try Paging(request.maxResults, request.nextToken)
        let status: TaskDefinitionStatus
        switch request.status {
        case nil, "ACTIVE": status = .active
        case "INACTIVE": status = .inactive
        default: status = .deleteInProgress
        }
        let state = store.committed()
        let family = request.familyPrefix.map { FamilyID(scope: call.scope, name: $0) }
        let records =
            family.map { Array(state.revisions(of: $0)) }
            ?? state.taskDefinitions.values().map(\.1).filter { $0.id.family.scope == call.scope }
        var ids = records.filter { $0.status == status }.map(\.id)
        let descending = request.sort == "DESC"
        if descending { ids.reverse() }
        let (page, token) = paging.page(ids, key: \.arn) { id, last in
            guard let last = TaskDefinitionID(arn: last) else { return true }
            return descending ? id < last : last < id
        }
        return ECSShapes.ListTaskDefinitionsResponse(taskDefinitionArns: page.map(\.arn), nextToken: token)
    }
}

/// Lists the names of families; `familyPrefix` is a true prefix here.
struct ListTaskDefinitionFamilies: OperationHandler {
    let store: any StateStore

    func answer(
        _ request: ECSShapes.ListTaskDefinitionFamiliesRequest, _ call: APICall
    ) async throws(APIFault) -> ECSShapes.ListTaskDefinitionFamiliesResponse {
        let paging = try Paging(request.maxResults, request.nextToken)
        let state = store.committed()
        let prefix = request.familyPrefix ?? ""
        let names = state.families.keys.ascending(from: FamilyID(scope: call.scope, name: prefix)).lazy
            .prefix { $0.scope == call.scope && $0.kind == .task && $0.name.hasPrefix(prefix) }
            .filter { family in
                switch request.status {
                case "ACTIVE": state.latestActive(of: family) != nil
                case "INACTIVE": state.latestActive(of: family) == nil && state.hasRevisions(family)
                default: state.hasRevisions(family)
                }
            }.map(\.name)
        let (page, token) = paging.page(names, key: \.self)
        return ECSShapes.ListTaskDefinitionFamiliesResponse(families: page, nextToken: token)
    }
}

extension StateSnapshot {
    /// Whether any revision is left: a family is remembered for its number only once all were deleted.
    fileprivate func hasRevisions(_ family: FamilyID) -> Bool { revisions(of: family).contains { _ in true } }
}
