import Domain
import Identifiers

/// Plans the next step of a service: starts, stops, and how its deployments move on.
///
/// Pure: equal snapshots give equal plans, in a stable order; a plan that was carried out and changed nothing else gives
/// an empty one.
/// - Parameter budget: most tasks to start and stop in this step; the rest follows when this is done.
public func reconcile(_ snapshot: ServiceSnapshot, budget: Int = 90) -> ServicePlan {
    var plan = ServicePlan(snapshot)
    switch snapshot.service.status {
    case .inactive: return plan
    case .draining:
        snapshot.drain(&plan, budget: budget)
        snapshot.writeHistory(&plan)
        return plan
    case .active: break
    }
    guard snapshot.service.controller == .ecs else {
        snapshot.planTaskSets(&plan, budget: budget)
        return plan
    }
    plan.service.deployments = plan.service.deployments.map { $0.counting(snapshot.tasks, in: snapshot) }
    snapshot.obeyStopRequest(&plan)
    snapshot.breakCircuit(&plan)
    snapshot.heedAlarms(&plan)
    snapshot.moveLifecycle(&plan)
    guard let primary = plan.service.primary else { return plan }
    switch snapshot.service.schedulingStrategy {
    case .replica:
        if let lifecycle = primary.lifecycle {
            snapshot.runBeside(&plan, primary, lifecycle, budget: budget)
            snapshot.endMove(&plan)
        } else {
            snapshot.roll(&plan, primary, budget: budget)
        }
    case .daemon: snapshot.followHosts(&plan, primary, budget: budget)
    }
    // Two failures may be chance; from the third round on people should hear of it.
    if primary.failedRounds >= 3 { plan.messages.append(.failingStarts(snapshot.service.id)) }
    snapshot.moveOn(&plan)
    snapshot.writeHistory(&plan)
    snapshot.resolveImages(&plan)
    snapshot.planWake(&plan)
    return plan
}

extension ServiceSnapshot {
    fileprivate func roll(_ plan: inout ServicePlan, _ primary: DeploymentRecord, budget: Int) {
        var update = RollingUpdate(self, primary: primary, budget: budget)
        update.planStops()
        plan.starts = update.starts(fallback: plan.service.fallback).map { [$0] } ?? []
        describe(update.stops, by: "deployment \(primary.id.rawValue)", &plan)
        if update.isStuck { plan.messages.append(.stuck(service.id)) }
        for id in update.blocked.sorted() { plan.messages.append(.protected(id, service: service.id)) }
        rebalance(&plan, budget: budget)
    }

    fileprivate func followHosts(_ plan: inout ServicePlan, _ primary: DeploymentRecord, budget: Int) {
        plan.service = plan.service.desiring(.hosts(count: eligibleHosts.count))
        var update = DaemonUpdate(
            self, eligibleHosts, primary: primary, fallback: plan.service.fallback, budget: budget)
        update.plan()
        plan.starts = update.starts
        describe(update.stops, by: "deployment \(primary.id.rawValue)", &plan)
        if update.isStuck { plan.messages.append(.stuck(service.id)) }
        for id in update.blocked.sorted() { plan.messages.append(.protected(id, service: service.id)) }
        // Tasks of others on a draining host are not watched.
        if update.isWaiting { plan.wake(at: now.adding(.seconds(5))) }
    }

    /// Plans the end of `tasks` and tells of it.
    /// - Parameter cause: who wants it, such as `deployment ecs-svc/1`.
    func describe(_ tasks: [TaskRecord], by cause: String, _ plan: inout ServicePlan) {
        guard !tasks.isEmpty else { return }
        for task in tasks {
            let failed = failedCheck(of: task)
            if let failed { plan.messages.append(.unhealthy(task.id, failed, service: service.id)) }
            let reason = failed?.stopReason ?? "Scaling activity initiated by (\(cause))"
            plan.stops.append(
                ServicePlan.Stop(task: task.id, code: .serviceSchedulerInitiated, reason: reason))
        }
        plan.messages.append(.stopped(tasks.map(\.id), service: service.id))
    }

