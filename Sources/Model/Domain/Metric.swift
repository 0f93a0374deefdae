public import Identifiers

/// Names one metric, as CloudWatch does: every combination of dimensions is a metric of its own.
public struct MetricID: Hashable, Comparable, Codable, Sendable {
    public var scope: Scope
    public var namespace: String
    public var name: String
    /// In order of their names, of which each occurs once.
    public private(set) var dimensions: [KeyValue]

    /// - Parameter dimensions: in any order; of several with one name the first counts.
    public init(scope: Scope, namespace: String, name: String, dimensions: [KeyValue] = []) {
        self.scope = scope
        self.namespace = namespace
        self.name = name
        var kept: [KeyValue] = []
        for dimension in dimensions where !kept.contains(where: { $0.key == dimension.key }) { kept.append(dimension) }
        self.dimensions = kept.sorted { $0.key < $1.key }
    }

    public static func < (lhs: MetricID, rhs: MetricID) -> Bool {
        if (lhs.scope, lhs.namespace, lhs.name) != (rhs.scope, rhs.namespace, rhs.name) {
            return (lhs.scope, lhs.namespace, lhs.name) < (rhs.scope, rhs.namespace, rhs.name)
        }
        for (left, right) in zip(lhs.dimensions, rhs.dimensions) where left != right {
            return (left.key, left.value) < (right.key, right.value)
        }
        return lhs.dimensions.count < rhs.dimensions.count
    }
}

/// CloudWatch's units; the raw value is what travels.
public enum MetricUnit: String, Hashable, CaseIterable, Codable, Sendable {
    case seconds = "Seconds"
    case microseconds = "Microseconds"
    case milliseconds = "Milliseconds"
    case bytes = "Bytes"
    case kilobytes = "Kilobytes"
    case megabytes = "Megabytes"
    case gigabytes = "Gigabytes"
    case terabytes = "Terabytes"
    case bits = "Bits"
    case kilobits = "Kilobits"
    case megabits = "Megabits"
    case gigabits = "Gigabits"
    case terabits = "Terabits"
    case percent = "Percent"
    case count = "Count"
    case bytesPerSecond = "Bytes/Second"
    case kilobytesPerSecond = "Kilobytes/Second"
    case megabytesPerSecond = "Megabytes/Second"
    case gigabytesPerSecond = "Gigabytes/Second"
    case terabytesPerSecond = "Terabytes/Second"
    case bitsPerSecond = "Bits/Second"
    case kilobitsPerSecond = "Kilobits/Second"
    case megabitsPerSecond = "Megabits/Second"
    case gigabitsPerSecond = "Gigabits/Second"
    case terabitsPerSecond = "Terabits/Second"
    case countPerSecond = "Count/Second"
    case none = "None"
}

/// One metric's values of one second, on their way to the store.
public struct MetricSample: Hashable, Codable, Sendable {
    public var metric: MetricID
    /// The second it belongs to is what counts.
    public var time: Timestamp
    public var unit: MetricUnit
    public var statistics: StatisticSet

    public init(metric: MetricID, time: Timestamp, unit: MetricUnit, statistics: StatisticSet) {
        self.metric = metric
        self.time = time
        self.unit = unit
        self.statistics = statistics
    }
}

/// One metric's values of one period.
public struct MetricPoint: Hashable, Sendable {
    /// When the period begins.
    public var time: Timestamp
    public var statistics: StatisticSet

    public init(time: Timestamp, statistics: StatisticSet) {
        self.time = time
        self.statistics = statistics
    }
}
