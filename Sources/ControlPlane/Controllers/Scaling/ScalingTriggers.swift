import Domain
import Identifiers
import Scaling
import StateStore

/// The alarms that set policies off, and when each was acted on last.
struct ScalingTriggers: Sendable {
    /// One action of one alarm: an alarm may have several.
    private struct Trigger: Hashable, Sendable {
        var alarm: AlarmID
        var policy: ScalingRuleID
    }

    private struct Acted: Sendable {
        /// Of which change of the alarm's state.
        var transition: Timestamp
        var at: Timestamp
    }

    /// An alarm that stays in a state acts once a minute, or once its period where that is shorter.
    ///
    /// - Source: Amazon CloudWatch User Guide, "Alarm actions"
    private static let longest = 60

    private var alarms: [ServiceID: Set<AlarmID>] = [:]
    private var services: [AlarmID: Set<ServiceID>] = [:]
    private var acted: [Trigger: Acted] = [:]

    mutating func rebuild(_ snapshot: StateSnapshot) {
        alarms = [:]
        services = [:]
        for (id, alarm) in snapshot.alarms.values() { set(id, to: alarm.scaledServices) }
        acted = acted.filter { services[$0.key.alarm] != nil && snapshot.scalingPolicies[$0.key.policy] != nil }
    }

    /// Looks at one alarm anew.
    ///
    /// - Returns: the services that it scales, and those that it did.
    mutating func note(_ id: AlarmID, _ snapshot: StateSnapshot) -> Set<ServiceID> {
        let before = services[id] ?? []
        let after = snapshot.alarms[id]?.scaledServices ?? []
        if before != after { set(id, to: after) }
        if after.isEmpty { acted = acted.filter { $0.key.alarm != id } }
        return before.union(after)
    }

    mutating func forget(_ service: ServiceID) {
        acted = acted.filter { $0.key.policy.service != service }
    }

    private mutating func set(_ id: AlarmID, to new: Set<ServiceID>) {
        for service in services[id] ?? [] {
            alarms[service]?.remove(id)
            if alarms[service]?.isEmpty == true { alarms[service] = nil }
        }
        services[id] = new.isEmpty ? nil : new
        for service in new { alarms[service, default: []].insert(id) }
    }

    /// The policies of a service with what sets them off now; empty when nothing is due.
    mutating func readings(
        of service: ServiceID, _ snapshot: StateSnapshot, now: Timestamp, _ values: ScalingStep.Values
    ) -> [PolicyReading] {
        var readings: [PolicyReading] = []
        var isDue = false
        for policy in snapshot.scalingPolicies(of: service) {
            var reading = PolicyReading(name: policy.id.name, rule: policy.rule, last: policy.lastScaling, alarms: [])
            for id in ids(of: policy) {
                guard let alarm = snapshot.alarms[id], case .metric(let rule) = alarm.rule else { continue }
                let acts = alarm.dueActions.contains(policy.arn) && self.isDue(alarm, rule, policy, now)
                isDue = isDue || acts
                guard acts || !policy.ownAlarms.isEmpty else { continue }
                if acts {
                    acted[Trigger(alarm: id, policy: policy.id)] = Acted(transition: alarm.stateTransitionedAt, at: now)
                }
                reading.alarms.append(PolicyAlarm(alarm, rule, of: policy.rule, values(rule, now)))
            }
            readings.append(reading)
        }
        return isDue ? readings : []
    }

    /// When an alarm that stays as it is acts again.
    func next(of service: ServiceID, _ snapshot: StateSnapshot) -> Timestamp? {
        snapshot.scalingPolicies(of: service).flatMap { policy in
            ids(of: policy).compactMap { id -> Timestamp? in
                guard let alarm = snapshot.alarms[id], case .metric(let rule) = alarm.rule,
                    alarm.dueActions.contains(policy.arn), let last = acted[Trigger(alarm: id, policy: policy.id)]
                else { return nil }
                return last.at.adding(Self.interval(rule))
            }
        }.min()
    }

    private func ids(of policy: ScalingPolicyRecord) -> [AlarmID] {
        policy.ownAlarms.isEmpty ? (alarms[policy.id.service] ?? []).sorted() : policy.ownAlarms
    }

    private mutating func isDue(
        _ alarm: AlarmRecord, _ rule: MetricAlarm, _ policy: ScalingPolicyRecord, _ now: Timestamp
    ) -> Bool {
        let interval = Self.interval(rule)
        // A clock that was set back must not hold it.
        func isRecent(_ time: Timestamp) -> Bool { time <= now && now < time.adding(interval) }
        let trigger = Trigger(alarm: alarm.id, policy: policy.id)
        if let last = acted[trigger], last.transition == alarm.stateTransitionedAt, isRecent(last.at) { return false }
        // What an earlier process did, or another alarm of the policy, counts as well: it acts again a period after that.
        guard let last = policy.lastScaling, last.at >= alarm.stateTransitionedAt, isRecent(last.at) else {
            return true
        }
        acted[trigger] = Acted(transition: alarm.stateTransitionedAt, at: last.at)
        return false
    }

    private static func interval(_ alarm: MetricAlarm) -> Duration { .seconds(min(max(alarm.period, 1), longest)) }
}

extension MetricAlarm {
    /// Seconds.
    fileprivate var period: Int {
        switch input {
        case .stat(let stat): stat.period
        case .queries(let queries):
            queries.compactMap { query in
                if case .stat(let stat) = query.source { stat.period } else { query.period }
            }.max() ?? 60
        }
    }
}

extension AlarmRecord {
    /// The services whose policies are among its actions.
    fileprivate var scaledServices: Set<ServiceID> {
        Set(
            (alarmActions + okActions + insufficientDataActions)
                .compactMap { ScalingRuleID(policyARN: $0, in: id.scope)?.service })
    }
}

extension PolicyAlarm {
    /// - Parameter values: of the alarm's periods, oldest first.
    fileprivate init(
        _ alarm: AlarmRecord, _ rule: MetricAlarm, of policy: ScalingPolicyRecord.Rule, _ values: [Double]
    ) {
        let isHigh = rule.comparison == .greater || rule.comparison == .greaterOrEqual
        var value = values.last
        if case .stepScaling(let step) = policy { value = step.aggregate(values) }
        self.init(
            name: alarm.id.name, state: alarm.state, threshold: rule.threshold, isHigh: isHigh, value: value,
            largest: values.max())
    }
}
