public import Domain
public import Identifiers

extension TaskRecord {
    /// Whether the task runs on capacity that may be taken back.
    public var isInterruptible: Bool { capacityProvider == FargateProvider.fargateSpot.rawValue }

    /// The task after its capacity was taken back: it gets its stop timeout, 120 s at most, to end.
    ///
    /// - Source: Amazon ECS Developer Guide, "Amazon ECS clusters for Fargate", Fargate Spot termination notices
    public func interrupted(now: Timestamp) -> TaskRecord {
        guard isInterruptible else { return self }
        return requestingStop(.spotInterruption, reason: "Your Spot Task was interrupted.", now: now)
    }
}
