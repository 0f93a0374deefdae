import AWSWire
import Domain
import ECSShapes
import Identifiers
import StateStore

/// Rules that creating and updating a daemon share.
enum DaemonRules {
    /// A day: a longer watch is a typing mistake.
    private static let longestBake = 1440

    /// The revision of a daemon task definition that new daemon tasks shall run.
    ///
    /// - Throws: `ClientException` when there is none or it was deleted.
    static func definition(
        _ reference: String?, in state: StateSnapshot, _ scope: Scope
    ) throws(APIFault) -> DaemonTaskDefinitionRecord {
        guard let record = state.daemonTaskDefinition(reference ?? "", scope) else {
            throw .client("The specified daemon task definition does not exist.")
        }
        guard record.status == .active else { throw .client("The daemon task definition is not ACTIVE.") }
        return record
    }

    /// The short names of the capacity providers, which must be the cluster's and have hosts of their own.
    static func providers(
        _ references: [String]?, of cluster: ClusterRecord, in state: StateSnapshot
    ) throws(APIFault) -> [String] {
        let names = try CapacityStrategy.names(references, in: state, cluster.id.scope)
        if names.isEmpty { throw .invalidParameter("capacityProviderArns can not be empty.") }
        if let name = names.first(where: { FargateProvider(rawValue: $0) != nil }) {
            throw .invalidParameter("Daemons do not run on capacity provider '\(name)': it has no container instances.")
        }
        if let name = names.first(where: { !cluster.capacityProviders.contains($0) }) {
            throw .invalidParameter(
                "The capacity provider '\(name)' is not associated with the cluster. Associate the capacity provider "
                    + "with the cluster and try again.")
        }
        return names
    }

    static func configuration(
        _ shape: ECSShapes.DaemonDeploymentConfiguration?
    ) throws(APIFault) -> DaemonDeploymentConfiguration? {
        guard let shape else { return nil }
        var configuration = DaemonDeploymentConfiguration()
        if let percent = shape.drainPercent {
            guard (0...100).contains(percent) else {
                throw .invalidParameter("drainPercent must be between 0.0 and 100.0, got \(percent).")
            }
            configuration.drainPercent = percent
        }
        if let minutes = shape.bakeTimeInMinutes {
            guard (0...longestBake).contains(minutes) else {
                throw .invalidParameter("bakeTimeInMinutes must be between 0 and \(longestBake), got \(minutes).")
            }
            configuration.bakeTimeInMinutes = minutes
        }
        configuration.alarmNames = shape.alarms?.alarmNames ?? []
        configuration.heedsAlarms = shape.alarms?.enable
        return configuration
    }

    /// The daemon that an ARN names.
    ///
    /// - Throws: `InvalidParameterException` for what is no daemon's ARN.
    static func daemon(_ arn: String?, _ call: APICall) throws(APIFault) -> DaemonID {
        let arn = arn ?? ""
        guard let id = DaemonID(arn: arn) else { throw .wrongIdentifier(arn, for: "daemon") }
        guard id.cluster.scope == call.scope else { throw .daemonNotFound() }
        return id
    }
}

extension APIFault {
    static func daemonNotFound() -> APIFault { APIFault("DaemonNotFoundException", message: "Daemon not found.") }

    static func daemonNotActive() -> APIFault {
        APIFault("DaemonNotActiveException", message: "Daemon was not ACTIVE.")
    }
}

extension DaemonStatus {
    var wire: String {
        switch self {
        case .active: "ACTIVE"
        case .deleteInProgress: "DELETE_IN_PROGRESS"
        }
    }
}

extension Transaction {
    /// Makes a deployment of what the daemon wants now and puts both; one that was still under way is stopped.
    mutating func deploy(
        _ daemon: inout DaemonRecord, as id: String, _ configuration: DaemonDeploymentConfiguration, now: Timestamp
    ) {
        if var old = state.daemonDeployments[daemon.deployment], old.status.isOpen {
            old.status = .stopped
            old.statusReason = "Replaced by a newer deployment."
            old.stoppedAt = now
            put(old)
        }
        let running = state.tasks(of: daemon.id).filter { $0.isLive && $0.desiredStatus == .running }
        let deployment = DaemonDeploymentRecord(
            id: DaemonDeploymentID(daemon: daemon.id, id: id), target: daemon.revision,
            sources: Set(running.compactMap(\.daemonRevision)).sorted(), configuration: configuration, createdAt: now)
        daemon.deployment = deployment.id
        daemon.updatedAt = now
        put(daemon)
        put(deployment)
    }
}
