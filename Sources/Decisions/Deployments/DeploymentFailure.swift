import Domain
import Identifiers

/// Why a deployment ends before it is complete.
enum DeploymentFailure: Equatable {
    case breaker
    /// A caller asked for it.
    case stopRequest
    case alarm
    case hook(HookFailure)

    /// `rolloutStateReason` of the deployment that failed.
    var rolloutReason: String {
        switch self {
        case .breaker: "ECS deployment circuit breaker: tasks failed to start."
        case .stopRequest: "ECS deployment stopped by request."
        case .alarm: "ECS deployment failed: alarm detected."
        case .hook(let failure): "ECS deployment failed: \(failure.text)."
        }
    }

    /// `rolloutStateReason` of the deployment that takes it back.
    func rollingBack(to target: DeploymentID) -> String {
        let cause =
            switch self {
            case .breaker: "ECS deployment circuit breaker"
            case .stopRequest: "ECS deployment stopped by request"
            case .alarm: "ECS deployment failed: alarm detected"
            case .hook(let failure): "ECS deployment failed: \(failure.text)"
            }
        return "\(cause): rolling back to deploymentId \(target.rawValue)."
    }

    /// `statusReason` of the service deployment.
    func statusReason(rolledBack: Bool) -> String {
        let cause =
            switch self {
            case .breaker: "the circuit breaker threshold was exceeded"
            case .stopRequest: rolledBack ? "a rollback was requested" : "a stop was requested"
            case .alarm: "a deployment alarm was detected"
            case .hook(let failure): failure.text
            }
        return "Service deployment \(rolledBack ? "rolled back" : "stopped") because \(cause)."
    }

    /// What the service event says after `deployment failed:`.
    func eventReason(rollsBack: Bool) -> String {
        switch self {
        case .breaker: "tasks failed to start."
        case .alarm: "alarm detected."
        case .stopRequest, .hook: statusReason(rolledBack: rollsBack)
        }
    }
}

extension HookFailure {
    var text: String {
        switch self {
        case .answered(let hook): "the lifecycle hook \(hook) was answered with ROLLBACK"
        case .timedOut(let hook): "the lifecycle hook \(hook) timed out"
        }
    }
}

extension ServiceSnapshot {
    /// Ends the primary deployment: no more of its tasks start. With `rollsBack` the last completed deployment is made
    /// primary anew.
    ///
    /// A rollback that fails as well stays failed: rolling back once more would go on for ever. Where the old revision still
    /// runs, traffic is its own again at once, and its deployment is the primary one as it is.
    func fail(_ failure: DeploymentFailure, rollsBack: Bool, _ plan: inout ServicePlan) {
        guard let index = plan.service.deployments.firstIndex(where: { $0.status == .primary }) else { return }
        var failed = plan.service.deployments[index]
        failed.rolloutState = .failed
        failed.rolloutStateReason = failure.rolloutReason
        failed.updatedAt = now
        plan.messages.append(
            .failed(failed.id, service: service.id, because: failure.eventReason(rollsBack: rollsBack)))
        if var lifecycle = failed.lifecycle {
            lifecycle.takeBack(hasBlue: plan.service.deployments.contains { $0.id == lifecycle.blue })
            failed.lifecycle = lifecycle
            plan.keep(lifecycle, of: failed.id)
        }
        plan.service.deployments[index] = failed
        let target = plan.service.deployments.first { $0.id != failed.id && $0.rolloutState == .completed }
        guard rollsBack, failed.rollsBack == nil, let target else {
            record(failure, of: failed, wantedRollback: rollsBack, &plan)
            return
        }
        plan.service.deployments[index].status = .active
        plan.service.deployments[index].lifecycle = nil
        let isRunning = failed.lifecycle?.blue == target.id
        if isRunning { plan.service.deployments.removeAll { $0.id == target.id } }
        let back = rollback(of: failed, to: target, isRunning: isRunning, failure)
        plan.service.deployments.insert(back, at: 0)
        plan.service.takeOver(target)
        if let path = revisions.first(where: { $0.id == target.revision })?.express?.healthCheckPath {
            plan.service.express?.healthCheckPath = path
        }
        plan.messages.append(.rollingBack(to: target.id, service: service.id))
        record(failure, of: failed, to: back, &plan)
    }

