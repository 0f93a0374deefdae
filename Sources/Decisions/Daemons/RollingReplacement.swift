import Domain
import Identifiers
import Placement

extension DaemonDeploymentConfiguration {
    /// How many of so many hosts may be without a running daemon task at once: rounded down, one at least.
    func batch(of hosts: Int) -> Int {
        max(1, Int(Double(hosts) * min(max(drainPercent, 0), 100) / 100))
    }
}

extension DaemonSnapshot {
    /// Replaces tasks of other revisions, a batch of hosts after the other, and ends the deployment after the last.
    func replaceOutdated(_ survey: HostSurvey, _ plan: inout DaemonPlan) {
        if plan.deployment.status == .inProgress, survey.refused == nil { plan.deployment.statusReason = nil }
        // What does no work yet is no loss.
        for task in survey.outdated where !isWell(task) { plan.stop(task) }
        let outdated = survey.outdated.filter(isWell)
        let busy = survey.busy + survey.outdated.count - outdated.count
        let batch = deployment.configuration.batch(of: survey.count)
        guard plan.deployment.status.isOpen else {
            for task in outdated.prefix(max(0, batch - busy)) { plan.stop(task) }
            if !outdated.isEmpty, let until = survey.provedAt { plan.wake(at: until) }
            return
        }
        if let left = plan.deployment.batchLeft, !outdated.isEmpty {
            plan.deployment.batchDoneAt = nil
            plan.stop(outdated, batchOf: left, atMost: batch - busy)
            if let until = survey.provedAt { plan.wake(at: until) }
            return
        }
        plan.deployment.batchLeft = nil
        guard busy == 0 else {
            plan.deployment.batchDoneAt = nil
            if let until = survey.provedAt { plan.wake(at: until) }
            return
        }
        guard isBaked(&plan) else { return }
        if !outdated.isEmpty {
            plan.deployment.batchDoneAt = nil
            plan.stop(outdated, batchOf: batch, atMost: batch)
        } else if let (host, refusal) = survey.refused {
            plan.deployment.statusReason =
                "\(refusal.code) - Unable to place daemon task on container instance \(host.id)."
        } else if survey.silent > 0 {
            plan.deployment.statusReason = "\(survey.silent) container instances are not connected."
        } else if plan.deployment.status == .rollbackInProgress {
            plan.finish(.rollbackSuccessful, "Rolled back to the last revision that ran on every host.", now: now)
        } else {
            plan.finish(.successful, "Deployment completed successfully.", now: now)
            plan.daemon.stableRevision = daemon.revision
        }
    }

    /// Whether the batch before was watched for long enough. Nothing was done before the first, and a way back is not slowed.
    private func isBaked(_ plan: inout DaemonPlan) -> Bool {
        if deployment.status == .pending || plan.deployment.status == .rollbackInProgress { return true }
        // Not later than now, for the clock may have been set back since.
        let done = min(deployment.batchDoneAt ?? now, now)
        plan.deployment.batchDoneAt = done
        let until = done.adding(.seconds(60 * Int64(deployment.configuration.bakeTimeInMinutes)))
        if until <= now { return true }
        plan.wake(at: until)
        return false
    }
}
