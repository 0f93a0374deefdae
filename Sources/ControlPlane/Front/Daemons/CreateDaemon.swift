import AWSWire
import Domain
import ECSShapes
import Identifiers
import StateStore

/// Stores a daemon with its first revision and deployment; the daemons controller starts the tasks.
struct CreateDaemon: OperationHandler {
    let store: any StateStore
    let ids: any IDSource

    func answer(
        _ request: ECSShapes.CreateDaemonRequest, _ call: APICall
    ) async throws(APIFault) -> ECSShapes.CreateDaemonResponse {
        try AcceptedSettings.check(.daemon, request)
        let name = request.daemonName ?? ""
        guard ResourceName.isValid(name) else { throw .invalidParameter(ResourceName.rule("daemon name")) }
        let token = try ServiceRules.clientToken(request.clientToken)
        let tags = try Tags.checked(request.tags)
        let configuration =
            try DaemonRules.configuration(request.deploymentConfiguration) ?? DaemonDeploymentConfiguration()
        let (number, deploymentID) = (ids.decimalID(), ids.shortID())
        let daemon = try await store.write { transaction throws(APIFault) in
            let cluster = try transaction.state.cluster(request.clusterArn, call.scope)
            let id = DaemonID(cluster: cluster.id, name: name)
            var revision = DaemonRevisionRecord(
                id: DaemonRevisionID(daemon: id, number: number),
                definition: try DaemonRules.definition(
                    request.daemonTaskDefinitionArn, in: transaction.state, call.scope
                ).id,
                capacityProviders: try DaemonRules.providers(
                    request.capacityProviderArns, of: cluster, in: transaction.state),
                createdAt: call.now)
            revision.propagatesTags = request.propagateTags == "DAEMON"
            revision.enableECSManagedTags = request.enableECSManagedTags ?? false
            revision.enableExecuteCommand = request.enableExecuteCommand ?? false
            var daemon = DaemonRecord(
                id: id, revision: revision.id, deployment: DaemonDeploymentID(daemon: id, id: deploymentID),
                createdAt: call.now, createdBy: call.callerARN)
            daemon.clientToken = token
            daemon.tags = tags
            if let existing = transaction.state.daemons[id] {
                try transaction.state.check(existing, isWhat: daemon, revision, configuration)
                return existing
            }
            transaction.put(revision)
            transaction.deploy(&daemon, as: deploymentID, configuration, now: call.now)
            return daemon
        }
        return ECSShapes.CreateDaemonResponse(
            daemonArn: daemon.id.arn, status: daemon.status.wire, createdAt: daemon.createdAt.wire,
            deploymentArn: daemon.deployment.arn)
    }
}

extension StateSnapshot {
    /// Lets a request pass that asks for the daemon that is there.
    ///
    /// - Throws: `InvalidParameterException` for another request under the same name, and while the daemon is deleted.
    fileprivate func check(
        _ existing: DaemonRecord, isWhat wanted: DaemonRecord, _ revision: DaemonRevisionRecord,
        _ configuration: DaemonDeploymentConfiguration
    ) throws(APIFault) {
        guard existing.status == .active else {
            throw .invalidParameter("Unable to create a daemon that is still being deleted.")
        }
        let isSame =
            existing.clientToken == wanted.clientToken && existing.tags == wanted.tags
            && existing.revision.flatMap { daemonRevisions[$0]?.isSameIntent(as: revision) } == true
            && daemonDeployments[existing.deployment]?.configuration == configuration
        guard isSame else { throw .invalidParameter("Creation of daemon was not idempotent.") }
    }
}
