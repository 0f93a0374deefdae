import Deployments
import Domain
import Identifiers

/// Plans the next step of a daemon: one well task of the wanted revision on every host.
///
/// Pure: equal snapshots give equal plans, in a stable order; a plan that was carried out and changed nothing else gives
/// an empty one.
/// - Parameter budget: most tasks to start and stop in this step; the rest follows when this is done.
public func reconcile(_ snapshot: DaemonSnapshot, budget: Int = 90) -> DaemonPlan {
    var plan = DaemonPlan(snapshot, budget: budget)
    guard snapshot.daemon.status == .active, let revision = snapshot.daemon.revision else {
        snapshot.drain(&plan)
        return plan
    }
    snapshot.begin(&plan)
    // The hosts and what they admit were looked up for another revision: plan again.
    if snapshot.heedAlarms(&plan, revision) || snapshot.breakCircuit(&plan, revision) { return plan }
    let survey = HostSurvey(snapshot, revision)
    for task in survey.surplus { plan.stop(task) }
    // A first deployment that failed holds still until there is another one.
    guard plan.deployment.status != .stopped else { return plan }
    for task in survey.unhealthy { plan.stop(task, failedChecks) }
    snapshot.startMissing(survey, revision, &plan)
    snapshot.replaceOutdated(survey, &plan)
    return plan
}

extension DaemonSnapshot {
    /// A deleted daemon stops what it has and goes once nothing of it is left.
    fileprivate func drain(_ plan: inout DaemonPlan) {
        begin(&plan)
        for task in tasks.sorted(by: { $0.id < $1.id }) where task.isLive && task.desiredStatus == .running {
            plan.stop(task, "Daemon deleted")
        }
        guard tasks.allSatisfy({ !$0.isLive }) else { return }
        plan.finish(.successful, "Deployment completed successfully.", now: now)
        plan.isGone = true
    }

    fileprivate func begin(_ plan: inout DaemonPlan) {
        guard deployment.status == .pending else { return }
        plan.deployment.status = .inProgress
        plan.deployment.startedAt = now
        guard deployment.target != nil else { return }
        plan.deployment.failureThreshold = DeploymentConfiguration.CircuitBreaker.threshold(desired: hosts.count)
    }

    /// Fails the deployment when its tasks failed too often, and goes back to the last revision that ran everywhere.
    ///
    /// - Returns: whether another revision is wanted now.
    fileprivate func breakCircuit(_ plan: inout DaemonPlan, _ revision: DaemonRevisionID) -> Bool {
        let threshold = plan.deployment.failureThreshold ?? .max
        switch plan.deployment.status {
        case .inProgress:
            let failures = failures(of: deployment.target)
            plan.deployment.failureCount = plan.deployment.count(failures, onto: deployment.failureCount)
            guard plan.deployment.failureCount >= threshold else { return false }
            return fail("Daemon deployment circuit breaker: tasks failed to start.", &plan, revision)
        case .rollbackInProgress:
            let failures = failures(of: revision)
            let count = plan.deployment.count(failures, onto: deployment.rollback?.failureCount ?? 0)
            if count > 0 { plan.deployment.rollback?.failureCount = count }
            guard count >= threshold else { return false }
            plan.finish(.rollbackFailed, "Tasks of the revision that was gone back to failed to start.", now: now)
            return false
        case .pending, .successful, .stopped, .rollbackSuccessful, .rollbackFailed: return false
        }
    }

    /// Fails the deployment when one of its alarms goes off. Those that went off before it began say nothing of it, and one that
    /// does not exist never goes off.
    ///
    /// - Returns: whether another revision is wanted now.
    /// - Source: Amazon ECS API Reference, DaemonAlarmConfiguration
    fileprivate func heedAlarms(_ plan: inout DaemonPlan, _ revision: DaemonRevisionID) -> Bool {
        let configuration = deployment.configuration
        guard plan.deployment.status == .inProgress, deployment.target != nil, configuration.heedsAlarms == true else {
            return false
        }
        let ringing = configuration.alarmNames.filter { alarms[$0] == .alarm }
        guard let known = plan.deployment.knownAlarms else {
            plan.deployment.knownAlarms = ringing
            return false
        }
        let news = ringing.filter { !known.contains($0) }
        guard !news.isEmpty else { return false }
        plan.deployment.triggeredAlarms = news
        return fail("Daemon deployment alarm: \(news.joined(separator: ", ")) went off.", &plan, revision)
    }

    /// Goes back to the last revision that ran everywhere, or stops where there is none.
    ///
    /// - Returns: whether another revision is wanted now.
    private func fail(_ reason: String, _ plan: inout DaemonPlan, _ revision: DaemonRevisionID) -> Bool {
        guard let stable = daemon.stableRevision, stable != revision else {
            plan.finish(.stopped, reason + " There is no revision to go back to.", now: now)
            return false
        }
        plan.deployment.status = .rollbackInProgress
        plan.deployment.statusReason = reason
        plan.deployment.batchDoneAt = nil
        plan.deployment.batchLeft = nil
        plan.deployment.countedFailures = nil
        plan.deployment.rollback = DaemonRollbackRecord(reason: reason, startedAt: now, target: stable)
        plan.daemon.revision = stable
        return true
    }

    /// Hosts without any task of the daemon get one, unless the last ones failed there just now.
    fileprivate func startMissing(_ survey: HostSurvey, _ revision: DaemonRevisionID, _ plan: inout DaemonPlan) {
        let throttles = survey.empty.isEmpty ? [:] : throttles(of: revision)
        for host in survey.empty {
            if let until = throttles[host], until > now {
                plan.wake(at: until)
            } else {
                plan.start(on: host)
            }
        }
    }
}
