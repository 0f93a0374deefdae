public import Domain
public import Identifiers

extension ServiceRecord {
    /// Where the stages of a deployment begin that starts now and is not in the record yet; nil with the rolling
    /// strategy.
    ///
    /// What serves now is what it is compared with: while a deployment is under way that is the one before it.
    public func newLifecycle(now: Timestamp) -> DeploymentLifecycle? {
        guard configuration.strategy != .rolling, schedulingStrategy == .replica, controller == .ecs else { return nil }
        return DeploymentLifecycle(stage: .reconcileService, since: now, blue: serving)
    }

    private var serving: DeploymentID? {
        guard let primary else { return nil }
        if primary.rolloutState == .completed { return primary.id }
        if let lifecycle = primary.lifecycle { return lifecycle.blue ?? primary.id }
        return (deployments.first { $0.rolloutState == .completed } ?? primary).id
    }
}
