public import Domain
import Identifiers

extension DeploymentConfiguration.CircuitBreaker {
    /// Failures in a row that trip the breaker: half the desired count, rounded up, from 3 to 200.
    /// - Source: Amazon ECS API Reference, DeploymentCircuitBreaker
    public static func threshold(desired: Int) -> Int { min(200, max(3, desired / 2 + desired % 2)) }
}

extension ServiceSnapshot {
    /// Fails the primary deployment when its tasks failed too often, and rolls back when asked to.
    func breakCircuit(_ plan: inout ServicePlan) {
        guard let breaker = service.configuration.circuitBreaker, breaker.enable,
            let index = plan.service.deployments.firstIndex(where: { $0.status == .primary })
        else { return }
        var failed = plan.service.deployments[index]
        let threshold = DeploymentConfiguration.CircuitBreaker.threshold(desired: service.desiredCount)
        guard failed.rolloutState == .inProgress, relevantFailures(of: failed) >= threshold else { return }
        let isRollback = failed.rolloutStateReason.hasPrefix(Self.rollbackReason)
        failed.rolloutState = .failed
        failed.rolloutStateReason = "ECS deployment circuit breaker: tasks failed to start."
        failed.updatedAt = now
        plan.messages.append(.failed(failed.id, service: service.id))
        plan.service.deployments[index] = failed
        // A rollback that fails as well stays failed: rolling back once more would go on for ever.
        guard breaker.rollback, !isRollback,
            let target = plan.service.deployments.first(where: { $0.id != failed.id && $0.rolloutState == .completed })
        else { return }
        plan.service.deployments[index].status = .active
        plan.service.deployments.insert(rollback(to: target), at: 0)
        plan.service.taskDefinition = target.taskDefinition
        plan.messages.append(.rollingBack(to: target.id, service: service.id))
    }

    private static let rollbackReason = "ECS deployment circuit breaker: rolling back to deploymentId"

    private func rollback(to target: DeploymentRecord) -> DeploymentRecord {
        var deployment = target
        deployment.id = freshID
        deployment.status = .primary
        deployment.createdAt = now
        deployment.updatedAt = now
        deployment.rolloutState = .inProgress
        deployment.rolloutStateReason = "\(Self.rollbackReason) \(target.id.rawValue)."
        deployment.failedTasks = 0
        deployment.lastFailureAt = nil
        deployment.failedRounds = 0
        deployment.countedFailures = []
        return deployment
    }

    /// Once a task of the deployment ran, only failed checks count.
    private func relevantFailures(of deployment: DeploymentRecord) -> Int {
        let own = tasks.filter { $0.deployment == deployment.id }
        guard own.contains(where: { $0.observed?.startedAt != nil }) else { return deployment.failedTasks }
        let byID = Dictionary(own.map { ($0.id.id, $0) }) { $1 }
        let unwell = deployment.countedFailures.reversed().prefix { byID[$0]?.failure == .health }.count
        return min(unwell, deployment.failedTasks)
    }
}
