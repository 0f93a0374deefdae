import AWSWire
import CloudWatchShapes
import Domain
import Identifiers
import MetricMath
import MetricStore
import ShapeRules

/// Takes values of the caller's own metrics.
///
/// - Source: Amazon CloudWatch API Reference, PutMetricData and MetricDatum
struct PutMetricData: OperationHandler {
    private static let mostData = 1000

    let metrics: any MetricStore

    func answer(
        _ request: CloudWatchShapes.PutMetricDataInput, _ call: APICall
    ) async throws(APIFault) -> EmptyResponse {
        let namespace = request.namespace ?? ""
        try MetricRules.checkNamespace(namespace)
        guard !namespace.hasPrefix("AWS/") else {
            throw .invalidParameterValue("The value \(namespace) for parameter Namespace is invalid.")
        }
        guard request.entityMetricData == nil else {
            throw .validationError("EntityMetricData: metrics of entities are not built.")
        }
        guard let data = request.metricData, !data.isEmpty else {
            throw .missingParameter("The parameter MetricData is required.")
        }
        guard data.count <= Self.mostData else {
            throw .invalidParameterValue(
                "The collection MetricData must not have a size greater than \(Self.mostData).")
        }
        var samples: [MetricSample] = []
        for (index, datum) in data.enumerated() {
            samples.append(try MetricDatumReader(datum, path: "MetricData.member.\(index + 1)").sample(namespace, call))
        }
        do throws(MetricStoreError) {
            try await metrics.record(samples, now: call.now)
        } catch {
            switch error {
            // Not to be tried again: all values but those of new metrics are recorded.
            case .full(let dropped):
                throw .limitExceededFault("There are too many metrics: \(dropped) values of new ones were dropped.")
            case .unavailable:
                throw APIFault("InternalServiceFault", side: .server, message: "The metrics cannot be written.")
            }
        }
        return EmptyResponse()
    }
}

/// One datum of PutMetricData, checked.
private struct MetricDatumReader {
    /// - Source: Amazon CloudWatch API Reference, MetricDatum, Values
    private static let mostValues = 150
    private static let past = Duration.seconds(14 * 86_400)
    private static let future = Duration.seconds(2 * 3600)

    let datum: CloudWatchShapes.MetricDatum
    let path: String

    init(_ datum: CloudWatchShapes.MetricDatum, path: String) {
        self.datum = datum
        self.path = path
    }

    func sample(_ namespace: String, _ call: APICall) throws(APIFault) -> MetricSample {
        let metric = try MetricID(
            call.scope, namespace: namespace, name: datum.metricName, datum.dimensions, path: path + ".Dimensions")
        return MetricSample(
            metric: metric, time: try time(call.now), unit: MetricUnit(wire: datum.unit) ?? MetricUnit.none,
            statistics: try statistics())
    }

    /// Of a metric of whole minutes the begin of its minute.
    private func time(_ now: Timestamp) throws(APIFault) -> Timestamp {
        let time = Timestamp(wire: datum.timestamp) ?? now
        guard time >= now.adding(.zero - Self.past) else {
            throw .invalidParameterValue(
                "The parameter \(path).Timestamp must specify a time within the past two weeks.")
        }
        guard time <= now.adding(Self.future) else {
            throw .invalidParameterValue(
                "The parameter \(path).Timestamp must specify a time no more than two hours in the future.")
        }
        switch datum.storageResolution ?? 60 {
        case 1: return time
        case 60: return time.flooredToPeriod(60)
        case let other: throw invalid("StorageResolution", "\(other)")
        }
    }

    private func statistics() throws(APIFault) -> StatisticSet {
        let given = [
            ("Value", datum.value != nil), ("Values", datum.values != nil),
            ("StatisticValues", datum.statisticValues != nil),
        ].filter(\.1).map(\.0)
        guard given.count < 2 else {
            throw .invalidParameterCombination(
                "The parameters \(path).\(given[0]) and \(path).\(given[1]) are mutually exclusive and you have specified "
                    + "both.")
        }
        if datum.counts != nil, datum.values == nil {
            throw .missingParameter("The parameter \(path).Values is required for \(path).Counts.")
        }
        if let value = datum.value {
            try check("Value", value)
            return StatisticSet(value)
        }
        if let values = datum.values { return try statistics(values) }
        if let set = datum.statisticValues { return try statistics(set) }
        throw .missingParameter(
            "At least one of the parameters \(path).Value, \(path).Values and \(path).StatisticValues must be specified."
        )
    }

    private func statistics(_ values: [Double]) throws(APIFault) -> StatisticSet {
        let counts = datum.counts ?? values.map { _ in 1 }
        guard !values.isEmpty, values.count <= Self.mostValues else {
            throw .invalidParameterValue(
                "The collection \(path).Values must have a size between 1 and \(Self.mostValues).")
        }
        guard counts.count == values.count else {
            throw .invalidParameterValue(
                "The parameters \(path).Values and \(path).Counts must be of the same size.")
        }
        var set = StatisticSet(count: 0, sum: 0, minimum: .infinity, maximum: -.infinity)
        var spread = ValueDistribution()
        for (index, (value, count)) in zip(values, counts).enumerated() {
            try check("Values.member.\(index + 1)", value)
            guard count > 0, count <= 1e15 else { throw invalid("Counts.member.\(index + 1)", "\(count)") }
            set.count += count
            set.sum += value * count
            set.minimum = min(set.minimum, value)
            set.maximum = max(set.maximum, value)
            spread.add(value, weight: count)
        }
        set.distribution = spread
        return set
    }

    private func statistics(_ set: CloudWatchShapes.StatisticSet) throws(APIFault) -> StatisticSet {
        let result = StatisticSet(
            count: set.sampleCount ?? 0, sum: set.sum ?? 0, minimum: set.minimum ?? 0, maximum: set.maximum ?? 0)
        let named = [("Sum", result.sum), ("Minimum", result.minimum), ("Maximum", result.maximum)]
        for (name, value) in named { try check("StatisticValues." + name, value) }
        guard result.count > 0, result.count <= 1e15 else {
            throw invalid("StatisticValues.SampleCount", "\(result.count)")
        }
        guard result.minimum <= result.maximum else {
            throw .invalidParameterValue(
                "The parameter \(path).StatisticValues.Maximum must be greater than or equal to "
                    + "\(path).StatisticValues.Minimum.")
        }
        return result
    }

    /// - Source: Amazon CloudWatch API Reference, MetricDatum, Value: "in the range of -2^360 to 2^360"
    private func check(_ name: String, _ value: Double) throws(APIFault) {
        guard value.isFinite, value.magnitude <= 0x1p360 else { throw invalid(name, "\(value)") }
    }

    private func invalid(_ name: String, _ value: String) -> APIFault {
        .invalidParameterValue("The value \(value) for parameter \(path).\(name) is invalid.")
    }
}
