import Domain
import ECSShapes
import Identifiers
import StateStore

extension DaemonDeploymentStatus {
    var wire: String {
        switch self {
        case .pending: "PENDING"
        case .inProgress: "IN_PROGRESS"
        case .successful: "SUCCESSFUL"
        case .stopped: "STOPPED"
        case .rollbackInProgress: "ROLLBACK_IN_PROGRESS"
        case .rollbackSuccessful: "ROLLBACK_SUCCESSFUL"
        case .rollbackFailed: "ROLLBACK_FAILED"
        }
    }
}

extension ECSShapes.DaemonDeployment {
    init(_ deployment: DaemonDeploymentRecord, in state: StateSnapshot) {
        self.init()
        daemonDeploymentArn = deployment.id.arn
        clusterArn = deployment.id.daemon.cluster.arn
        status = deployment.status.wire
        statusReason = deployment.statusReason
        targetDaemonRevision = deployment.target.map { ECSShapes.DaemonDeploymentRevisionDetail($0, in: state) }
        sourceDaemonRevisions = deployment.sources.map { ECSShapes.DaemonDeploymentRevisionDetail($0, in: state) }
        circuitBreaker = ECSShapes.DaemonCircuitBreaker(
            failureCount: deployment.failureCount, status: deployment.breakerStatus,
            threshold: deployment.failureThreshold)
        let names = deployment.configuration.alarmNames
        alarms = ECSShapes.DaemonDeploymentAlarms(
            status: deployment.alarmStatus, alarmNames: names, triggeredAlarmNames: deployment.triggeredAlarms ?? [])
        deploymentConfiguration = ECSShapes.DaemonDeploymentConfiguration(
            drainPercent: deployment.configuration.drainPercent,
            alarms: ECSShapes.DaemonAlarmConfiguration(
                alarmNames: names, enable: deployment.configuration.heedsAlarms ?? false),
            bakeTimeInMinutes: deployment.configuration.bakeTimeInMinutes)
        rollback = deployment.rollback.map { rollback in
            ECSShapes.DaemonRollback(
                reason: rollback.reason, startedAt: rollback.startedAt.wire,
                rollbackTargetDaemonRevisionArn: rollback.target.arn,
                rollbackCapacityProviders: state.daemonRevisions[rollback.target]?.capacityProviders.map {
                    CapacityProviderID(scope: rollback.target.daemon.cluster.scope, name: $0).arn
                })
        }
        createdAt = deployment.createdAt.wire
        startedAt = deployment.startedAt?.wire
        stoppedAt = deployment.stoppedAt?.wire
        finishedAt = deployment.finishedAt?.wire
    }
}

extension DaemonDeploymentRecord {
    fileprivate var alarmStatus: String {
        guard target != nil, configuration.heedsAlarms == true else { return "DISABLED" }
        if triggeredAlarms != nil { return "TRIGGERED" }
        return status.isOpen ? "MONITORING" : "MONITORING_COMPLETE"
    }

    /// A deployment that only ends a daemon has no breaker.
    fileprivate var breakerStatus: String {
        if target == nil { return "DISABLED" }
        if let failureThreshold, failureCount >= failureThreshold { return "TRIGGERED" }
        return status.isOpen ? "MONITORING" : "MONITORING_COMPLETE"
    }
}

extension ECSShapes.DaemonDeploymentRevisionDetail {
    init(_ revision: DaemonRevisionID, in state: StateSnapshot) {
        let tally = DaemonTally(revision, in: state)
        self.init(
            arn: revision.arn,
            capacityProviders: tally.providers.map { provider in
                ECSShapes.DaemonDeploymentCapacityProvider(
                    arn: tally.arn(of: provider, revision), runningInstanceCount: tally.running[provider] ?? 0,
                    drainingInstanceCount: tally.draining[provider] ?? 0)
            }, totalRunningInstanceCount: tally.totalRunning, totalDrainingInstanceCount: tally.totalDraining)
    }
}

extension ECSShapes.DaemonDeploymentSummary {
    init(_ deployment: DaemonDeploymentRecord) {
        self.init()
        daemonDeploymentArn = deployment.id.arn
        daemonArn = deployment.id.daemon.arn
        clusterArn = deployment.id.daemon.cluster.arn
        status = deployment.status.wire
        statusReason = deployment.statusReason
        targetDaemonRevisionArn = deployment.target?.arn
        createdAt = deployment.createdAt.wire
        startedAt = deployment.startedAt?.wire
        stoppedAt = deployment.stoppedAt?.wire
        finishedAt = deployment.finishedAt?.wire
    }
}
