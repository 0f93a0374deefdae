public import Identifiers

/// The range within which a service's desired count scales, as Application Auto Scaling keeps it.
///
/// Written by the API front, but for bounds that a scheduled action sets and `isUnapplied` after it was seen: the scaling
/// controller's. The services controller takes it away with the service.
public struct ScalableTargetRecord: Hashable, Codable, Sendable {
    public struct Suspension: Hashable, Codable, Sendable {
        public var scaleIn = false
        public var scaleOut = false
        public var scheduled = false

        public init() {}
    }

    /// It names the target too: services are scaled in their desired count only.
    public var service: ServiceID
    public var minimum: Int
    public var maximum: Int
    public var roleARN: String?
    public var suspension = Suspension()
    /// Its bounds are new: a count outside of them is moved to the nearer one, once.
    public var isUnapplied = true
    public var tags: [KeyValue] = []
    /// For the ARN, `scalable-target/ID`.
    public var arnID: String
    public var createdAt: Timestamp

    public var arn: String {
        let scope = service.cluster.scope
        return "arn:aws:application-autoscaling:\(scope.region):\(scope.account):scalable-target/\(arnID)"
    }

    public init(service: ServiceID, minimum: Int, maximum: Int, arnID: String, createdAt: Timestamp) {
        self.service = service
        self.minimum = minimum
        self.maximum = maximum
        self.arnID = arnID
        self.createdAt = createdAt
    }
}

/// Keeps a metric near a value.
public struct TargetTrackingPolicy: Hashable, Codable, Sendable {
    public enum Metric: Hashable, Codable, Sendable {
        case averageCPU
        case averageMemory
        /// `app/LB/ID/targetgroup/TG/ID`.
        case requestCountPerTarget(label: String)
        case custom(MetricStat)
        /// Metric math: one of them returns data.
        case queries([MetricQuery])
    }

    public var metric: Metric
    public var target: Double
    /// Seconds; nil is ECS's 300.
    public var scaleOutCooldown: Int?
    public var scaleInCooldown: Int?
    public var disablesScaleIn = false

    public init(metric: Metric, target: Double) {
        self.metric = metric
        self.target = target
    }
}

/// Moves a count by how far an alarm's metric is from its threshold.
public struct StepScalingPolicy: Hashable, Codable, Sendable {
    public enum Adjustment: String, Hashable, Codable, Sendable {
        case changeInCapacity = "ChangeInCapacity"
        case percentChangeInCapacity = "PercentChangeInCapacity"
        case exactCapacity = "ExactCapacity"
    }

    public struct Step: Hashable, Codable, Sendable {
        /// Distances from the threshold; nil is unbounded.
        public var lower: Double?
        public var upper: Double?
        public var adjustment: Int

        public init(lower: Double?, upper: Double?, adjustment: Int) {
            self.lower = lower
            self.upper = upper
            self.adjustment = adjustment
        }
    }

    public var adjustment: Adjustment
    public var steps: [Step]
    public var minimumMagnitude: Int?
    /// Seconds; nil is 300.
    public var cooldown: Int?
    /// `Average`, `Minimum` or `Maximum`; nil is `Average`.
    public var aggregation: String?

    public init(adjustment: Adjustment, steps: [Step]) {
        self.adjustment = adjustment
        self.steps = steps
    }
}

/// A stored scaling policy. Written by the API front, but for what its doc comments say.
public struct ScalingPolicyRecord: Hashable, Codable, Sendable {
    public enum Rule: Hashable, Codable, Sendable {
        case targetTracking(TargetTrackingPolicy)
        case stepScaling(StepScalingPolicy)
    }

    public var id: ScalingRuleID
    /// For the ARN.
    public var arnID: String
    public var rule: Rule
    /// Alarms that were made for the policy, which go with it.
    public var ownAlarms: [AlarmID] = []
    /// When it last changed the count, and by how many tasks: the scaling controller's. Cool-downs are counted from there.
    public var lastScaling: PolicyScaling?
    public var createdAt: Timestamp

    public init(id: ScalingRuleID, arnID: String, rule: Rule, createdAt: Timestamp) {
        self.id = id
        self.arnID = arnID
        self.rule = rule
        self.createdAt = createdAt
    }

