import Domain
import Identifiers

extension ServiceSnapshot {
    /// Plans the task sets of a service with an external controller: each keeps its share of the desired count.
    func planTaskSets(_ plan: inout ServicePlan, budget: Int) {
        var budget = budget
        for index in plan.service.taskSets.indices {
            var set = plan.service.taskSets[index]
            set.deployment = set.deployment.counting(tasks, in: self)
            let own = only(set)
            var update = RollingUpdate(own, primary: set.deployment, budget: budget)
            update.planStops()
            let start = update.starts(fallback: nil)
            budget -= update.stops.count + (start?.count ?? 0)
            plan.starts += start.map { [$0] } ?? []
            describe(update.stops, by: "taskSet \(set.id.rawValue)", &plan)
            if !update.blocked.isEmpty { plan.messages.append(.protected(set.id, service: service.id)) }
            if set.deployment.failedRounds >= 3 { plan.messages.append(.failingStarts(service.id)) }
            settle(&set, own, isMoving: start != nil || !update.stops.isEmpty)
            plan.service.taskSets[index] = set
            own.wakeForTasks(&plan)
            if let until = set.deployment.throttledUntil, until > now { plan.wake(at: until) }
        }
        plan.service.taskSets.removeAll { set in
            set.status == .draining && !tasks.contains { $0.deployment == set.id && $0.isLive }
        }
        noteSteadyState(&plan, isWhole: !plan.service.taskSets.isEmpty && plan.service.taskSets.allSatisfy(\.isStable))
    }

    /// The service as the task set sees it: its own tasks, and its share as the desired count.
    private func only(_ set: TaskSetRecord) -> ServiceSnapshot {
        var own = only(set.deployment, count: set.computedDesiredCount(of: service.desiredCount))
        if set.status == .draining {
            // Protection is against scaling in, not against the end of it all.
            for index in own.tasks.indices { own.tasks[index].protection = nil }
        }
        return own
    }

    /// The service as one of its deployments sees it: its own tasks, and `count` as the desired count.
    func only(_ deployment: DeploymentRecord, count: Int) -> ServiceSnapshot {
        var own = self
        own.service = service.desiring(.update(count: count))
        own.service.deployments = [deployment]
        own.service.capacityProviderStrategy = deployment.capacityProviderStrategy
        own.service.rebalancing = nil
        own.tasks = tasks.filter { $0.deployment == deployment.id }
        return own
    }

    /// - Source: Amazon ECS API Reference, TaskSet, stabilityStatus
    private func settle(_ set: inout TaskSetRecord, _ own: ServiceSnapshot, isMoving: Bool) {
        let live = own.liveTasks
        let isStable =
            !isMoving && live.count == own.service.desiredCount
            && live.allSatisfy { task in
                guard task.lastStatus == .running, !isDisplaced(task) else { return false }
                guard task.loadBalancers.isEmpty else { return isHealthy(task) }
                let definition = definitions[task.definition]
                return definition.map { !$0.hasChecks || task.healthStatus(in: $0) == .healthy } ?? true
            }
        guard isStable != set.isStable else { return }
        set.isStable = isStable
        set.stabilityAt = now
    }
}
