public import Domain
public import Identifiers

extension TargetRecord {
    /// When a target that drains is gone; nil while it is registered.
    public func goneAt(_ group: TargetGroupRecord) -> Timestamp? {
        drainingSince.map { $0.adding(.seconds(group.deregistrationDelay)) }
    }

    /// Whether a target that drained is gone by now.
    public func isGone(_ group: TargetGroupRecord, now: Timestamp) -> Bool { goneAt(group).map { $0 <= now } ?? false }
}

extension TargetHealth {
    /// What a caller is told of a target.
    ///
    /// - Parameter target: nil when nothing of that name is registered.
    /// - Parameter isUsed: whether a listener or a rule sends traffic to its group.
    /// - Parameter seen: what the data plane said of it last; nil when it said nothing.
    /// - Source: Elastic Load Balancing API Reference, TargetHealth
    public init(of target: TargetRecord?, isUsed: Bool, seen: TargetHealth?) {
        guard let target else {
            self.init(.unused, .notRegistered, "Target is not registered to the target group")
            return
        }
        if target.drainingSince != nil {
            self.init(.draining, .deregistrationInProgress, "Target deregistration is in progress")
        } else if !isUsed {
            self.init(.unused, .notInUse, "Target group is not configured to receive traffic from the load balancer")
        } else {
            self = seen ?? TargetHealth(.initial, .registrationInProgress, "Target registration is in progress")
        }
    }
}
