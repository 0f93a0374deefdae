import AWSWire
import Domain
import ECSShapes
import Identifiers
import StateStore

/// Shows one revision, deleted ones included; a family alone means its latest active one.
struct DescribeDaemonTaskDefinition: OperationHandler {
    let store: any StateStore

    func answer(
        _ request: ECSShapes.DescribeDaemonTaskDefinitionRequest, _ call: APICall
    ) async throws(APIFault) -> ECSShapes.DescribeDaemonTaskDefinitionResponse {
        let reference = request.daemonTaskDefinition ?? ""
        guard let record = store.committed().daemonTaskDefinition(reference, call.scope) else {
            throw .client("Unable to describe daemon task definition.")
        }
        return ECSShapes.DescribeDaemonTaskDefinitionResponse(
            daemonTaskDefinition: try ECSShapes.DaemonTaskDefinition(record))
    }
}
