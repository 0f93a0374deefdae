public import Domain
public import Identifiers

/// What an alarm says, and how its metric stands.
public struct PolicyAlarm: Hashable, Sendable {
    public var name: String
    public var state: AlarmState
    public var threshold: Double
    /// Whether it goes off above its threshold, or at it.
    public var isHigh: Bool
    /// Of the newest whole period; nil while nothing is known of it.
    public var value: Double?
    /// The largest of the periods that the alarm looks at; nil like `value`.
    public var largest: Double?

    public init(
        name: String, state: AlarmState, threshold: Double, isHigh: Bool, value: Double? = nil, largest: Double? = nil
    ) {
        self.name = name
        self.state = state
        self.threshold = threshold
        self.isHigh = isHigh
        self.value = value
        self.largest = largest ?? value
    }
}

/// A policy with the alarms that set it off.
public struct PolicyReading: Hashable, Sendable {
    public var name: String
    public var rule: ScalingPolicyRecord.Rule
    public var last: PolicyScaling?
    /// Of target tracking the two of its own; of step scaling those that set it off now, whichever state they are in.
    public var alarms: [PolicyAlarm]

    public init(name: String, rule: ScalingPolicyRecord.Rule, last: PolicyScaling? = nil, alarms: [PolicyAlarm]) {
        self.name = name
        self.rule = rule
        self.last = last
        self.alarms = alarms
    }
}

/// Everything that decides how many tasks a service shall have.
public struct ScalingSnapshot: Hashable, Sendable {
    public var minimum: Int
    public var maximum: Int
    public var suspension = ScalableTargetRecord.Suspension()
    public var desired: Int
    public var running: Int
    /// While a deployment is in progress nothing scales in.
    public var isDeploying = false
    public var policies: [PolicyReading]
    public var now: Timestamp

    public init(
        minimum: Int, maximum: Int, desired: Int, running: Int, policies: [PolicyReading], now: Timestamp
    ) {
        self.minimum = minimum
        self.maximum = maximum
        self.desired = desired
        self.running = running
        self.policies = policies
        self.now = now
    }

    func clamped(_ count: Int) -> Int { ScalingBounds(minimum: minimum, maximum: maximum).clamped(count) }
}

/// What scaling does now.
public struct ScalingDecision: Hashable, Sendable {
    public struct Change: Hashable, Sendable {
        public var desired: Int
        public var policy: String
        /// In AWS's words.
        public var cause: String
        /// What the policy remembers of it. Cool-downs of scale-ins end with a scale-out.
        public var scaling: PolicyScaling

        public init(desired: Int, policy: String, cause: String, scaling: PolicyScaling) {
            self.desired = desired
            self.policy = policy
            self.cause = cause
            self.scaling = scaling
        }
    }

    /// A policy that was set off, and why nothing came of it.
    public struct NotScaled: Hashable, Sendable {
        /// In AWS's words.
        public var cause: String
        public var reason: ScalingActivityRecord.Reason

        public init(cause: String, reason: ScalingActivityRecord.Reason) {
            self.cause = cause
            self.reason = reason
        }
    }

    public var change: Change?
    public var notScaled: [NotScaled] = []

    public init() {}
}

/// What one policy wants, before the others are heard.
enum PolicyWish: Hashable, Sendable {
    /// Another count than there is; `total` is what the policy remembers as its change.
    case capacity(Int, cause: String, total: Int)
    /// It was set off, and its own answer is to leave it as it is.
    case stay(ScalingDecision.NotScaled)
    /// Nothing set it off, or it must wait.
    case quiet
}
