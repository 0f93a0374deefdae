import AWSWire
import CloudWatchShapes
import Domain
import Identifiers
import ShapeRules
import StateStore

/// What happened to alarms, also to those that are deleted, in the last 30 days.
struct DescribeAlarmHistory: OperationHandler {
    let store: any StateStore

    func answer(
        _ request: CloudWatchShapes.DescribeAlarmHistoryInput, _ call: APICall
    ) async throws(APIFault) -> CloudWatchShapes.DescribeAlarmHistoryOutput {
        guard request.alarmContributorId == nil else {
            throw .validationError("AlarmContributorId: alarms with several contributors are not built.")
        }
        let state = store.committed()
        let isAscending = request.scanBy == "TimestampAscending"
        let paging = try Paging.ofAlarms(request.maxRecords ?? 100, request.nextToken)
        let found = entries(request, state, call.scope).sorted { isAscending ? $0 < $1 : $1 < $0 }
        let (page, token) = paging.page(found, key: \.place) { isAscending ? $0.place > $1 : $0.place < $1 }
        return CloudWatchShapes.DescribeAlarmHistoryOutput(
            alarmHistoryItems: page.map { CloudWatchShapes.AlarmHistoryItem($0.record) }, nextToken: token)
    }

    private func entries(
        _ request: CloudWatchShapes.DescribeAlarmHistoryInput, _ state: StateSnapshot, _ scope: Scope
    ) -> [HistoryPlace] {
        let types = request.alarmTypes ?? ["MetricAlarm"]
        let (start, end) = (Timestamp(wire: request.startDate), Timestamp(wire: request.endDate))
        let all =
            request.alarmName.map { Array(state.history(of: AlarmID(scope: scope, name: $0))) }
            ?? state.alarmHistory.values().map(\.1).filter { $0.id.alarm.scope == scope }
        return all.filter { record in
            types.contains(record.isComposite ? "CompositeAlarm" : "MetricAlarm")
                && (request.historyItemType.map { $0 == record.kind.rawValue } ?? true)
                && (start.map { record.id.time >= $0 } ?? true) && (end.map { record.id.time <= $0 } ?? true)
        }.map(HistoryPlace.init)
    }
}

/// An entry with its place among those of all alarms: by time.
private struct HistoryPlace: Comparable {
    let record: AlarmHistoryRecord
    /// Sorts as the times do, which have 13 digits until the year 2286.
    let place: String

    init(_ record: AlarmHistoryRecord) {
        self.record = record
        let time = String(max(record.id.time.milliseconds, 0))
        let number = String(max(record.id.number, 0))
        place =
            String(repeating: "0", count: max(0, 16 - time.count)) + time + " "
            + String(repeating: "0", count: max(0, 8 - number.count)) + number + " " + record.id.alarm.name
    }

    static func < (lhs: HistoryPlace, rhs: HistoryPlace) -> Bool { lhs.place < rhs.place }
}

extension CloudWatchShapes.AlarmHistoryItem {
    fileprivate init(_ record: AlarmHistoryRecord) {
        self.init(
            alarmName: record.id.alarm.name, alarmType: record.isComposite ? "CompositeAlarm" : "MetricAlarm",
            timestamp: record.id.time.wire, historyItemType: record.kind.rawValue, historySummary: record.summary,
            historyData: record.data)
    }
}
