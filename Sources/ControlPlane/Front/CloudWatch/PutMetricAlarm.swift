import AWSWire
import CloudWatchShapes
import Domain
import Identifiers
import MetricMath
import ShapeRules
import StateStore

/// Makes a metric alarm, or replaces all of it but its state and tags.
///
/// - Source: Amazon CloudWatch API Reference, PutMetricAlarm
struct PutMetricAlarm: OperationHandler {
    private static let day = 86_400

    let store: any StateStore

    func answer(
        _ request: CloudWatchShapes.PutMetricAlarmInput, _ call: APICall
    ) async throws(APIFault) -> EmptyResponse {
        let name = request.alarmName ?? ""
        try AlarmConfiguration.checkName(name)
        let configuration = try AlarmConfiguration(
            description: request.alarmDescription, enabled: request.actionsEnabled, ok: request.okActions,
            alarm: request.alarmActions, insufficientData: request.insufficientDataActions, tags: request.tags,
            ofComposite: false, call.scope)
        let rule = try self.rule(request, call.scope)
        try await store.write { transaction throws(APIFault) in
            try configuration.put(
                AlarmID(scope: call.scope, name: name), .metric(rule), at: call.now, &transaction)
        }
        return EmptyResponse()
    }

    private func rule(_ request: CloudWatchShapes.PutMetricAlarmInput, _ scope: Scope) throws(APIFault) -> MetricAlarm {
        try refuseUnbuilt(request)
        guard let operation = request.comparisonOperator.flatMap(MetricAlarm.Comparison.init(rawValue:)) else {
            throw .validationError(
                request.comparisonOperator.map { "ComparisonOperator \($0): there is no anomaly detection here." }
                    ?? "The parameter ComparisonOperator is required.")
        }
        guard let threshold = request.threshold, threshold.isFinite else {
            throw .validationError("The parameter Threshold is required.")
        }
        guard let periods = request.evaluationPeriods else {
            throw .validationError("The parameter EvaluationPeriods is required.")
        }
        var rule = MetricAlarm(
            input: try input(request, scope), comparison: operation, threshold: threshold, evaluationPeriods: periods)
        if let datapoints = request.datapointsToAlarm {
            guard datapoints <= periods else {
                throw .validationError(
                    "DatapointsToAlarm (\(datapoints)) must be less than or equal to EvaluationPeriods (\(periods)).")
            }
            rule.datapointsToAlarm = datapoints
        }
        if let treatment = request.treatMissingData {
            guard let known = MetricAlarm.MissingData(rawValue: treatment) else {
                throw .validationError(
                    "The value \(treatment) for parameter TreatMissingData is invalid. Valid values are [breaching, "
                        + "notBreaching, ignore, missing].")
            }
            rule.missingData = known
        }
        rule.lowSampleCount = try lowSampleCount(request, rule.input)
        try checkRange(rule)
        return rule
    }

    private func refuseUnbuilt(_ request: CloudWatchShapes.PutMetricAlarmInput) throws(APIFault) {
        if request.thresholdMetricId != nil {
            throw .validationError("ThresholdMetricId: anomaly detection is not built.")
        }
        if request.evaluationCriteria != nil || request.evaluationInterval != nil {
            throw .validationError("EvaluationCriteria and EvaluationInterval: alarms on PromQL are not built.")
        }
    }

    // MARK: What it looks at

    private func input(
        _ request: CloudWatchShapes.PutMetricAlarmInput, _ scope: Scope
    ) throws(APIFault) -> MetricAlarm.Input {
        guard let queries = request.metrics, !queries.isEmpty else { return .stat(try stat(request, scope)) }
        let single: [(String, Bool)] = [
            ("MetricName", request.metricName != nil), ("Namespace", request.namespace != nil),
            ("Dimensions", request.dimensions != nil), ("Period", request.period != nil),
            ("Unit", request.unit != nil), ("Statistic", request.statistic != nil),
            ("ExtendedStatistic", request.extendedStatistic != nil),
        ]
        if let other = single.first(where: \.1)?.0 {
            throw .validationError("\(other) must not be specified when Metrics is specified.")
        }
        guard queries.count <= 20 else {
            throw .validationError("The collection Metrics must not have a size greater than 20.")
        }
        let math = try MetricQueries.read(queries, path: "Metrics", scope)
        let returned = math.queries.filter(\.returnsData)
        guard returned.count == 1 else {
            throw .validationError("Exactly one element of the metrics list should return data.")
        }
        let nothing = MathWindow(from: Timestamp(milliseconds: 0), to: Timestamp(milliseconds: 0))
        guard math.evaluate(in: nothing, read: { _ in [] })[returned[0].id]?.count == 1 else {
            throw .validationError("The expression of an alarm must return a single time series.")
        }
        return .queries(math.queries)
    }

    private func stat(
        _ request: CloudWatchShapes.PutMetricAlarmInput, _ scope: Scope
    ) throws(APIFault) -> MetricStat {
        guard let namespace = request.namespace, let name = request.metricName else {
            throw .validationError("Either MetricName with Namespace or Metrics must be specified.")
        }
        guard (request.statistic == nil) != (request.extendedStatistic == nil) else {
            throw .validationError("Exactly one of Statistic and ExtendedStatistic must be specified.")
        }
        let text = request.statistic ?? request.extendedStatistic ?? ""
        guard let statistic = MetricStatistic(name: text) else {
            throw .validationError("The value \(text.prefix(100)) for parameter ExtendedStatistic is not supported.")
        }
        guard let period = request.period else { throw .validationError("The parameter Period is required.") }
        try MetricRules.checkNamespace(namespace)
        try MetricQueries.checkPeriod(period, "Period")
        return MetricStat(
            metric: try MetricID(scope, namespace: namespace, name: name, request.dimensions), period: period,
            statistic: statistic, unit: MetricUnit(wire: request.unit))
    }

    private func lowSampleCount(
        _ request: CloudWatchShapes.PutMetricAlarmInput, _ input: MetricAlarm.Input
    ) throws(APIFault) -> String? {
        guard let value = request.evaluateLowSampleCountPercentile else { return nil }
        guard value == "evaluate" || value == "ignore" else {
            throw .validationError(
                "The value \(value) for parameter EvaluateLowSampleCountPercentile is invalid. Valid values are [evaluate, "
                    + "ignore].")
        }
        guard case .stat(let stat) = input, case .extended(let text) = stat.statistic,
            case .percentile = ExtendedStatistic(text)
        else { throw .validationError("EvaluateLowSampleCountPercentile is for alarms on a percentile only.") }
        return value
    }

    private func checkRange(_ rule: MetricAlarm) throws(APIFault) {
        let period: Int =
            switch rule.input {
            case .stat(let stat): stat.period
            case .queries(let queries): (try? MetricMath(queries))?.period ?? 60
            }
        guard [10, 20, 30].contains(period) || period % 60 == 0 else {
            throw .validationError("The period of an alarm must be 10, 20, 30 or a multiple of 60; it is \(period).")
        }
        let most = period < 3600 ? Self.day : 7 * Self.day
        let (range, overflows) = period.multipliedReportingOverflow(by: rule.evaluationPeriods)
        guard !overflows, range <= most else {
            throw .validationError(
                "Metrics cannot be checked across more than \(most == Self.day ? "a day" : "seven days") "
                    + "(EvaluationPeriods * Period must be <= \(most)).")
        }
    }
}