    /// - Parameter isRunning: whether the tasks of `target` are all there: then it needs no deployment of its own.
    private func rollback(
        of failed: DeploymentRecord, to target: DeploymentRecord, isRunning: Bool, _ failure: DeploymentFailure
    ) -> DeploymentRecord {
        var deployment = target
        if !isRunning {
            deployment.id = freshID
            deployment.createdAt = now
            deployment.countedFailures = []
        }
        deployment.status = .primary
        deployment.lifecycle = nil
        deployment.updatedAt = now
        deployment.rolloutState = .inProgress
        deployment.rolloutStateReason = failure.rollingBack(to: target.id)
        deployment.failedTasks = 0
        deployment.lastFailureAt = nil
        deployment.failedRounds = 0
        deployment.knownAlarms = nil
        deployment.bakingSince = nil
        deployment.rollsBack = failed.id
        return deployment
    }

    /// The service deployment ends without a rollback, or its rollback fails.
    private func record(
        _ failure: DeploymentFailure, of failed: DeploymentRecord, wantedRollback: Bool, _ plan: inout ServicePlan
    ) {
        let origin = failed.rollsBack ?? failed.id
        let before = plan
        plan.change(serviceDeploymentOf: origin) { record in
            if failure == .breaker, failed.rollsBack == nil { record.breaker = tripped(failed) }
            if failed.rollsBack != nil {
                end(&record, .rollbackFailed, because: failure.statusReason(rolledBack: false), before)
            } else if wantedRollback {
                end(&record, .rollbackFailed, because: "No rollback candidate was found to run the rollback.", before)
            } else {
                end(&record, .stopped, because: failure.statusReason(rolledBack: false), before)
            }
        }
    }

    /// The service deployment goes on as a rollback.
    private func record(
        _ failure: DeploymentFailure, of failed: DeploymentRecord, to target: DeploymentRecord,
        _ plan: inout ServicePlan
    ) {
        plan.change(serviceDeploymentOf: failed.id) { record in
            if failure == .breaker { record.breaker = tripped(failed) }
            let reason = failure.statusReason(rolledBack: true)
            record.startedAt = record.startedAt ?? now
            record.status = .rollbackInProgress
            record.statusReason = reason
            record.rollback = ServiceDeploymentRecord.Rollback(
                reason: reason, startedAt: now, revision: target.revision, deployment: target.id)
        }
    }

    private func tripped(_ failed: DeploymentRecord) -> ServiceDeploymentRecord.Breaker {
        ServiceDeploymentRecord.Breaker(
            status: .triggered, failureCount: failed.failedTasks,
            threshold: DeploymentConfiguration.CircuitBreaker.threshold(desired: service.desiredCount))
    }
}

extension ServiceRecord {
    /// Wants again what an old deployment deployed: a rollback takes back all that began the failed one.
    fileprivate mutating func takeOver(_ target: DeploymentRecord) {
        taskDefinition = target.taskDefinition
        platformVersion = target.platformVersion
        networkConfiguration = target.networkConfiguration
        // Of two groups between which traffic is shifted, which one a deployment has is its own matter.
        if !target.loadBalancers.contains(where: { $0.shift != nil }) { loadBalancers = target.loadBalancers }
    }
}

extension ServicePlan {
    fileprivate mutating func change(
        serviceDeploymentOf deployment: DeploymentID, _ body: (inout ServiceDeploymentRecord) -> Void
    ) {
        guard
            let index = serviceDeployments.firstIndex(where: { $0.deployment == deployment && $0.status.isOpen })
        else { return }
        body(&serviceDeployments[index])
    }
}
