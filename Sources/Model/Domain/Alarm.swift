public import Identifiers

/// What is known of a CloudWatch alarm; the raw value is what travels.
public enum AlarmState: String, Hashable, Codable, Sendable {
    case ok = "OK"
    case alarm = "ALARM"
    case insufficientData = "INSUFFICIENT_DATA"
}

/// Which number of a period's values counts.
public enum MetricStatistic: Hashable, Codable, Sendable {
    case average, sum, minimum, maximum, sampleCount
    /// An extended statistic as it was written, such as `p99` or `TM(10%:90%)`; it was read when it was put.
    case extended(String)
}

/// One metric's statistic over periods.
public struct MetricStat: Hashable, Codable, Sendable {
    public var metric: MetricID
    /// Seconds.
    public var period: Int
    public var statistic: MetricStatistic
    /// Only values of this unit; nil takes any.
    public var unit: MetricUnit?

    public init(metric: MetricID, period: Int, statistic: MetricStatistic, unit: MetricUnit? = nil) {
        self.metric = metric
        self.period = period
        self.statistic = statistic
        self.unit = unit
    }
}

/// One time series of several that metric math makes something of.
public struct MetricQuery: Hashable, Codable, Sendable {
    public enum Source: Hashable, Codable, Sendable {
        case stat(MetricStat)
        /// Metric math over the ids of others; read when it was put.
        case expression(String)
    }

    public var id: String
    public var source: Source
    public var label: String?
    /// Whether it is part of the answer, or only of other expressions.
    public var returnsData: Bool
    /// Seconds, of an expression.
    public var period: Int?

    public init(id: String, source: Source, label: String? = nil, returnsData: Bool = true, period: Int? = nil) {
        self.id = id
        self.source = source
        self.label = label
        self.returnsData = returnsData
        self.period = period
    }
}

/// When a metric alarm goes off.
public struct MetricAlarm: Hashable, Codable, Sendable {
    public enum Comparison: String, Hashable, Codable, Sendable {
        case greaterOrEqual = "GreaterThanOrEqualToThreshold"
        case greater = "GreaterThanThreshold"
        case less = "LessThanThreshold"
        case lessOrEqual = "LessThanOrEqualToThreshold"
    }

    /// What a period without values counts as.
    public enum MissingData: String, Hashable, Codable, Sendable {
        case missing, ignore, breaching, notBreaching
    }

    public enum Input: Hashable, Codable, Sendable {
        case stat(MetricStat)
        /// One of them returns data.
        case queries([MetricQuery])
    }

    public var input: Input
    public var comparison: Comparison
    public var threshold: Double
    /// Of so many newest periods …
    public var evaluationPeriods: Int
    /// … so many must breach; nil: all.
    public var datapointsToAlarm: Int?
    /// As the caller said it; nil is `missing`.
    public var missingData: MissingData?
    /// `evaluate` or `ignore`, for percentiles of few values.
    public var lowSampleCount: String?

    public init(input: Input, comparison: Comparison, threshold: Double, evaluationPeriods: Int) {
        self.input = input
        self.comparison = comparison
        self.threshold = threshold
        self.evaluationPeriods = evaluationPeriods
    }
}

/// When a composite alarm goes off.
public struct CompositeAlarm: Hashable, Codable, Sendable {
    /// As the caller wrote it; it was read then.
    public var rule: String
    /// Name or ARN of the alarm that holds back this one's actions, with seconds to wait and to go on.
    public var suppressor: String?
    public var suppressorWait: Int?
    public var suppressorExtension: Int?

    public init(rule: String) { self.rule = rule }
}

/// Why the actions of a composite alarm are held back.
public struct ActionsSuppression: Hashable, Codable, Sendable {
    /// The raw value is what travels.
    public enum Cause: String, Hashable, Codable, Sendable {
        case waitPeriod = "WaitPeriod"
        case extensionPeriod = "ExtensionPeriod"
        case alarm = "Alarm"
    }

    public var cause: Cause
    /// When it ends by itself; nil while the suppressor is in ALARM.
    public var until: Timestamp?

    public init(cause: Cause, until: Timestamp? = nil) {
        self.cause = cause
        self.until = until
    }
}

/// A stored CloudWatch alarm.
///
/// Its configuration and tags are the API front's. Alarms of target tracking go with their policy, or, by the services
/// controller, with their service. `state…` is the alarms controller's, and SetAlarmState's.
public struct AlarmRecord: Hashable, Codable, Sendable {
    public enum Rule: Hashable, Codable, Sendable {
        case metric(MetricAlarm)
        case composite(CompositeAlarm)
    }

    public var id: AlarmID
    public var rule: Rule
    public var description: String?
    public var actionsEnabled = true
    /// ARNs of what is done when the state becomes that.
    public var okActions: [String] = []
    public var alarmActions: [String] = []
    public var insufficientDataActions: [String] = []
    public var tags: [KeyValue] = []
    public var state: AlarmState = .insufficientData
    public var stateReason = "Unchecked: Initial alarm creation"
    /// JSON, for programs; nil while there is none.
    public var stateReasonData: String?
    /// Of a composite alarm; as `state`.
    public var suppression: ActionsSuppression?
    /// When the state, its reason or its data changed last.
    public var stateUpdatedAt: Timestamp
    /// When the state became another.
    public var stateTransitionedAt: Timestamp
    public var configuredAt: Timestamp
    public var createdAt: Timestamp

    public init(id: AlarmID, rule: Rule, createdAt: Timestamp) {
        self.id = id
        self.rule = rule
        stateUpdatedAt = createdAt
        stateTransitionedAt = createdAt
        configuredAt = createdAt
        self.createdAt = createdAt
    }

    /// The actions of the state that the alarm is in, while they are enabled and not suppressed.
    public var dueActions: [String] {
        guard actionsEnabled, suppression == nil else { return [] }
        return switch state {
        case .ok: okActions
        case .alarm: alarmActions
        case .insufficientData: insufficientDataActions
        }
    }
}

/// A stored entry of an alarm's history. Written by whoever changes the alarm, in the same commit; retention takes it away.
public struct AlarmHistoryRecord: Hashable, Codable, Sendable {
    public enum Kind: String, Hashable, Codable, Sendable {
        case configurationUpdate = "ConfigurationUpdate"
        case stateUpdate = "StateUpdate"
        case action = "Action"
    }

    public var id: AlarmHistoryID
    public var kind: Kind
    public var isComposite: Bool
    public var summary: String
    /// JSON.
    public var data: String

    public init(id: AlarmHistoryID, kind: Kind, isComposite: Bool, summary: String, data: String) {
        self.id = id
        self.kind = kind
        self.isComposite = isComposite
        self.summary = summary
        self.data = data
    }
}
