import AWSWire
import Domain
import ECSShapes
import Identifiers
import Placement
import StateStore
import Validation

/// Registers the next revision of a family. Never idempotent: every call makes a revision.
struct RegisterTaskDefinition: OperationHandler {
    let store: any StateStore

    func answer(
        _ request: ECSShapes.RegisterTaskDefinitionRequest, _ call: APICall
    ) async throws(APIFault) -> ECSShapes.RegisterTaskDefinitionResponse {
        let definition: TaskDefinition
        do throws(ValidationFault) {
            definition = try TaskDefinition(validating: request)
        } catch {
            throw APIFault(error)
        }
        try checkConstraints(of: definition)
        let tags = try Tags.checked(request.tags)
        let family = FamilyID(scope: call.scope, name: request.family ?? "")
        let record = try await store.write { transaction throws(APIFault) in
            let revision = (transaction.state.families[family]?.latestRevision ?? 0) + 1
            let record = TaskDefinitionRecord(
                id: TaskDefinitionID(family: family, revision: revision), definition: definition,
                registeredAt: call.now, registeredBy: call.callerARN, tags: tags)
            transaction.put(FamilyRecord(id: family, latestRevision: revision))
            transaction.put(record)
            return record
        }
        return ECSShapes.RegisterTaskDefinitionResponse(
            taskDefinition: ECSShapes.TaskDefinition(record), tags: Tags.shown(record.tags))
    }

    private func checkConstraints(of definition: TaskDefinition) throws(APIFault) {
        for case .memberOf(let expression) in definition.placementConstraints {
            do throws(ClusterQueryError) {
                _ = try ClusterQuery(expression)
            } catch {
                throw .client(
                    "Invalid 'placementConstraints' setting: '\(expression.prefix(300))' is no cluster query expression."
                )
            }
        }
    }
}

extension APIFault {
    init(_ fault: ValidationFault) {
        switch fault.code {
        case .client: self = .client(fault.message)
        case .invalidParameter: self = .invalidParameter(fault.message)
        case .unsupported: self = .unsupportedFeature(fault.message)
        }
    }
}
