import AWSWire
import Domain
import ECSShapes
import Identifiers
import StateStore
import Validation

/// Registers the next revision of a daemon's family. Every call makes a revision.
struct RegisterDaemonTaskDefinition: OperationHandler {
    let store: any StateStore

    func answer(
        _ request: ECSShapes.RegisterDaemonTaskDefinitionRequest, _ call: APICall
    ) async throws(APIFault) -> ECSShapes.RegisterDaemonTaskDefinitionResponse {
        let definition: TaskDefinition
        do throws(ValidationFault) {
            definition = try TaskDefinition(validatingDaemon: request)
        } catch {
            throw APIFault(error)
        }
        let tags = try Tags.checked(request.tags)
        let family = FamilyID(scope: call.scope, kind: .daemon, name: request.family ?? "")
        let id = try await store.write { transaction throws(APIFault) in
            let revision = (transaction.state.families[family]?.latestRevision ?? 0) + 1
            let id = TaskDefinitionID(family: family, revision: revision)
            transaction.put(FamilyRecord(id: family, latestRevision: revision))
            transaction.put(
                DaemonTaskDefinitionRecord(
                    id: id, definition: definition, registeredAt: call.now, registeredBy: call.callerARN, tags: tags))
            return id
        }
        return ECSShapes.RegisterDaemonTaskDefinitionResponse(daemonTaskDefinitionArn: id.arn)
    }
}
