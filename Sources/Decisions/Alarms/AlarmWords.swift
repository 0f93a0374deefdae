public import Domain
public import Identifiers
import JSONBytes
import MetricMath

/// Why an alarm is in a state, in CloudWatch's words.
public struct AlarmWords: Hashable, Sendable {
    /// At most 1,023 characters.
    public var reason: String
    /// JSON, for programs.
    public var data: String

    /// - Source: Amazon CloudWatch API Reference, MetricAlarm, StateReason
    static let mostReason = 1023
    /// No more than this many values are told: a day of minutes would not fit.
    static let mostPoints = 10

    /// - Parameter range: the evaluation range, the oldest first.
    public init(
        _ alarm: MetricAlarm, period: Int, _ evaluation: AlarmEvaluation, in state: AlarmState,
        range: [AlarmDatapoint?],
        now: Timestamp
    ) {
        reason = String(Self.reason(alarm, evaluation, state).prefix(Self.mostReason))
        data = Self.data(alarm, period, evaluation, range, now)
    }

    private static func reason(_ alarm: MetricAlarm, _ evaluation: AlarmEvaluation, _ state: AlarmState) -> String {
        if state == .insufficientData {
            let count = alarm.evaluationPeriods
            return "Insufficient Data: \(datapoints(count)) \(count == 1 ? "was" : "were") unknown."
        }
        let counted = evaluation.evaluated.filter { alarm.breaches($0.value) == (state == .alarm) }
        let missing = evaluation.filled > 0 ? treated(alarm, evaluation.filled) : nil
        guard !counted.isEmpty else {
            return "Threshold Crossed: no datapoints were received for \(periods(alarm.evaluationPeriods))"
                + (missing.map { " and " + $0 } ?? "") + "."
        }
        let listed = counted.prefix(mostPoints).map { "\($0.value) (\(AlarmTime.short($0.time)))" }
        let verb = counted.count == 1 ? "was" : "were"
        let minimum = state == .alarm ? alarm.breachesToAlarm : alarm.evaluationPeriods - alarm.breachesToAlarm + 1
        let move = state == .alarm ? "OK -> ALARM" : "ALARM -> OK"
        return "Threshold Crossed: \(counted.count) out of the last \(alarm.evaluationPeriods) datapoints "
            + "[\(listed.joined(separator: ", "))] \(verb) \(state == .alarm ? "" : "not ")\(alarm.comparison.words) "
            + "the threshold (\(alarm.threshold))" + (missing.map { " and " + $0 } ?? "")
            + " (minimum \(datapoints(minimum)) for \(move) transition)."
    }

    private static func treated(_ alarm: MetricAlarm, _ count: Int) -> String? {
        let verb = count == 1 ? "was" : "were"
        switch alarm.missingData {
        case .breaching:
            return "\(count) missing \(count == 1 ? "datapoint" : "datapoints") \(verb) treated as [Breaching]"
        case .notBreaching:
            return "\(count) missing \(count == 1 ? "datapoint" : "datapoints") \(verb) treated as [NonBreaching]"
        case .missing, .ignore, nil: return nil
        }
    }

    private static func datapoints(_ count: Int) -> String { count == 1 ? "1 datapoint" : "\(count) datapoints" }
    private static func periods(_ count: Int) -> String { count == 1 ? "1 period" : "\(count) periods" }

    private static func data(
        _ alarm: MetricAlarm, _ period: Int, _ evaluation: AlarmEvaluation, _ range: [AlarmDatapoint?], _ now: Timestamp
    ) -> String {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("version", "1.0")
        writer.member("queryDate", AlarmTime.iso(now))
        if let first = evaluation.evaluated.last { writer.member("startDate", AlarmTime.iso(first.time)) }
        if case .stat(let stat) = alarm.input {
            writer.member("statistic", stat.statistic.name)
            writer.member("unit", stat.unit?.rawValue)
        }
        writer.member("period", period)
        writer.member("recentDatapoints", range.compactMap { $0?.value }.suffix(mostPoints).map(\.self))
        writer.member("threshold", alarm.threshold)
        writer.key("evaluatedDatapoints")
        writer.beginArray()
        for point in evaluation.evaluated.prefix(mostPoints) {
            writer.beginObject()
            writer.member("timestamp", AlarmTime.iso(point.time))
            writer.member("sampleCount", point.sampleCount)
            writer.member("value", point.value)
            writer.endObject()
        }
        writer.endArray()
        writer.endObject()
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}

extension MetricAlarm.Comparison {
    fileprivate var words: String {
        switch self {
        case .greaterOrEqual: "greater than or equal to"
        case .greater: "greater than"
        case .less: "less than"
        case .lessOrEqual: "less than or equal to"
        }
    }
}
