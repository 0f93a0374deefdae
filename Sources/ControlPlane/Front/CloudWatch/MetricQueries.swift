import AWSWire
import CloudWatchShapes
import Domain
import Identifiers
import MetricMath

/// Queries of GetMetricData and of alarms, checked.
enum MetricQueries {
    /// - Parameter path: for messages, such as `MetricDataQueries`.
    /// - Throws: `ValidationError`.
    static func read(
        _ queries: [CloudWatchShapes.MetricDataQuery], path: String, _ scope: Scope
    ) throws(APIFault) -> MetricMath {
        var ids: Set<String> = []
        var read: [MetricQuery] = []
        for (index, query) in queries.enumerated() {
            let place = "\(path).member.\(index + 1)"
            let id = query.id ?? ""
            guard isID(id) else {
                throw .validationError(
                    "The value \(id.prefix(255)) for parameter \(place).Id is not matching the expected pattern "
                        + "^[a-z][a-zA-Z0-9_]*$.")
            }
            guard ids.insert(id).inserted else {
                throw .validationError("The values for parameter id in \(path) are not unique.")
            }
            if let account = query.accountId, account != scope.account {
                throw .validationError("The value \(account) for parameter \(place).AccountId is not this account.")
            }
            read.append(
                MetricQuery(
                    id: id, source: try source(query, place, scope), label: query.label,
                    returnsData: query.returnData ?? true, period: query.period))
        }
        do throws(MetricMathError) { return try MetricMath(read) } catch { throw .validationError(error.message) }
    }

    private static func source(
        _ query: CloudWatchShapes.MetricDataQuery, _ place: String, _ scope: Scope
    ) throws(APIFault) -> MetricQuery.Source {
        switch (query.metricStat, query.expression) {
        case (let stat?, nil): return .stat(try read(stat, place + ".MetricStat", scope))
        case (nil, let text?):
            guard !text.uppercased().split(separator: " ").prefix(1).contains("SELECT") else {
                throw .validationError(
                    "\(place).Expression: Metrics Insights queries are not built; metric math is.")
            }
            if let period = query.period { try checkPeriod(period, place + ".Period") }
            return .expression(text)
        default:
            throw .validationError(
                "Exactly one of the parameters \(place).MetricStat and \(place).Expression must be specified.")
        }
    }

    private static func read(
        _ stat: CloudWatchShapes.MetricStat, _ place: String, _ scope: Scope
    ) throws(APIFault) -> MetricStat {
        guard let metric = stat.metric, let namespace = metric.namespace, let name = metric.metricName else {
            throw .validationError(
                "The parameters \(place).Metric.Namespace and \(place).Metric.MetricName are required.")
        }
        let period = stat.period ?? 0
        try checkPeriod(period, place + ".Period")
        guard let statistic = MetricStatistic(name: stat.stat ?? "") else {
            throw .validationError(
                "The value \((stat.stat ?? "").prefix(100)) for parameter \(place).Stat is not supported.")
        }
        return MetricStat(
            metric: try MetricID(
                scope, namespace: namespace, name: name, metric.dimensions, path: place + ".Metric.Dimensions"),
            period: period, statistic: statistic, unit: MetricUnit(wire: stat.unit))
    }

    static func checkPeriod(_ period: Int, _ place: String) throws(APIFault) {
        guard MetricRules.isPeriod(period), period <= MetricRules.longestPeriod else {
            throw .validationError(
                "The value \(period) for parameter \(place) must be 1, 5, 10, 20, 30 or a multiple of 60.")
        }
    }

    private static func isID(_ text: String) -> Bool {
        guard let first = text.utf8.first, (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(first) else { return false }
        return text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
                true
            default: false
            }
        }
    }
}

extension CloudWatchShapes.MetricDataQuery {
    init(_ query: MetricQuery) {
        self.init(id: query.id, label: query.label, returnData: query.returnsData, period: query.period)
        switch query.source {
        case .expression(let text): expression = text
        case .stat(let stat):
            metricStat = CloudWatchShapes.MetricStat(
                metric: stat.metric.wire, period: stat.period, stat: stat.statistic.name, unit: stat.unit?.rawValue)
        }
    }
}
