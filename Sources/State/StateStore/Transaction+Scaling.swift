public import Domain
public import Identifiers

extension StateSnapshot {
    /// In order of their names.
    public func scalingPolicies(of service: ServiceID) -> some Sequence<ScalingPolicyRecord> {
        scalingPolicies.values(from: ScalingRuleID(service: service, name: "")).lazy
            .prefix { $0.0.service == service }.map(\.1)
    }

    /// In order of their names.
    public func scheduledActions(of service: ServiceID) -> some Sequence<ScheduledActionRecord> {
        scheduledActions.values(from: ScalingRuleID(service: service, name: "")).lazy
            .prefix { $0.0.service == service }.map(\.1)
    }

    /// Oldest first.
    public func scalingActivities(of service: ServiceID) -> some Sequence<ScalingActivityRecord> {
        let first = ScalingActivityID(service: service, startedAt: Timestamp(milliseconds: 0), id: "")
        return scalingActivities.values(from: first).lazy.prefix { $0.0.service == service }.map(\.1)
    }
}

extension Transaction {
    /// Deletes a policy with the alarms that were made for it.
    public mutating func deleteScalingPolicy(_ policy: ScalingPolicyRecord) {
        for alarm in policy.ownAlarms { delete(.alarm(alarm)) }
        delete(.scalingPolicy(policy.id))
    }

    /// Deletes a scalable target with its policies, their alarms and its scheduled actions. Activities stay: they are history.
    public mutating func deleteScalableTarget(of service: ServiceID) {
        for policy in Array(state.scalingPolicies(of: service)) { deleteScalingPolicy(policy) }
        for action in Array(state.scheduledActions(of: service)) { delete(.scheduledAction(action.id)) }
        delete(.scalableTarget(service))
    }
}
