import Deployments
import Domain
import ECSShapes
import Identifiers
import StateStore

extension ServiceDeploymentStatus {
    var wire: String {
        switch self {
        case .pending: "PENDING"
        case .inProgress: "IN_PROGRESS"
        case .successful: "SUCCESSFUL"
        case .stopRequested: "STOP_REQUESTED"
        case .stopped: "STOPPED"
        case .rollbackRequested: "ROLLBACK_REQUESTED"
        case .rollbackInProgress: "ROLLBACK_IN_PROGRESS"
        case .rollbackSuccessful: "ROLLBACK_SUCCESSFUL"
        case .rollbackFailed: "ROLLBACK_FAILED"
        }
    }
}

extension ServiceDeploymentRecord.Breaker.Status {
    var wire: String {
        switch self {
        case .disabled: "DISABLED"
        case .monitoring: "MONITORING"
        case .monitoringComplete: "MONITORING_COMPLETE"
        case .triggered: "TRIGGERED"
        }
    }
}

extension ECSShapes.ServiceDeployment {
    init(_ record: ServiceDeploymentRecord, in state: StateSnapshot) {
        let service = record.id.service
        let tallies = record.tallies(in: state.services[service], state.tasks(of: service))
            .map(ECSShapes.ServiceRevisionSummary.init)
        self.init(
            serviceDeploymentArn: record.id.arn, serviceArn: service.arn, clusterArn: service.cluster.arn,
            createdAt: record.createdAt.wire, startedAt: record.startedAt?.wire, finishedAt: record.finishedAt?.wire,
            stoppedAt: record.stoppedAt?.wire, updatedAt: record.updatedAt.wire,
            sourceServiceRevisions: Array(tallies.dropFirst()), targetServiceRevision: tallies.first,
            status: record.status.wire, statusReason: record.statusReason, lifecycleStage: record.stage?.shown,
            lifecycleHookDetails: record.hooks?.map(ECSShapes.DeploymentLifecycleHookDetail.init),
            deploymentConfiguration: ECSShapes.DeploymentConfiguration(record.configuration),
            rollback: record.rollback.map {
                ECSShapes.Rollback(
                    reason: $0.reason, startedAt: $0.startedAt.wire, serviceRevisionArn: $0.revision?.arn)
            },
            deploymentCircuitBreaker: ECSShapes.ServiceDeploymentCircuitBreaker(
                status: record.breaker.status.wire, failureCount: record.breaker.failureCount,
                threshold: record.breaker.threshold),
            alarms: ECSShapes.ServiceDeploymentAlarms(
                status: record.alarmStatus, alarmNames: record.configuration.alarms?.names.nonEmpty,
                triggeredAlarmNames: record.triggeredAlarms))
    }
}

extension ServiceDeploymentRecord {
    fileprivate var alarmStatus: String {
        guard configuration.alarms?.enable == true else { return "DISABLED" }
        if triggeredAlarms != nil { return "TRIGGERED" }
        return status.isOpen ? "MONITORING" : "MONITORING_COMPLETE"
    }
}

extension ECSShapes.ServiceRevisionSummary {
    init(_ tally: RevisionTally) {
        self.init(
            arn: tally.revision.arn, requestedTaskCount: tally.requested, runningTaskCount: tally.running,
            pendingTaskCount: tally.pending, requestedTestTrafficWeight: tally.test?.percent,
            requestedProductionTrafficWeight: tally.production?.percent)
    }
}

extension ECSShapes.ServiceCurrentRevisionSummary {
    init(_ tally: RevisionTally) {
        self.init(
            arn: tally.revision.arn, requestedTaskCount: tally.requested, runningTaskCount: tally.running,
            pendingTaskCount: tally.pending)
    }
}

extension ECSShapes.ServiceDeploymentBrief {
    init(_ record: ServiceDeploymentRecord) {
        self.init(
            serviceDeploymentArn: record.id.arn, serviceArn: record.id.service.arn,
            clusterArn: record.id.service.cluster.arn, startedAt: record.startedAt?.wire,
            createdAt: record.createdAt.wire, finishedAt: record.finishedAt?.wire,
            targetServiceRevisionArn: record.target.arn, status: record.status.wire,
            statusReason: record.statusReason)
    }
}

extension ECSShapes.ServiceRevision {
    init(_ record: ServiceRevisionRecord) {
        let service = record.id.service
        self.init(
            serviceRevisionArn: record.id.arn, serviceArn: service.arn, clusterArn: service.cluster.arn,
            taskDefinition: record.taskDefinition.arn)
        setCapacity(
            record.launchType, record.capacityProviderStrategy, platform: resolvedPlatform(record.platformVersion))
        networkConfiguration = record.networkConfiguration.map(ECSShapes.NetworkConfiguration.init)
        containerImages = record.images.map {
            ECSShapes.ContainerImage(containerName: $0.container, imageDigest: $0.digest, image: $0.image)
        }
        loadBalancers = record.loadBalancers.nonEmpty?.map(ECSShapes.LoadBalancer.init)
        let resolved = record.loadBalancers.filter { $0.shift != nil }.map {
            ECSShapes.ServiceRevisionLoadBalancer(
                targetGroupArn: $0.targetGroup.arn, productionListenerRule: $0.shift?.production.arn)
        }
        if !resolved.isEmpty { resolvedConfiguration = ECSShapes.ResolvedConfiguration(loadBalancers: resolved) }
        guardDutyEnabled = false
        createdAt = record.createdAt.wire
    }
}
