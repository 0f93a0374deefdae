public import Domain
public import Identifiers

/// How long a task without any check must run before it counts as healthy.
/// - Source: Amazon ECS Developer Guide, "Deploy Amazon ECS services by replacing tasks"
public let settlingTime = Duration.seconds(40)

extension TaskRecord {
    /// Whether the task counts towards the minimum of a rolling update.
    ///
    /// With checks on essential containers they must all pass; without any it must have run for `settlingTime`. A start that
    /// is still to come is one of a clock that was set back since: nothing waits for that clock.
    public func isHealthy(under definition: TaskDefinition?, now: Timestamp) -> Bool {
        guard lastStatus == .running, desiredStatus == .running else { return false }
        if let definition, definition.hasChecks { return healthStatus(in: definition) == .healthy }
        guard let startedAt = observed?.startedAt else { return false }
        return startedAt > now || startedAt.adding(settlingTime) <= now
    }

    /// When a task without checks counts as healthy; nil before it runs.
    var settledAt: Timestamp? { observed?.startedAt?.adding(settlingTime) }
}

extension TaskDefinition {
    var hasChecks: Bool { containers.contains { $0.essential && $0.healthCheck != nil } }
}

extension DeploymentConfiguration {
    /// How many healthy tasks a rollout must leave: rounded up.
    public func minimum(of desired: Int) -> Int {
        let (product, overflow) = max(0, desired).multipliedReportingOverflow(by: max(0, minimumHealthyPercent))
        return overflow ? desired : (product / 100) + (product % 100 == 0 ? 0 : 1)
    }

    /// How many tasks may be live during a rollout: rounded down.
    public func maximum(of desired: Int) -> Int {
        let (product, overflow) = max(0, desired).multipliedReportingOverflow(by: max(0, maximumPercent))
        return overflow ? .max : product / 100
    }
}
