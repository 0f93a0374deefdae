public import Domain
public import Identifiers

/// What a metric alarm sees of one period.
public struct AlarmDatapoint: Hashable, Sendable {
    /// When the period begins.
    public var time: Timestamp
    public var value: Double
    /// How many values it is made of; nil for an expression.
    public var sampleCount: Double?

    public init(time: Timestamp, value: Double, sampleCount: Double? = nil) {
        self.time = time
        self.value = value
        self.sampleCount = sampleCount
    }
}

extension MetricAlarm {
    func breaches(_ value: Double) -> Bool {
        switch comparison {
        case .greaterOrEqual: value >= threshold
        case .greater: value > threshold
        case .less: value < threshold
        case .lessOrEqual: value <= threshold
        }
    }

    /// How many of the newest periods must breach.
    public var breachesToAlarm: Int { min(datapointsToAlarm ?? evaluationPeriods, evaluationPeriods) }

    /// Whether a period has so few values that a percentile of them says nothing, and the alarm waits for more.
    ///
    /// - Source: Amazon CloudWatch User Guide, "Percentile-based alarms and low data samples"
    static func isTooFew(_ count: Double, for percentile: Double) -> Bool {
        let share = percentile / 100
        if share >= 0.5 { return share < 1 && count < 10 / (1 - share) }
        return share > 0 && count < 10 / share
    }
}
