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
        guard let breaker = service.configuration.circuitBreaker, breaker.enable, let primary = plan.service.primary,
            primary.rolloutState == .inProgress,
            relevantFailures(of: primary)
                >= DeploymentConfiguration.CircuitBreaker.threshold(desired: service.desiredCount)
        else { return }
        fail(.breaker, rollsBack: breaker.rollback, &plan)
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
