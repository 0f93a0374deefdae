import AWSWire
import Domain
import ECSShapes
import Identifiers
import StateStore

/// Deletes one revision: no daemon can be made from it any more, those that exist run on.
///
/// It is DELETE_IN_PROGRESS while a daemon uses it; the daemons controller makes it DELETED.
struct DeleteDaemonTaskDefinition: OperationHandler {
    let store: any StateStore

    func answer(
        _ request: ECSShapes.DeleteDaemonTaskDefinitionRequest, _ call: APICall
    ) async throws(APIFault) -> ECSShapes.DeleteDaemonTaskDefinitionResponse {
        let reference = request.daemonTaskDefinition ?? ""
        let name = reference.split(separator: "/", omittingEmptySubsequences: false).last ?? ""
        guard name.contains(":") else { throw .client("Revision is missing.") }
        let id = try await store.write { transaction throws(APIFault) in
            guard var record = transaction.state.daemonTaskDefinition(reference, call.scope) else {
                throw .client("The specified daemon task definition does not exist.")
            }
            guard record.status == .active else {
                throw .client(
                    "The daemon task definition must be ACTIVE to be deleted: it is \(record.status.wire).")
            }
            record.status = .deleteInProgress
            record.deleteRequestedAt = call.now
            transaction.put(record)
            return record.id
        }
        return ECSShapes.DeleteDaemonTaskDefinitionResponse(daemonTaskDefinitionArn: id.arn)
    }
}
