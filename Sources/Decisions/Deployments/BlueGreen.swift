import Domain
import Identifiers

// Deployments that run the new revision (green) beside the old one (blue) and move traffic between them.

extension ServiceSnapshot {
    /// Moves the stages of the primary deployment on, and fails it when a hook says so.
    func moveLifecycle(_ plan: inout ServicePlan) {
        guard let index = plan.service.deployments.firstIndex(where: { $0.status == .primary }),
            var lifecycle = plan.service.deployments[index].lifecycle,
            plan.service.deployments[index].rolloutState != .failed,
            let record = plan.serviceDeployments.first(where: {
                $0.deployment == plan.service.deployments[index].id && $0.status.isOpen
            })
        else { return }
        if record.stage == nil {
            begin(&lifecycle, plan.service.deployments[index], record)
            plan.service.rebalancing = nil
            for other in plan.service.deployments.indices where other != index {
                plan.service.deployments[other].lifecycle = nil
            }
        }
        let outcome = lifecycle.advance(view(of: lifecycle, plan.service.deployments[index], record))
        let isProved = lifecycle.stage == .cleanUp
        if isProved, plan.service.deployments[index].rolloutState == .inProgress {
            complete(&plan.service.deployments[index])
            plan.messages.append(.completed(plan.service.deployments[index].id, service: service.id))
        }
        plan.service.deployments[index].lifecycle = lifecycle
        switch outcome {
        case .waits(let until): if let until { plan.wake(at: until) }
        case .fails(let failure): fail(.hook(failure), rollsBack: true, &plan)
        case .ends:
            plan.keep(lifecycle, of: record.deployment)
            plan.service.deployments[index].lifecycle = nil
        }
    }

    private func complete(_ deployment: inout DeploymentRecord) {
        deployment.rolloutState = .completed
        deployment.rolloutStateReason = "ECS deployment \(deployment.id.rawValue) completed."
        deployment.updatedAt = now
    }

    /// An old revision that never was complete and of which nothing is healthy is none to go back to. Where more than
    /// it runs, that is tidied up first.
    private func begin(
        _ lifecycle: inout DeploymentLifecycle, _ green: DeploymentRecord, _ record: ServiceDeploymentRecord
    ) {
        if let blue = service.deployments.first(where: { $0.id == lifecycle.blue }) {
            let isServing = liveTasks.contains { $0.deployment == blue.id && isHealthy($0) }
            if blue.rolloutState != .completed, !isServing { lifecycle.blue = nil }
        }
        let others = liveTasks.contains { $0.deployment != green.id && $0.deployment != lifecycle.blue }
        let view = view(of: lifecycle, green, record)
        lifecycle.enter(others ? .reconcileService : .preScaleUp, view)
    }

    private func view(
        of lifecycle: DeploymentLifecycle, _ green: DeploymentRecord, _ record: ServiceDeploymentRecord
    ) -> LifecycleView {
        let live = liveTasks
        let own = live.filter { $0.deployment == green.id }
        let old = live.filter { $0.deployment != green.id }
        let blue = old.filter { $0.deployment == lifecycle.blue }
        // Not what it starts again and again: of a revision that never becomes well nobody would see the end.
        let isReconciled = old.count - blue.count <= max(0, service.desiredCount - blue.count { isHealthy($0) })
        return LifecycleView(
            configuration: record.configuration, answers: record.hookAnswers ?? [],
            hasBlue: service.deployments.contains { $0.id == lifecycle.blue }, isReconciled: isReconciled,
            isGreenWhole: own.count == service.desiredCount && own.allSatisfy { isHealthy($0) },
            isClean: old.isEmpty, now: now)
    }

    /// Plans the tasks of both revisions: each keeps its own count within the bounds of the service.
    func runBeside(
        _ plan: inout ServicePlan, _ green: DeploymentRecord, _ lifecycle: DeploymentLifecycle, budget: Int
    ) {
        var budget = budget
        let desired = lifecycle.stage < .scaleUp ? 0 : service.desiredCount
        keep(green, at: desired, &plan, &budget)
        let blue = plan.service.deployments.first { $0.id == lifecycle.blue }
        let isLeaving = lifecycle.stage == .cleanUp
        if let blue, !isLeaving { keep(blue, at: service.desiredCount, &plan, &budget) }
        let staying = Set([green.id] + (isLeaving ? [] : blue.map { [$0.id] } ?? []))
        retire(besides: staying, leavesNone: isLeaving, green, &plan, budget)
        boundStarts(&plan)
    }

    private func keep(_ deployment: DeploymentRecord, at count: Int, _ plan: inout ServicePlan, _ budget: inout Int) {
        let own = only(deployment, count: count)
        var update = RollingUpdate(own, primary: deployment, budget: budget)
        update.planStops()
        let start = update.starts(fallback: nil)
        budget -= update.stops.count + (start?.count ?? 0)
        plan.starts += start.map { [$0] } ?? []
        describe(update.stops, by: "deployment \(deployment.id.rawValue)", &plan)
        if !update.blocked.isEmpty { plan.messages.append(.protected(deployment.id, service: service.id)) }
    }

    /// Stops what belongs to neither revision. As long as the old one lacks healthy tasks, those of others stand in.
    private func retire(
        besides staying: Set<DeploymentID>, leavesNone: Bool, _ green: DeploymentRecord, _ plan: inout ServicePlan,
        _ budget: Int
    ) {
        let live = liveTasks
        var healthy = live.count { $0.deployment != green.id && isHealthy($0) }
        var stops: [TaskRecord] = []
        let leaving = live.filter { task in !(task.deployment.map(staying.contains) ?? false) }
        for task in stopOrder(leaving, among: live) where stops.count < budget {
            if isProtected(task), !isUnhealthy(task) {
                if let id = task.deployment { plan.messages.append(.protected(id, service: service.id)) }
                continue
            }
            if isHealthy(task) {
                guard leavesNone || healthy > service.desiredCount else { continue }
                healthy -= 1
            }
            stops.append(task)
        }
        describe(stops, by: "deployment \(green.id.rawValue)", &plan)
    }

    /// Both revisions together have at most twice what one may have.
    private func boundStarts(_ plan: inout ServicePlan) {
        let (most, overflow) = service.configuration.maximum(of: service.desiredCount)
            .multipliedReportingOverflow(by: 2)
        var room = max(0, (overflow ? Int.max : most) - (liveTasks.count - plan.stops.count))
        for index in plan.starts.indices {
            plan.starts[index].count = min(plan.starts[index].count, room)
            room -= plan.starts[index].count
        }
        plan.starts.removeAll { $0.count == 0 }
    }
}

extension ServicePlan {
    /// Writes down for good where a deployment's stages stand.
    mutating func keep(_ lifecycle: DeploymentLifecycle, of deployment: DeploymentID) {
        guard
            let index = serviceDeployments.firstIndex(where: { $0.deployment == deployment && $0.status.isOpen })
        else { return }
        serviceDeployments[index].stage = lifecycle.stage
        serviceDeployments[index].hooks = lifecycle.hooks.isEmpty ? nil : lifecycle.hooks
    }
}
