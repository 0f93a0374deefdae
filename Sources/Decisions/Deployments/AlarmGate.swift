import Domain
import Identifiers

extension ServiceSnapshot {
    /// Fails the primary deployment when one of its alarms goes off. Those that went off before it began say nothing of
    /// it, and one that does not exist never goes off.
    /// - Source: Amazon ECS Developer Guide, "How CloudWatch alarms detect Amazon ECS deployment failures"
    func heedAlarms(_ plan: inout ServicePlan) {
        guard let index = plan.service.deployments.firstIndex(where: { $0.status == .primary }),
            plan.service.deployments[index].rolloutState == .inProgress,
            let record = plan.serviceDeployments.firstIndex(where: {
                $0.deployment == plan.service.deployments[index].id && $0.status.isOpen
            }),
            let gate = plan.serviceDeployments[record].configuration.alarms, gate.enable
        else { return }
        let ringing = gate.names.filter { alarms[$0] == .alarm }
        guard let known = plan.service.deployments[index].knownAlarms else {
            plan.service.deployments[index].knownAlarms = ringing
            return
        }
        let news = ringing.filter { !known.contains($0) }
        guard !news.isEmpty else { return }
        plan.serviceDeployments[record].triggeredAlarms = news
        fail(.alarm, rollsBack: gate.rollback, &plan)
    }

    /// Whether a rolling deployment that replaced everything still waits for its alarms to see that.
    ///
    /// - Source: Amazon ECS Developer Guide, "How CloudWatch alarms detect Amazon ECS deployment failures", bake time
    func bakes(_ index: Int, _ plan: inout ServicePlan) -> Bool {
        let deployment = plan.service.deployments[index]
        guard alarmBakeTime > .zero,
            let record = plan.serviceDeployments.first(where: { $0.deployment == deployment.id && $0.status.isOpen }),
            record.stage == nil, record.configuration.alarms?.enable == true
        else { return false }
        // A clock that was set back counts anew.
        let since = deployment.bakingSince.map { min($0, now) } ?? now
        plan.service.deployments[index].bakingSince = since
        let until = since.adding(alarmBakeTime)
        if until > now { plan.wake(at: until) }
        return until > now
    }
}
