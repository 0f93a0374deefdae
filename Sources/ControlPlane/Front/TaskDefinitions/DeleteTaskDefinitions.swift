import AWSWire
import Domain
import ECSShapes
import Identifiers
import StateStore

/// Begins the end of deregistered revisions: they are DELETE_IN_PROGRESS until nothing refers to them.
struct DeleteTaskDefinitions: OperationHandler {
    let store: any StateStore

    private static let limit = 10

    func answer(
        _ request: ECSShapes.DeleteTaskDefinitionsRequest, _ call: APICall
    ) async throws(APIFault) -> ECSShapes.DeleteTaskDefinitionsResponse {
        let references = request.taskDefinitions ?? []
        if references.isEmpty {
            throw .invalidParameter("size of TaskDefinition references list must be greater than 0")
        }
        if references.count > Self.limit {
            throw .invalidParameter("Size of TaskDefinition references list cannot exceed \(Self.limit)")
        }
        return try await store.write { transaction throws(APIFault) in
            var answer = ECSShapes.DeleteTaskDefinitionsResponse(taskDefinitions: [], failures: [])
            for reference in references {
                let id = TaskDefinitionID(revision: reference, call.scope)
                do throws(Refusal) {
                    let record = try Self.deleting(id, transaction.state, call.now)
                    transaction.put(record)
                    answer.taskDefinitions?.append(ECSShapes.TaskDefinition(record))
                } catch {
                    answer.failures?.append(ECSShapes.Failure(arn: id?.arn ?? reference, reason: error.rawValue))
                }
            }
            return answer
        }
    }

    /// Why a revision is not deleted, in ECS's words.
    private enum Refusal: String, Error {
        case identifier =
            "The specified task definition identifier is invalid. Specify a valid name or ARN and try again."
        case unknown =
            "The specified task definition does not exist. Specify a valid account, family, revision and try again."
        case active =
            "The specified task definition is still in ACTIVE status. Please deregister the target and try again."
    }

    /// The revision after the request; one that is going already stays as it is.
    private static func deleting(
        _ id: TaskDefinitionID?, _ state: StateSnapshot, _ now: Timestamp
    ) throws(Refusal) -> TaskDefinitionRecord {
        guard let id else { throw .identifier }
        guard var record = state.taskDefinitions[id] else { throw .unknown }
        switch record.status {
        case .active: throw .active
        case .inactive:
            record.status = .deleteInProgress
            record.deleteRequestedAt = now
        case .deleteInProgress: break
        }
        return record
    }
}

extension TaskDefinitionID {
    /// The one revision that `family:revision` or an ARN names; nil for what names none.
    fileprivate init?(revision reference: String, _ scope: Scope) {
        if reference.hasPrefix("arn:") {
            self.init(arn: reference)
            return
        }
        let parts = reference.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, let revision = Int(parts[1]), revision > 0 else { return nil }
        self.init(family: FamilyID(scope: scope, name: String(parts[0])), revision: revision)
    }
}
