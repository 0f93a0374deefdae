import AWSWire
import Domain
import Identifiers
import StateStore

/// How callers name a task definition: `family`, `family:revision` or a full ARN with or without revision.
struct TaskDefinitionReference: Hashable, Sendable {
    var family: FamilyID
    /// nil means the latest active one.
    var revision: Int?

    /// - Throws: `InvalidParameterException` when the revision is no number, `ClientException` for a malformed ARN.
    init(_ text: String, scope: Scope) throws(APIFault) {
        var name = text
        var scope = scope
        if text.hasPrefix("arn:") {
            guard let arn = ARN(text), arn.type == "task-definition", arn.path.count == 1 else {
                throw .client("Invalid arn syntax.")
            }
            name = arn.path[0]
            scope = arn.scope
        }
        let parts = name.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        family = FamilyID(scope: scope, name: String(parts[0]))
        guard parts.count == 2 else { return }
        guard let number = Int(parts[1]), number > 0 else {
            throw .invalidParameter("Invalid revision number. Number: \(parts[1].prefix(100))")
        }
        revision = number
    }

    /// The revision that is meant; nil when there is none. Without a number it is the latest active one.
    func resolve(in state: StateSnapshot) -> TaskDefinitionRecord? {
        if let revision { return state.taskDefinitions[TaskDefinitionID(family: family, revision: revision)] }
        guard var candidate = state.families[family]?.latestRevision else { return nil }
        while candidate > 0 {
            let record = state.taskDefinitions[TaskDefinitionID(family: family, revision: candidate)]
            if let record, record.status == .active { return record }
            candidate -= 1
        }
        return nil
    }

    /// The revision to run.
    /// - Throws: ECS's words for one that is not there or not active.
    func runnable(in state: StateSnapshot) throws(APIFault) -> TaskDefinitionRecord {
        guard let record = resolve(in: state) else { throw .client("TaskDefinition not found.") }
        guard record.status == .active else { throw .client("TaskDefinition is inactive") }
        return record
    }
}
