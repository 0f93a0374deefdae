import AWSWire
import Alarms
import CloudWatchShapes
import Domain
import Identifiers
import MetricMath
import StateStore

/// Shows alarms in the order of their names; metric alarms only, unless others are asked for.
struct DescribeAlarms: OperationHandler {
    private static let standard = 50

    let store: any StateStore

    func answer(
        _ request: CloudWatchShapes.DescribeAlarmsInput, _ call: APICall
    ) async throws(APIFault) -> CloudWatchShapes.DescribeAlarmsOutput {
        try check(request)
        let state = store.committed()
        let paging = try Paging.ofAlarms(request.maxRecords ?? Self.standard, request.nextToken)
        let (page, token) = paging.page(try alarms(request, state, call.scope)) { $0.id.name }
        var answer = CloudWatchShapes.DescribeAlarmsOutput(compositeAlarms: [], metricAlarms: [], nextToken: token)
        for alarm in page {
            switch alarm.rule {
            case .metric(let metric): answer.metricAlarms?.append(CloudWatchShapes.MetricAlarm(alarm, metric))
            case .composite(let composite):
                answer.compositeAlarms?.append(CloudWatchShapes.CompositeAlarm(alarm, composite))
            }
        }
        return answer
    }

    private func check(_ request: CloudWatchShapes.DescribeAlarmsInput) throws(APIFault) {
        if request.alarmNames != nil, request.alarmNamePrefix != nil {
            throw .validationError("AlarmNamePrefix and AlarmNames are mutually exclusive.")
        }
        let relatives = [request.childrenOfAlarmName, request.parentsOfAlarmName].compactMap(\.self)
        let others: [Any?] = [
            request.alarmNames, request.alarmNamePrefix, request.alarmTypes, request.stateValue, request.actionPrefix,
        ]
        if relatives.count > 1 || !relatives.isEmpty && others.contains(where: { $0 != nil }) {
            throw .validationError(
                "ChildrenOfAlarmName and ParentsOfAlarmName cannot be combined with other parameters than MaxRecords and "
                    + "NextToken.")
        }
    }

    private func alarms(
        _ request: CloudWatchShapes.DescribeAlarmsInput, _ state: StateSnapshot, _ scope: Scope
    ) throws(APIFault) -> [AlarmRecord] {
        if let name = request.childrenOfAlarmName {
            return named(try state.alarm(name, scope).children, state, scope)
        }
        if let name = request.parentsOfAlarmName {
            _ = try state.alarm(name, scope)
            return state.alarms(in: scope).filter { $0.children.contains(name) }
        }
        let types = request.alarmTypes ?? ["MetricAlarm"]
        let all = request.alarmNames.map { named($0, state, scope) } ?? prefixed(request.alarmNamePrefix, state, scope)
        return all.filter { alarm in
            types.contains(alarm.wireType)
                && (request.stateValue.map { alarm.state.rawValue == $0 } ?? true)
                && (request.actionPrefix.map { alarm.hasAction(startingWith: $0) } ?? true)
        }
    }

    private func named(_ names: [String], _ state: StateSnapshot, _ scope: Scope) -> [AlarmRecord] {
        Set(names).sorted().compactMap { state.alarms[AlarmID(scope: scope, name: $0)] }
    }

    private func prefixed(_ prefix: String?, _ state: StateSnapshot, _ scope: Scope) -> [AlarmRecord] {
        guard let prefix else { return Array(state.alarms(in: scope)) }
        return state.alarms.values(from: AlarmID(scope: scope, name: prefix)).lazy
            .prefix { $0.0.scope == scope && $0.0.name.hasPrefix(prefix) }.map(\.1)
    }
}

/// The metric alarms that look at one metric, alone or in an expression.
struct DescribeAlarmsForMetric: OperationHandler {
    let store: any StateStore

    func answer(
        _ request: CloudWatchShapes.DescribeAlarmsForMetricInput, _ call: APICall
    ) async throws(APIFault) -> CloudWatchShapes.DescribeAlarmsForMetricOutput {
        let metric = try MetricID(
            call.scope, namespace: request.namespace, name: request.metricName, request.dimensions)
        let statistic = request.statistic ?? request.extendedStatistic
        let found = store.committed().alarms(in: call.scope).compactMap { record -> CloudWatchShapes.MetricAlarm? in
            guard case .metric(let alarm) = record.rule else { return nil }
            let looksAt = alarm.stats.contains { stat in
                stat.metric == metric && (request.period.map { $0 == stat.period } ?? true)
                    && (statistic.map { $0 == stat.statistic.name } ?? true)
                    && (request.unit.map { $0 == stat.unit?.rawValue } ?? true)
            }
            return looksAt ? CloudWatchShapes.MetricAlarm(record, alarm) : nil
        }
        return CloudWatchShapes.DescribeAlarmsForMetricOutput(metricAlarms: found)
    }
}

extension StateSnapshot {
    /// - Throws: `ResourceNotFound`.
    func alarm(_ name: String?, _ scope: Scope) throws(APIFault) -> AlarmRecord {
        guard let alarm = alarms[AlarmID(scope: scope, name: name ?? "")] else { throw .alarmNotFound() }
        return alarm
    }
}

extension AlarmRecord {
    var wireType: String { isComposite ? "CompositeAlarm" : "MetricAlarm" }

    fileprivate func hasAction(startingWith prefix: String) -> Bool {
        (okActions + alarmActions + insufficientDataActions).contains { $0.hasPrefix(prefix) }
    }
}

extension MetricAlarm {
    fileprivate var stats: [MetricStat] {
        switch input {
        case .stat(let stat): [stat]
        case .queries(let queries):
            queries.compactMap { if case .stat(let stat) = $0.source { stat } else { nil } }
        }
    }
}

extension Paging {
    /// - Throws: `InvalidNextToken`; sizes were checked against the model.
    static func ofAlarms(_ size: Int, _ token: String?) throws(APIFault) -> Paging {
        do throws(APIFault) { return try Paging(size, token) } catch { throw .invalidNextToken() }
    }
}
