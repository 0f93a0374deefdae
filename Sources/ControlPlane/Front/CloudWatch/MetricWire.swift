import AWSWire
import CloudWatchShapes
import Domain
import Identifiers
import MetricMath
import ShapeRules

extension MetricID {
    /// - Parameter path: of the dimensions, for messages.
    /// - Throws: `InvalidParameterValueException` for names that occur twice or begin with a colon.
    init(
        _ scope: Scope, namespace: String?, name: String?, _ dimensions: [CloudWatchShapes.Dimension]?,
        path: String = "Dimensions"
    ) throws(APIFault) {
        var names: Set<String> = []
        for (index, dimension) in (dimensions ?? []).enumerated() {
            let name = dimension.name ?? ""
            guard !name.hasPrefix(":") else {
                throw .invalidParameterValue(
                    "The value \(name) for parameter \(path).member.\(index + 1).Name is invalid.")
            }
            guard names.insert(name).inserted else {
                throw .invalidParameterValue("No two dimensions of a metric can have the same name: \(name).")
            }
        }
        self.init(
            scope: scope, namespace: namespace ?? "", name: name ?? "",
            dimensions: (dimensions ?? []).map { KeyValue(key: $0.name ?? "", value: $0.value ?? "") })
    }

    var wireDimensions: [CloudWatchShapes.Dimension] {
        dimensions.map { CloudWatchShapes.Dimension(name: $0.key, value: $0.value) }
    }

    var wire: CloudWatchShapes.Metric {
        CloudWatchShapes.Metric(namespace: namespace, metricName: name, dimensions: wireDimensions)
    }
}

extension MetricUnit {
    /// nil where none is named. What the model does not know never comes here.
    init?(wire: String?) {
        guard let wire, let unit = MetricUnit(rawValue: wire) else { return nil }
        self = unit
    }
}

extension Timestamp {
    init?(wire: WireTimestamp?) {
        guard let wire else { return nil }
        self.init(milliseconds: wire.milliseconds)
    }
}

/// What the namespaces and periods of requests have to be.
enum MetricRules {
    /// - Throws: `InvalidParameterValueException`.
    static func checkNamespace(_ namespace: String?) throws(APIFault) {
        if let namespace, namespace.hasPrefix(":") {
            throw .invalidParameterValue("The value \(namespace) for parameter Namespace is invalid.")
        }
    }

    /// - Source: Amazon CloudWatch API Reference, MetricStat, Period
    static func isPeriod(_ seconds: Int) -> Bool {
        [1, 5, 10, 20, 30].contains(seconds) || seconds > 0 && seconds % 60 == 0
    }

    /// Longer than values are kept, by far; more could overflow.
    static let longestPeriod = 86_400 * 365
}
