import Domain
import Identifiers

// How the open service deployments of a service follow what becomes of its deployments.

extension ServiceSnapshot {
    /// Carries out what a caller asked by StopServiceDeployment.
    func obeyStopRequest(_ plan: inout ServicePlan) {
        guard let primary = plan.service.primary, primary.rolloutState == .inProgress,
            let asked = plan.serviceDeployments.first(where: { $0.deployment == primary.id })
        else { return }
        switch asked.status {
        case .stopRequested: fail(.stopRequest, rollsBack: false, &plan)
        case .rollbackRequested: fail(.stopRequest, rollsBack: true, &plan)
        default: return
        }
    }

    /// Moves every open service deployment on after the service was planned.
    func writeHistory(_ plan: inout ServicePlan) {
        for index in plan.serviceDeployments.indices where plan.serviceDeployments[index].status.isOpen {
            var record = plan.serviceDeployments[index]
            advance(&record, plan)
            plan.serviceDeployments[index] = record
        }
        for index in plan.serviceDeployments.indices {
            guard plan.serviceDeployments[index] != serviceDeployments[index] else { continue }
            plan.serviceDeployments[index].updatedAt = now
        }
    }

    private func advance(_ record: inout ServiceDeploymentRecord, _ plan: ServicePlan) {
        guard plan.service.status == .active else {
            end(&record, .stopped, because: "Service deployment stopped because the service was deleted.", plan)
            return
        }
        guard let primary = plan.service.primary, primary.id == record.rollback?.deployment ?? record.deployment else {
            end(
                &record, .stopped, because: "Service deployment stopped because a newer service deployment began.", plan
            )
            return
        }
        if record.status == .pending {
            record.status = .inProgress
            record.startedAt = now
        }
        watch(&record, primary)
        if let lifecycle = primary.lifecycle, primary.id == record.deployment {
            record.stage = lifecycle.stage
            record.hooks = lifecycle.hooks.isEmpty ? nil : lifecycle.hooks
        }
        guard primary.rolloutState == .completed, primary.lifecycle == nil else { return }
        if record.breaker.status == .monitoring { record.breaker.status = .monitoringComplete }
        end(&record, record.rollback == nil ? .successful : .rollbackSuccessful, because: record.statusReason, plan)
    }

    /// Failures of a rollback are not the deployment's: what tripped the breaker stays.
    private func watch(_ record: inout ServiceDeploymentRecord, _ primary: DeploymentRecord) {
        guard record.rollback == nil, record.breaker.status != .triggered else { return }
        record.breaker = ServiceDeploymentRecord.Breaker(
            status: service.configuration.circuitBreaker?.enable == true ? .monitoring : .disabled,
            failureCount: primary.failedTasks,
            threshold: DeploymentConfiguration.CircuitBreaker.threshold(desired: service.desiredCount))
    }

    /// - Parameter plan: what it stops counts no more.
    func end(
        _ record: inout ServiceDeploymentRecord, _ status: ServiceDeploymentStatus, because reason: String?,
        _ plan: ServicePlan
    ) {
        let stopping = Set(plan.stops.map(\.task))
        var tallies = record.tallies(in: service, tasks.filter { !stopping.contains($0.id) })
        if record.configuration.strategy != .rolling {
            // What it decided in this step counts, not what was before.
            for index in tallies.indices {
                tallies[index].production = plan.service.productionWeight(of: tallies[index].revision)
                tallies[index].test = plan.service.testWeight(of: tallies[index].revision)
            }
        }
        record.tallies = tallies
        // Nobody waits for a word any more.
        for index in (record.hooks ?? []).indices where record.hooks?[index].status == .awaitingAction {
            record.hooks?[index].status = .failed
        }
        record.status = status
        record.statusReason = reason
        record.finishedAt = now
        if status == .stopped { record.stoppedAt = now }
    }

    /// Fills in digests of images that tasks of their revision reported, each from the earliest task that knows it.
    func resolveImages(_ plan: inout ServicePlan) {
        for index in plan.revisions.indices where plan.revisions[index].images.contains(where: { $0.digest == nil }) {
            let id = plan.revisions[index].id
            let carriers = Set(plan.service.deployments.filter { $0.revision == id }.map(\.id))
            let own = tasks.filter { $0.deployment.map(carriers.contains) ?? false }
                .sorted { ($0.createdAt, $0.id) < ($1.createdAt, $1.id) }
            guard !own.isEmpty else { continue }
            for image in plan.revisions[index].images.indices where plan.revisions[index].images[image].digest == nil {
                let name = plan.revisions[index].images[image].container
                plan.revisions[index].images[image].digest =
                    own.lazy.compactMap { $0.observed?.containers.first { $0.name == name }?.imageDigest }.first
            }
        }
    }
}
