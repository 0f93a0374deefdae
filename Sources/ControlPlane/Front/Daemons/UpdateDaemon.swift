import AWSWire
import Domain
import ECSShapes
import Identifiers
import StateStore

/// Gives a daemon a new revision; a deployment carries it from host to host.
struct UpdateDaemon: OperationHandler {
    let store: any StateStore
    let ids: any IDSource

    func answer(
        _ request: ECSShapes.UpdateDaemonRequest, _ call: APICall
    ) async throws(APIFault) -> ECSShapes.UpdateDaemonResponse {
        try AcceptedSettings.check(.daemon, request)
        let id = try DaemonRules.daemon(request.daemonArn, call)
        let configuration = try DaemonRules.configuration(request.deploymentConfiguration)
        let (number, deploymentID) = (ids.decimalID(), ids.shortID())
        let daemon = try await store.write { transaction throws(APIFault) in
            let state = transaction.state
            guard var daemon = state.daemons[id] else { throw .daemonNotFound() }
            guard daemon.status == .active else { throw .daemonNotActive() }
            let cluster = try state.cluster(id.cluster.name, call.scope)
            let before = daemon.revision.flatMap { state.daemonRevisions[$0] }
            var revision = DaemonRevisionRecord(
                id: DaemonRevisionID(daemon: id, number: number),
                definition: try DaemonRules.definition(request.daemonTaskDefinitionArn, in: state, call.scope).id,
                capacityProviders: try DaemonRules.providers(request.capacityProviderArns, of: cluster, in: state),
                createdAt: call.now)
            // "If you don't specify a value, the tags aren't propagated": also in an update.
            revision.propagatesTags = request.propagateTags == "DAEMON"
            revision.enableECSManagedTags = request.enableECSManagedTags ?? before?.enableECSManagedTags ?? false
            revision.enableExecuteCommand = request.enableExecuteCommand ?? before?.enableExecuteCommand ?? false
            let kept = state.daemonDeployments[daemon.deployment]?.configuration
            daemon.revision = revision.id
            transaction.put(revision)
            transaction.deploy(
                &daemon, as: deploymentID, configuration ?? kept ?? DaemonDeploymentConfiguration(), now: call.now)
            return daemon
        }
        return ECSShapes.UpdateDaemonResponse(
            daemonArn: daemon.id.arn, status: daemon.status.wire, createdAt: daemon.createdAt.wire,
            updatedAt: daemon.updatedAt.wire, deploymentArn: daemon.deployment.arn)
    }
}
