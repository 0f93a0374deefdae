import AWSWire
import Domain
import Identifiers
import Scaling
import ScalingShapes
import StateStore

/// Makes a scaling policy or replaces what one does; with target tracking also the alarms that it lives by.
struct PutScalingPolicy: OperationHandler {
    /// AWS's quota of policies of one scalable target.
    private static let limit = 50

    let store: any StateStore
    let ids: any IDSource
    let settings: ScalingSettings

    func answer(
        _ request: ScalingShapes.PutScalingPolicyRequest, _ call: APICall
    ) async throws(APIFault) -> ScalingShapes.PutScalingPolicyResponse {
        let resource = try ScalingResource(
            request.serviceNamespace, request.resourceId, request.scalableDimension, call)
        let id = ScalingRuleID(service: resource.service, name: request.policyName ?? "")
        guard (1...256).contains(id.name.count),
            id.name.unicodeScalars.allSatisfy({ $0.value >= 32 && $0.value != 127 })
        else { throw .validation("PolicyName must have 1 to 256 printable characters.") }
        let wanted = try ScalingPolicyRecord.Rule(request, call.scope)
        let names = ScalingPolicyNames(ids)
        let (policy, alarms) = try await store.write { transaction throws(APIFault) in
            _ = try transaction.state.scalableTarget(of: resource.service)
            let old = transaction.state.scalingPolicies[id]
            guard let rule = wanted ?? old?.rule else { throw .validation("PolicyType is required for a new policy.") }
            if old == nil,
                transaction.state.scalingPolicies(of: resource.service).count(where: { _ in true }) >= Self.limit
            {
                throw .limitExceeded("The maximum number of scaling policies of a scalable target is \(Self.limit).")
            }
            try rule.check(for: id, in: transaction.state)
            let policy = transaction.putScalingPolicy(rule, id, period: settings.period, names, now: call.now)
            return (policy, policy.ownAlarms)
        }
        return ScalingShapes.PutScalingPolicyResponse(
            policyARN: policy.arn, alarms: alarms.map { ScalingShapes.Alarm(alarmName: $0.name, alarmARN: $0.arn) })
    }
}

/// The ids that a policy needs; drawn before the transaction that uses them.
struct ScalingPolicyNames: Sendable {
    let policy: String
    let high: String
    let low: String

    init(_ ids: some IDSource) {
        policy = ids.uuid()
        high = ids.uuid()
        low = ids.uuid()
    }
}

extension Transaction {
    /// Makes a policy or gives one another rule. Its alarms keep their names and what is known of them, unless it is looked at by
    /// another measure.
    @discardableResult
    mutating func putScalingPolicy(
        _ rule: ScalingPolicyRecord.Rule, _ id: ScalingRuleID, period: Int, _ names: ScalingPolicyNames, now: Timestamp
    ) -> ScalingPolicyRecord {
        let old = state.scalingPolicies[id]
        var policy = old ?? ScalingPolicyRecord(id: id, arnID: names.policy, rule: rule, createdAt: now)
        policy.rule = rule
        policy.ownAlarms = []
        if case .targetTracking(let tracking) = rule {
            let wanted = TrackingAlarms(of: policy, tracking, period: period, names: (names.high, names.low), now: now)
            let high = old?.ownAlarms.first ?? wanted.high.id
            let low = (old?.ownAlarms.dropFirst()).flatMap(\.first) ?? wanted.low.id
            for (alarm, id) in zip(wanted.records(disablesScaleIn: tracking.disablesScaleIn), [high, low]) {
                putOwnAlarm(alarm, as: id, now: now)
                policy.ownAlarms.append(id)
            }
        }
        for gone in old?.ownAlarms ?? [] where !policy.ownAlarms.contains(gone) { delete(.alarm(gone)) }
        if policy != old { put(policy) }
        return policy
    }

    private mutating func putOwnAlarm(_ wanted: AlarmRecord, as id: AlarmID, now: Timestamp) {
        var alarm = wanted
        alarm.id = id
        let old = state.alarms[id]
        if let old {
            guard old.rule != alarm.rule || old.alarmActions != alarm.alarmActions else { return }
            alarm = old
            alarm.rule = wanted.rule
            alarm.alarmActions = wanted.alarmActions
            alarm.configuredAt = now
        }
        put(alarm)
        tellConfiguration(of: alarm, old == nil ? .create : .update, at: now)
    }
}

extension ScalingPolicyRecord.Rule {
    /// - Throws: `ValidationException` where what the policy follows is not the service's own, or is followed already.
    fileprivate func check(for id: ScalingRuleID, in state: StateSnapshot) throws(APIFault) {
        guard case .targetTracking(let tracking) = self else { return }
        for other in state.scalingPolicies(of: id.service) where other.id != id {
            guard case .targetTracking(let known) = other.rule, known.hasMetric(of: tracking) else { continue }
            throw .validation("Only one TargetTrackingScaling policy for a given metric specification is allowed.")
        }
        guard case .requestCountPerTarget(let text) = tracking.metric else { return }
        guard let service = state.services[id.service], let label = ResourceLabel(text) else { return }
        let groups = service.loadBalancers.flatMap { [$0.targetGroup] + [$0.shift?.alternate].compactMap(\.self) }
        guard let group = groups.first(where: { $0.scalingLabel == label.targetGroup }),
            state.loadBalancers(using: group).contains(where: { $0.scalingLabel == label.loadBalancer })
        else {
            throw .validation(
                "ResourceLabel '\(text.prefix(300))' must name a target group of the service behind an application load "
                    + "balancer.")
        }
    }
}

extension TargetGroupID {
    /// As metrics and resource labels name it.
    var scalingLabel: String { "targetgroup/\(name)/\(suffix)" }
}

extension LoadBalancerID {
    /// As metrics and resource labels name it.
    var scalingLabel: String { "\(kind.rawValue)/\(name)/\(suffix)" }
}

struct DeleteScalingPolicy: OperationHandler {
    let store: any StateStore

    func answer(
        _ request: ScalingShapes.DeleteScalingPolicyRequest, _ call: APICall
    ) async throws(APIFault) -> ScalingShapes.DeleteScalingPolicyResponse {
        let resource = try ScalingResource(
            request.serviceNamespace, request.resourceId, request.scalableDimension, call)
        let id = ScalingRuleID(service: resource.service, name: request.policyName ?? "")
        try await store.write { transaction throws(APIFault) in
            guard let policy = transaction.state.scalingPolicies[id] else { throw .noSuchScalingPolicy(id) }
            transaction.deleteScalingPolicy(policy)
        }
        return ScalingShapes.DeleteScalingPolicyResponse()
    }
}
