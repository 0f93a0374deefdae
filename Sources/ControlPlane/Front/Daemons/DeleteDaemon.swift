import AWSWire
import Domain
import ECSShapes
import Identifiers
import StateStore

/// Begins the end of a daemon: the daemons controller stops its tasks, and then it is gone.
struct DeleteDaemon: OperationHandler {
    let store: any StateStore
    let ids: any IDSource

    func answer(
        _ request: ECSShapes.DeleteDaemonRequest, _ call: APICall
    ) async throws(APIFault) -> ECSShapes.DeleteDaemonResponse {
        let id = try DaemonRules.daemon(request.daemonArn, call)
        let deploymentID = ids.shortID()
        let daemon = try await store.write { transaction throws(APIFault) in
            guard var daemon = transaction.state.daemons[id] else { throw .daemonNotFound() }
            guard daemon.status == .active else { throw .daemonNotActive() }
            let configuration = transaction.state.daemonDeployments[daemon.deployment]?.configuration
            daemon.status = .deleteInProgress
            daemon.revision = nil
            daemon.stableRevision = nil
            transaction.deploy(
                &daemon, as: deploymentID, configuration ?? DaemonDeploymentConfiguration(), now: call.now)
            return daemon
        }
        return ECSShapes.DeleteDaemonResponse(
            daemonArn: daemon.id.arn, status: daemon.status.wire, createdAt: daemon.createdAt.wire,
            updatedAt: daemon.updatedAt.wire, deploymentArn: daemon.deployment.arn)
    }
}