    /// - Source: Application Auto Scaling API Reference, PutScalingPolicy
    public var arn: String {
        let scope = id.service.cluster.scope
        return "arn:aws:autoscaling:\(scope.region):\(scope.account):scalingPolicy:\(arnID):resource/ecs/service/"
            + "\(id.service.cluster.name)/\(id.service.name):policyName/\(id.name)"
    }
}

extension ScalingRuleID {
    /// The policy that an ARN names, such as an action of an alarm; nil for what is no policy's ARN. Whether that is still the
    /// policy of this ARN its record says.
    public init?(policyARN text: String, in scope: Scope) {
        let start = "arn:aws:autoscaling:\(scope.region):\(scope.account):scalingPolicy:"
        guard text.hasPrefix(start) else { return nil }
        let parts = text.dropFirst(start.count).split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, parts[2].hasPrefix("policyName/") else { return nil }
        let path = parts[1].split(separator: "/", omittingEmptySubsequences: false)
        guard path.count == 5, path[0] == "resource", path[1] == "ecs", path[2] == "service" else { return nil }
        let cluster = ClusterID(scope: scope, name: String(path[3]))
        self.init(
            service: ServiceID(cluster: cluster, name: String(path[4])), name: String(parts[2].dropFirst(11)))
    }
}

/// What a policy did last.
public struct PolicyScaling: Hashable, Codable, Sendable {
    public var at: Timestamp
    /// Tasks; below 0 for fewer.
    public var change: Int

    public init(at: Timestamp, change: Int) {
        self.at = at
        self.change = change
    }
}

/// A stored scheduled action. Written by the API front, but for `firedAt`, which the scaling controller writes.
public struct ScheduledActionRecord: Hashable, Codable, Sendable {
    public var id: ScalingRuleID
    /// For the ARN.
    public var arnID: String
    /// As the caller wrote it; it was read then.
    public var schedule: String
    /// An IANA time zone; nil is UTC.
    public var timezone: String?
    public var startsAt: Timestamp?
    public var endsAt: Timestamp?
    public var minimum: Int?
    public var maximum: Int?
    /// The last time of the schedule that was acted on.
    public var firedAt: Timestamp?
    /// Rates are counted from here.
    public var scheduledFrom: Timestamp
    public var createdAt: Timestamp

    /// - Source: Application Auto Scaling API Reference, ScheduledAction
    public var arn: String {
        let scope = id.service.cluster.scope
        return "arn:aws:autoscaling:\(scope.region):\(scope.account):scheduledAction:\(arnID):resource/ecs/service/"
            + "\(id.service.cluster.name)/\(id.service.name):scheduledActionName/\(id.name)"
    }

    public init(id: ScalingRuleID, arnID: String, schedule: String, createdAt: Timestamp) {
        self.id = id
        self.arnID = arnID
        self.schedule = schedule
        self.createdAt = createdAt
        scheduledFrom = createdAt
    }
}

/// A stored scaling activity. Written by the scaling controller; retention takes it away after six weeks.
public struct ScalingActivityRecord: Hashable, Codable, Sendable {
    public enum Status: String, Hashable, Codable, Sendable {
        case pending = "Pending"
        case inProgress = "InProgress"
        case successful = "Successful"
        case overridden = "Overridden"
        case unfulfilled = "Unfulfilled"
        case failed = "Failed"
    }

    /// Why it did not scale.
    public struct Reason: Hashable, Codable, Sendable {
        public var code: String
        public var maximum: Int?
        public var minimum: Int?
        public var current: Int?

        public init(code: String, maximum: Int? = nil, minimum: Int? = nil, current: Int? = nil) {
            self.code = code
            self.maximum = maximum
            self.minimum = minimum
            self.current = current
        }
    }

    public var id: ScalingActivityID
    public var description: String
    public var cause: String
    public var status: Status
    public var statusMessage: String?
    /// Tasks; nil where nothing was scaled.
    public var desired: Int?
    public var notScaled: [Reason] = []
    public var endedAt: Timestamp?

    public init(id: ScalingActivityID, description: String, cause: String, status: Status) {
        self.id = id
        self.description = description
        self.cause = cause
        self.status = status
    }
}
