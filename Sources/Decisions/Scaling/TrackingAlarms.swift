public import Domain
public import Identifiers

/// The two alarms that a target tracking policy lives by.
///
/// - Source: Amazon ECS Developer Guide, "Target tracking"; Application Auto Scaling User Guide, "How target tracking scaling
///   works" (three datapoints out, fifteen in)
public struct TrackingAlarms: Hashable, Sendable {
    public static let highPeriods = 3
    public static let lowPeriods = 15
    /// The low alarm's threshold, as a share of the target.
    public static let lowShare = 0.9
    /// Seconds. Metric math is always looked at in minutes, for nothing says how its values grow with the period.
    public static let standardPeriod = 60
    /// Seconds. What tasks use is told in slots of five seconds, and values of one's own come as they do: a shorter period would
    /// find none in most. Requests are counted each second.
    static let shortestPeriod = 10

    public var high: AlarmRecord
    public var low: AlarmRecord

    /// - Parameters:
    ///   - period: seconds; values that are sums are compared with a share of the target when it is no minute.
    ///   - names: a UUID each, for the high and the low alarm.
    public init(
        of policy: ScalingPolicyRecord, _ tracking: TargetTrackingPolicy, period: Int,
        names: (high: String, low: String),
        now: Timestamp
    ) {
        let service = policy.id.service
        let prefix = "TargetTracking-service/\(service.cluster.name)/\(service.name)"
        let input = tracking.input(of: service, period: period)
        let target = tracking.target * input.share
        func alarm(_ name: String, _ comparison: MetricAlarm.Comparison, _ threshold: Double, _ periods: Int)
            -> AlarmRecord
        {
            let rule = MetricAlarm(
                input: input.input, comparison: comparison, threshold: threshold, evaluationPeriods: periods)
            var alarm = AlarmRecord(
                id: AlarmID(scope: service.cluster.scope, name: "\(prefix)-\(name)"), rule: .metric(rule),
                createdAt: now)
            alarm.description = "DO NOT EDIT OR DELETE. For TargetTrackingScaling policy \(policy.arn)."
            alarm.alarmActions = [policy.arn]
            return alarm
        }
        high = alarm("AlarmHigh-\(names.high)", .greater, target, Self.highPeriods)
        low = alarm("AlarmLow-\(names.low)", .less, target * Self.lowShare, Self.lowPeriods)
    }

    /// Those that AWS makes: without the low one where the policy must not scale in.
    public func records(disablesScaleIn: Bool) -> [AlarmRecord] { disablesScaleIn ? [high] : [high, low] }
}

extension TargetTrackingPolicy {
    /// Whether two policies follow one metric, of which a service may have one.
    public func hasMetric(of other: TargetTrackingPolicy) -> Bool { metric == other.metric }

    /// What its alarms look at, and the share of the target that one period's value is compared with.
    fileprivate func input(of service: ServiceID, period: Int) -> (input: MetricAlarm.Input, share: Double) {
        let scope = service.cluster.scope
        let longer = max(period, TrackingAlarms.shortestPeriod)
        let stat: MetricStat
        switch metric {
        case .averageCPU, .averageMemory:
            let id = MetricID(
                scope: scope, namespace: "AWS/ECS",
                name: metric == .averageCPU ? "CPUUtilization" : "MemoryUtilization",
                dimensions: [
                    KeyValue(key: "ClusterName", value: service.cluster.name),
                    KeyValue(key: "ServiceName", value: service.name),
                ])
            stat = MetricStat(metric: id, period: longer, statistic: .average)
        case .requestCountPerTarget(let label):
            let parts = ResourceLabel(label)
            let id = MetricID(
                scope: scope, namespace: "AWS/ApplicationELB", name: "RequestCountPerTarget",
                dimensions: [
                    KeyValue(key: "LoadBalancer", value: parts?.loadBalancer ?? label),
                    KeyValue(key: "TargetGroup", value: parts?.targetGroup ?? label),
                ])
            stat = MetricStat(metric: id, period: period, statistic: .sum)
        case .custom(var own):
            own.period = longer
            stat = own
        case .queries(let queries): return (.queries(queries), 1)
        }
        let grows = stat.statistic == .sum || stat.statistic == .sampleCount
        return (.stat(stat), grows ? Double(stat.period) / Double(TrackingAlarms.standardPeriod) : 1)
    }
}

/// `app/LB/ID/targetgroup/TG/ID`, as requests name a target group behind a load balancer.
public struct ResourceLabel: Hashable, Sendable {
    /// `app/LB/ID`.
    public var loadBalancer: String
    /// `targetgroup/TG/ID`.
    public var targetGroup: String

    /// nil for anything else.
    public init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 6, parts[0] == "app", parts[3] == "targetgroup", !parts.contains("") else { return nil }
        loadBalancer = parts[0..<3].joined(separator: "/")
        targetGroup = parts[3..<6].joined(separator: "/")
    }
}
