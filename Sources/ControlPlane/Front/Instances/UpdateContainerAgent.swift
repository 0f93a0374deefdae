import AWSWire
import Domain
import ECSShapes
import StateStore

/// Asks for a newer agent on a host. The control plane hands out no agents: each host is updated where it was installed,
/// so no update is ever available here.
struct UpdateContainerAgent: OperationHandler {
    let store: any StateStore

    func answer(
        _ request: ECSShapes.UpdateContainerAgentRequest, _ call: APICall
    ) async throws(APIFault) -> ECSShapes.UpdateContainerAgentResponse {
        let reference = request.containerInstance ?? ""
        if reference.isEmpty { throw .invalidParameter("Container instance cannot be empty.") }
        let state = store.committed()
        let cluster = try state.cluster(request.cluster, call.scope)
        guard let record = state.instance(reference, in: cluster.id), record.status != .inactive else {
            throw .invalidParameter("Referenced container instance \(reference.prefix(200)) not found.")
        }
        guard let version = record.version, !version.agentVersion.isEmpty else {
            throw APIFault(
                "MissingVersionException",
                message: "Unable to determine the version of the container agent on \(record.arn).")
        }
        throw APIFault(
            "NoUpdateAvailableException", message: "There is no update available for your container agent.")
    }
}
