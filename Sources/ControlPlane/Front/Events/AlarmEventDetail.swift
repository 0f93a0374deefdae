import Alarms
import Domain
import Identifiers
import JSONBytes
import MetricMath

/// What the event of an alarm's change tells.
///
/// - Source: Amazon CloudWatch User Guide, "Alarm events and EventBridge", sample events
enum AlarmEventDetail {
    static func json(_ before: AlarmRecord, _ alarm: AlarmRecord) -> JSONValue {
        [
            "alarmName": .string(alarm.id.name), "state": state(alarm), "previousState": state(before),
            "configuration": configuration(alarm),
        ]
    }

    private static func state(_ alarm: AlarmRecord) -> JSONValue {
        var members: [String: JSONValue] = [
            "value": .string(alarm.state.rawValue), "reason": .string(alarm.stateReason),
            "timestamp": .string(AlarmTime.iso(alarm.stateUpdatedAt)),
        ]
        members["reasonData"] = alarm.stateReasonData.map { .string($0) }
        members["actionsSuppressedBy"] = alarm.suppression.map { .string($0.cause.rawValue) }
        return .object(members)
    }

    private static func configuration(_ alarm: AlarmRecord) -> JSONValue {
        var members: [String: JSONValue] = [:]
        members["description"] = alarm.description.map { .string($0) }
        switch alarm.rule {
        case .composite(let composite):
            members["alarmRule"] = .string(composite.rule)
            members["actionsSuppressor"] = composite.suppressor.map { .string($0) }
            members["actionsSuppressorWaitPeriod"] = composite.suppressorWait.map { .integer(Int64($0)) }
            members["actionsSuppressorExtensionPeriod"] = composite.suppressorExtension.map { .integer(Int64($0)) }
        case .metric(let metric):
            let queries: [MetricQuery] =
                switch metric.input {
                case .queries(let queries): queries
                case .stat(let stat): [MetricQuery(id: "m1", source: .stat(stat))]
                }
            members["metrics"] = .array(queries.map(query))
        }
        return .object(members)
    }

    private static func query(_ query: MetricQuery) -> JSONValue {
        var members: [String: JSONValue] = ["id": .string(query.id), "returnData": .boolean(query.returnsData)]
        members["label"] = query.label.map { .string($0) }
        switch query.source {
        case .expression(let text): members["expression"] = .string(text)
        case .stat(let stat):
            var metric: [String: JSONValue] = [
                "metric": [
                    "namespace": .string(stat.metric.namespace), "name": .string(stat.metric.name),
                    "dimensions": .object(
                        Dictionary(stat.metric.dimensions.map { ($0.key, .string($0.value)) }, uniquingKeysWith: { $1 })
                    ),
                ],
                "period": .integer(Int64(stat.period)), "stat": .string(stat.statistic.name),
            ]
            metric["unit"] = stat.unit.map { .string($0.rawValue) }
            members["metricStat"] = .object(metric)
        }
        return .object(members)
    }
}
