import AWSWire
import CloudWatchShapes
import Domain
import Identifiers
import MetricMath
import MetricStore

/// Statistics of one metric over time.
///
/// - Source: Amazon CloudWatch API Reference, GetMetricStatistics
struct GetMetricStatistics: OperationHandler {
    private static let mostPoints = 1440

    let metrics: any MetricStore

    func answer(
        _ request: CloudWatchShapes.GetMetricStatisticsInput, _ call: APICall
    ) async throws(APIFault) -> CloudWatchShapes.GetMetricStatisticsOutput {
        let metric = try MetricID(
            call.scope, namespace: request.namespace, name: request.metricName, request.dimensions)
        let statistics = try self.statistics(request)
        let (window, period) = try self.window(request, call.now)
        let points = window.points(period: period) { from, period in
            metrics.points(
                of: metric, unit: MetricUnit(wire: request.unit), from: from, to: window.to, period: period)
        }
        let unit = MetricUnit(wire: request.unit) ?? self.unit(of: metric) ?? MetricUnit.none
        return CloudWatchShapes.GetMetricStatisticsOutput(
            label: metric.name,
            datapoints: points.compactMap { point in
                CloudWatchShapes.Datapoint(point, statistics, unit: unit)
            })
    }

    private func statistics(
        _ request: CloudWatchShapes.GetMetricStatisticsInput
    ) throws(APIFault) -> [MetricStatistic] {
        let names = (request.statistics ?? []) + (request.extendedStatistics ?? [])
        guard !names.isEmpty else {
            throw .missingParameter("Must specify either Statistics or ExtendedStatistics.")
        }
        var statistics: [MetricStatistic] = []
        for name in names {
            guard let statistic = MetricStatistic(name: name) else {
                throw .invalidParameterValue(
                    "The value \(name.prefix(100)) for parameter ExtendedStatistics is invalid.")
            }
            statistics.append(statistic)
        }
        return statistics
    }

    private func window(
        _ request: CloudWatchShapes.GetMetricStatisticsInput, _ now: Timestamp
    ) throws(APIFault) -> (MathWindow, period: Int) {
        let period = request.period ?? 0
        guard MetricRules.isPeriod(period), period <= MetricRules.longestPeriod else {
            throw .invalidParameterValue(
                "The parameter Period must be greater than or equal to 60 and a multiple of 60, or one of 1, 5, 10, 20 and "
                    + "30.")
        }
        guard let start = Timestamp(wire: request.startTime), let end = Timestamp(wire: request.endTime), start < end
        else {
            throw .invalidParameterCombination(
                "The parameter StartTime must be less than the parameter EndTime.")
        }
        let asked = (end.seconds - start.seconds) / Double(period)
        guard asked <= Double(Self.mostPoints) else {
            throw .invalidParameterCombination(
                "You have requested up to \(Int64(min(asked.rounded(.up), 1e15))) datapoints, which exceeds the limit of "
                    + "\(Self.mostPoints). You may reduce the datapoints requested by increasing Period, or decreasing the "
                    + "time range.")
        }
        return (MathWindow(askedFrom: start, to: end, now: now), period)
    }

    /// The unit of the metric's newest values.
    private func unit(of metric: MetricID) -> MetricUnit? {
        var filter = MetricFilter()
        (filter.namespace, filter.name) = (metric.namespace, metric.name)
        filter.dimensions = metric.dimensions.map { MetricFilter.Dimension(name: $0.key, value: $0.value) }
        // What has its dimensions and more of smaller names comes before this, everything else behind the metric.
        var before = metric.dimensions
        if let last = before.popLast() { before.append(KeyValue(key: last.key, value: String(last.value.dropLast()))) }
        let after = MetricID(scope: metric.scope, namespace: metric.namespace, name: metric.name, dimensions: before)
        return metrics.metrics(
            in: metric.scope, matching: filter, after: metric.dimensions.isEmpty ? nil : after, limit: 1
        ).first { $0.metric == metric }?.unit
    }
}

extension CloudWatchShapes.Datapoint {
    /// nil where none of the statistics is known.
    fileprivate init?(_ point: MetricPoint, _ statistics: [MetricStatistic], unit: MetricUnit) {
        self.init(timestamp: point.time.wire, unit: unit.rawValue)
        var extended: [String: Double] = [:]
        var isKnown = false
        for statistic in statistics {
            guard let value = point.statistics.value(of: statistic) else { continue }
            isKnown = true
            switch statistic {
            case .average: average = value
            case .sum: sum = value
            case .minimum: minimum = value
            case .maximum: maximum = value
            case .sampleCount: sampleCount = value
            case .extended(let name): extended[name] = value
            }
        }
        if !extended.isEmpty { extendedStatistics = extended }
        if !isKnown { return nil }
    }
}
