public import Domain
public import Identifiers

extension ServiceRecord {
    /// Whether protected tasks keep the service from its steady state: more of them than its deployments, or one of its
    /// task sets, want.
    ///
    /// - Parameter tasks: all tasks of the service.
    public func isBlockedByProtection(_ tasks: some Sequence<TaskRecord>, now: Timestamp) -> Bool {
        let protected = tasks.filter { $0.isLive && $0.desiredStatus == .running && $0.isProtected(at: now) }
        guard let primary else {
            return taskSets.contains { set in
                set.status != .draining
                    && protected.count { $0.deployment == set.id } > set.computedDesiredCount(of: desiredCount)
            }
        }
        let current = protected.count { $0.deployment == primary.id }
        return current < protected.count || schedulingStrategy == .replica && current > desiredCount
    }
}

extension ServiceSnapshot {
    func isProtected(_ task: TaskRecord) -> Bool { task.isProtected(at: now) }

    /// The plan is made anew when the protection of a task ends.
    func wakeWhenUnprotected(_ plan: inout ServicePlan) {
        for task in liveTasks {
            if let end = task.protection?.expiresAt, end > now { plan.wake(at: end) }
        }
    }
}

extension ServiceMessage {
    static func protected(_ deployment: DeploymentID, service: ServiceID) -> ServiceMessage {
        ServiceMessage(
            "(service \(service.name)) was unable to reach steady state because task set (\(deployment.rawValue)) was "
                + "unable to scale in. Reason: The number of protected tasks are more than the desired count of tasks.",
            isOncePerSpell: true)
    }
}
