public import Domain
public import Identifiers
import Scaling
public import StateStore

/// What one look at a service's scaling writes, in one transaction.
public struct ScalingCommit: Sendable {
    public var service: ServiceID
    public var expected: AggregateVersions
    /// As they were read; nothing is written when they are others by now.
    public var target: ScalableTargetRecord?
    /// With bounds that a scheduled action set.
    public var newTarget: ScalableTargetRecord?
    /// As they were read.
    public var actions: [ScheduledActionRecord] = []
    /// Times of schedules that were acted on.
    public var fired: [ScalingRuleID: Timestamp] = [:]
    public var desired: Int?
    /// The policy that changes the count.
    public var policy: (id: ScalingRuleID, scaling: PolicyScaling)?
    /// New ones, and ones that went on.
    public var activities: [ScalingActivityRecord] = []

    init(service: ServiceID, in snapshot: StateSnapshot) {
        self.service = service
        target = snapshot.scalableTargets[service]
        newTarget = target
        expected = AggregateVersions(snapshot, [.service(service)])
    }

    var isEmpty: Bool { target == newTarget && fired.isEmpty && desired == nil && activities.isEmpty }

    /// - Returns: whether what it was made from is still there; nothing is written otherwise.
    public func write(to transaction: inout Transaction) -> Bool {
        guard transaction.state.scalableTargets[service] == target,
            actions.allSatisfy({ transaction.state.scheduledActions[$0.id] == $0 })
        else { return false }
        if let policy {
            guard var record = transaction.state.scalingPolicies[policy.id] else { return false }
            record.lastScaling = policy.scaling
            transaction.put(record)
        }
        if let desired {
            guard let service = transaction.state.services[service], service.status == .active else { return false }
            if desired > service.desiredCount { endScaleInCooldowns(&transaction) }
            transaction.put(service.desiring(.update(count: desired)))
        }
        if let newTarget, newTarget != target { transaction.put(newTarget) }
        for (id, time) in fired.sorted(by: { $0.key < $1.key }) {
            guard var action = transaction.state.scheduledActions[id] else { continue }
            action.firedAt = time
            transaction.put(action)
        }
        for activity in activities { transaction.put(activity) }
        return true
    }

    /// A scale-out ends them at once.
    private func endScaleInCooldowns(_ transaction: inout Transaction) {
        for var policy in Array(transaction.state.scalingPolicies(of: service)) {
            guard let last = policy.lastScaling, last.change < 0 else { continue }
            policy.lastScaling = nil
            transaction.put(policy)
        }
    }
}

/// What may make scaling look at a service.
public enum ScalingKey: Hashable, Sendable {
    case service(ServiceID)
    case alarm(AlarmID)

    package static func keys(of change: Change) -> [ScalingKey] {
        switch change.key {
        case .service(let id), .scalableTarget(let id): [.service(id)]
        case .scalingPolicy(let id), .scheduledAction(let id): [.service(id.service)]
        case .alarm(let id): [.alarm(id)]
        default: []
        }
    }
}
