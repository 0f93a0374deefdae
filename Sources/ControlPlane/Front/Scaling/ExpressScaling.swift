import Domain
import Identifiers
import Scaling
import StateStore

/// The ids that the scaling of an Express service needs; drawn before the transaction that uses them.
struct ExpressScalingNames: Sendable {
    let target: String
    let policy: ScalingPolicyNames

    init(_ ids: some IDSource) {
        target = ScalableTargetRecord.newID(ids)
        policy = ScalingPolicyNames(ids)
    }
}

extension Transaction {
    /// Gives an Express service a scalable target and a policy of its own, or makes those what it says now.
    ///
    /// Written with the service, in one commit; they go with it.
    mutating func putExpressScaling(
        of service: ServiceID, _ settings: ExpressSettings, period: Int, _ names: ExpressScalingNames, now: Timestamp
    ) {
        let scaling = settings.scaling
        let old = state.scalableTargets[service]
        var target =
            old
            ?? ScalableTargetRecord(
                service: service, minimum: scaling.minimum, maximum: scaling.maximum, arnID: names.target,
                createdAt: now)
        if (target.minimum, target.maximum) != (scaling.minimum, scaling.maximum) { target.isUnapplied = true }
        (target.minimum, target.maximum) = (scaling.minimum, scaling.maximum)
        if target != old { put(target) }
        let policy = TargetTrackingPolicy(metric: settings.scalingMetric, target: Double(scaling.target))
        putScalingPolicy(
            .targetTracking(policy), ScalingRuleID(service: service, name: Self.expressPolicy), period: period,
            names.policy, now: now)
    }

    private static var expressPolicy: String { "express-scaling" }
}

extension ScalableTargetRecord {
    /// As long as AWS's: `0ec5` and 32 more digits.
    static func newID(_ ids: some IDSource) -> String { "0ec5" + ids.hexID() }
}

extension ExpressSettings {
    fileprivate var scalingMetric: TargetTrackingPolicy.Metric {
        switch scaling.metric {
        case .averageCPU: return .averageCPU
        case .averageMemory: return .averageMemory
        case .requestCountPerTarget:
            // Without a way in there are no requests.
            guard let ingress else { return .averageCPU }
            let balancer = ingress.rule.listener.loadBalancer.scalingLabel
            return .requestCountPerTarget(label: "\(balancer)/\(ingress.targetGroup.scalingLabel)")
        }
    }
}