    /// A deleted service stops what it has and is INACTIVE once all of it stops: not while traffic is under way.
    ///
    /// - Source: Amazon ECS API Reference, DeleteService
    fileprivate func drain(_ plan: inout ServicePlan, budget: Int) {
        let live = liveTasks
        let cause = service.deployments.first.map { "deployment \($0.id.rawValue)" } ?? "service \(service.id.name)"
        describe(Array(stopOrder(live, among: live).prefix(budget)), by: cause, &plan)
        guard tasks.allSatisfy({ $0.lastStatus >= .stopping }) else { return }
        plan.service.status = .inactive
        plan.service.inactiveAt = now
        plan.service.taskSets = []
        plan.service.tags = []
        for index in plan.service.deployments.indices { plan.service.deployments[index].updatedAt = now }
    }

    /// Completion, the end of old deployments, and the steady state.
    fileprivate func moveOn(_ plan: inout ServicePlan) {
        let stopping = Set(plan.stops.map(\.task))
        let staying = liveTasks.filter { !stopping.contains($0.id) }
        guard let index = plan.service.deployments.firstIndex(where: { $0.status == .primary }) else { return }
        let primary = plan.service.deployments[index]
        let isWhole =
            primary.lifecycle == nil && plan.starts.isEmpty && staying.count == plan.service.desiredCount
            && staying.allSatisfy { $0.deployment == primary.id && isHealthy($0) }
        // A way back is told of before it is told to be done.
        let isNew = service.primary?.id != primary.id
        if isWhole, !isNew, primary.rolloutState == .inProgress, !bakes(index, &plan) {
            plan.service.deployments[index].rolloutState = .completed
            plan.service.deployments[index].rolloutStateReason = "ECS deployment \(primary.id.rawValue) completed."
            plan.service.deployments[index].updatedAt = now
            plan.messages.append(.completed(primary.id, service: service.id))
        }
        dropFinished(&plan, staying: staying)
        let isQuiet = plan.service.deployments.count == 1 && plan.service.rebalancing == nil
        noteSteadyState(&plan, isWhole: isWhole && isQuiet)
    }

    /// Says so when the service came to rest, and again from time to time while it stays so.
    func noteSteadyState(_ plan: inout ServicePlan, isWhole: Bool) {
        let last = service.events.first { $0.message == ServiceMessage.steady(service.id).text }
        let isDue = last.map { $0.at.adding(ServiceRecord.spell) <= now } ?? true
        if isWhole, !service.isSteady || isDue { plan.messages.append(.steady(service.id)) }
        plan.service.isSteady = isWhole
        if isWhole { plan.wake(at: now.adding(ServiceRecord.spell)) }
    }

    /// Old deployments end with their last task; the newest completed one stays to fall back to until the rollout is done.
    private func dropFinished(_ plan: inout ServicePlan, staying: [TaskRecord]) {
        let used = Set(staying.compactMap(\.deployment)).union(plan.starts.map(\.deployment))
        let isDone = plan.service.primary?.rolloutState == .completed
        let fallback = plan.service.deployments.first { $0.status != .primary && $0.rolloutState == .completed }
        let kept = [fallback?.id, plan.service.primary?.lifecycle?.blue].compactMap { $0 }
        plan.service.deployments.removeAll { deployment in
            deployment.status != .primary && !used.contains(deployment.id) && (isDone || !kept.contains(deployment.id))
        }
    }

    /// What becomes due by itself: settling, the end of a grace period or a throttle.
    fileprivate func planWake(_ plan: inout ServicePlan) {
        wakeForTasks(&plan)
        for deployment in plan.service.deployments {
            if let until = deployment.throttledUntil, until > now { plan.wake(at: until) }
        }
    }

    func wakeForTasks(_ plan: inout ServicePlan) {
        for task in liveTasks where task.lastStatus == .running {
            if let settled = task.settledAt, settled > now { plan.wake(at: settled) }
            let graceEnd = graceEnd(of: task)
            if graceEnd > now { plan.wake(at: graceEnd) }
        }
        wakeWhenUnprotected(&plan)
    }
}

extension ServiceRecord {
    /// What runs on while the primary deployment is held back: the newest complete one.
    fileprivate var fallback: DeploymentRecord? {
        deployments.first { $0.status != .primary && $0.rolloutState == .completed }
    }
}
