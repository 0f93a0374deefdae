import AWSWire
import CloudWatchShapes
import Domain
import Identifiers
import MetricMath
import MetricStore
import ShapeRules

/// Series of metrics and of expressions over them.
///
/// - Source: Amazon CloudWatch API Reference, GetMetricData
struct GetMetricData: OperationHandler {
    private static let mostQueries = 500
    private static let mostPoints = 100_800
    /// What all pages of one request may be cut from: more would keep a processor busy for seconds.
    private static let mostRead = 10 * mostPoints

    let metrics: any MetricStore

    func answer(
        _ request: CloudWatchShapes.GetMetricDataInput, _ call: APICall
    ) async throws(APIFault) -> CloudWatchShapes.GetMetricDataOutput {
        let queries = request.metricDataQueries ?? []
        guard (1...Self.mostQueries).contains(queries.count) else {
            throw .validationError(
                "The collection MetricDataQueries must have a size between 1 and \(Self.mostQueries).")
        }
        guard let start = Timestamp(wire: request.startTime), let end = Timestamp(wire: request.endTime), start < end
        else { throw .validationError("The parameter StartTime must be less than the parameter EndTime.") }
        for query in queries { try MetricLabel.check(query.label) }
        let math = try MetricQueries.read(queries, path: "MetricDataQueries", call.scope)
        try checkSize(math, end.seconds - start.seconds)
        let most = request.maxDatapoints ?? Self.mostPoints
        guard (1...Self.mostPoints).contains(most) else {
            throw .validationError(
                "The value \(most) for parameter MaxDatapoints must be between 1 and \(Self.mostPoints).")
        }
        let window = MathWindow(askedFrom: start, to: end, now: call.now)
        let results = math.evaluate(in: window) { stat in
            window.points(period: stat.period) { from, period in
                metrics.points(of: stat.metric, unit: stat.unit, from: from, to: end, period: period)
            }
        }
        var page = try MetricDataPage(
            request.nextToken, room: most, descending: request.scanBy != "TimestampAscending")
        for (index, query) in math.queries.enumerated() where query.returnsData {
            for (number, series) in (results[query.id] ?? []).enumerated() {
                page.add(series, of: query, at: (index, number))
            }
        }
        return CloudWatchShapes.GetMetricDataOutput(
            metricDataResults: page.results, nextToken: page.nextToken, messages: [])
    }

    private func checkSize(_ math: MetricMath, _ seconds: Double) throws(APIFault) {
        let points = math.stats.reduce(0.0) { $0 + seconds / Double(max($1.period, 1)) }
        guard points <= Double(Self.mostRead) else {
            throw .validationError(
                "You have requested up to \(Int64(min(points.rounded(.up), 1e15))) datapoints, which exceeds the limit of "
                    + "\(Self.mostRead). Request fewer metrics, longer periods or less time.")
        }
    }
}

/// Fills one page with series. A page ends after a point; its token names that.
private struct MetricDataPage {
    private(set) var results: [CloudWatchShapes.MetricDataResult] = []
    private(set) var nextToken: String?
    private var room: Int
    private let isDescending: Bool
    /// The last point of the page before: query, series, time.
    private var last: (query: Int, series: Int, time: Timestamp)?

    /// - Throws: `InvalidNextToken` for a token that was not made here.
    init(_ token: String?, room: Int, descending: Bool) throws(APIFault) {
        self.room = room
        isDescending = descending
        guard let token else { return }
        let parts = (try? Paging(nil, token))?.last?.split(separator: " ").compactMap { Int64($0) } ?? []
        guard parts.count == 3, let query = Int(exactly: parts[0]), let series = Int(exactly: parts[1]) else {
            throw .invalidNextToken()
        }
        last = (query, series, Timestamp(milliseconds: parts[2]))
    }

    mutating func add(_ series: TimeSeries, of query: MetricQuery, at place: (Int, Int)) {
        guard nextToken == nil else { return }
        var points = isDescending ? series.points.reversed() : series.points
        if let last {
            guard place >= (last.query, last.series) else { return }
            if place == (last.query, last.series) {
                points = points.filter { isDescending ? $0.time < last.time : $0.time > last.time }
            }
        }
        let shown = points.prefix(room)
        room -= shown.count
        let isWhole = shown.count == points.count
        if !isWhole {
            let time = shown.last?.time.milliseconds ?? (isDescending ? .max : .min)
            nextToken = Paging.token("\(place.0) \(place.1) \(time)")
            if shown.isEmpty { return }
        }
        results.append(
            CloudWatchShapes.MetricDataResult(
                id: query.id, label: MetricLabel(query: query).text(of: series), timestamps: shown.map(\.time.wire),
                values: shown.map(\.value), statusCode: isWhole ? "Complete" : "PartialData"))
    }
}
