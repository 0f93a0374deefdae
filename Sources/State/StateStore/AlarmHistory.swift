public import Domain
public import Identifiers

extension StateSnapshot {
    /// The history of one alarm, oldest first.
    public func history(of alarm: AlarmID) -> some Sequence<AlarmHistoryRecord> {
        let first = AlarmHistoryID(alarm: alarm, time: Timestamp(milliseconds: .min), number: .min)
        return alarmHistory.values(from: first).lazy.prefix { $0.0.alarm == alarm }.map(\.1)
    }

    /// The alarms of a scope in the order of their names.
    public func alarms(in scope: Scope) -> some Sequence<AlarmRecord> {
        alarms.values(from: AlarmID(scope: scope, name: "")).lazy.prefix { $0.0.scope == scope }.map(\.1)
    }

    /// Whether an alarm's action is the ARN of a scaling policy that there is.
    public func setsOffPolicy(_ action: String, in scope: Scope) -> Bool {
        ScalingRuleID(policyARN: action, in: scope).map { scalingPolicies[$0]?.arn == action } ?? false
    }
}

extension Transaction {
    /// More of one alarm is not kept: one that changes its state every 10 seconds fills that in an hour and a half.
    static let mostHistory = 500

    /// Adds to an alarm's history, and takes away its oldest entry where that would be too many.
    public mutating func addHistory(
        of alarm: AlarmID, _ kind: AlarmHistoryRecord.Kind, summary: String, data: String, at time: Timestamp,
        isComposite: Bool
    ) {
        var id = AlarmHistoryID(alarm: alarm, time: time, number: 0)
        while state.alarmHistory[id] != nil { id.number += 1 }
        var (count, oldest) = (0, AlarmHistoryID?.none)
        for record in state.history(of: alarm) {
            if oldest == nil { oldest = record.id }
            count += 1
        }
        if count >= Self.mostHistory, let oldest { delete(.alarmHistory(oldest)) }
        put(AlarmHistoryRecord(id: id, kind: kind, isComposite: isComposite, summary: summary, data: data))
    }
}
