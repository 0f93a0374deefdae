public import Domain
public import Identifiers

/// A metric that has values, with the unit and the time of its newest.
public struct MetricListing: Hashable, Sendable {
    public var metric: MetricID
    public var unit: MetricUnit
    public var lastSeen: Timestamp

    public init(metric: MetricID, unit: MetricUnit, lastSeen: Timestamp) {
        self.metric = metric
        self.unit = unit
        self.lastSeen = lastSeen
    }
}

/// Which metrics a listing names; what is nil or empty does not narrow it.
public struct MetricFilter: Hashable, Sendable {
    public struct Dimension: Hashable, Sendable {
        public var name: String
        /// nil takes any.
        public var value: String?

        public init(name: String, value: String? = nil) {
            self.name = name
            self.value = value
        }
    }

    public var namespace: String?
    public var name: String?
    /// A metric must have each of them; it may have more.
    public var dimensions: [Dimension] = []
    /// Only metrics that have a value since then.
    public var since: Timestamp?

    public init() {}
}

/// Keeps the values of metrics: each second for an hour, each minute for 15 days.
///
/// It stands beside the `StateStore`: values never enter its log. What was recorded outlives `kill -9`.
public protocol MetricStore: Sendable {
    /// Adds values to the seconds they belong to. On return a kill of this process loses none of them.
    ///
    /// Values older than what is kept, more than two hours ahead of `now`, or that are no numbers, are dropped.
    /// - Throws: `.full` when there are too many metrics: values of new ones were dropped then, all others recorded;
    ///   `.unavailable` when nothing was recorded.
    func record(_ samples: [MetricSample], now: Timestamp) async throws(MetricStoreError)

    /// What is known of `metric` in `[from, to)`: oldest first, one whole point for each period that has values.
    ///
    /// Cheap, and of the memory alone for the newest minutes.
    /// - Parameters:
    ///   - unit: only values of this unit; nil takes any.
    ///   - from: rounded down to a whole period since 1970.
    ///   - to: rounded up likewise.
    ///   - period: seconds, 1 at least. Where only minutes are kept any more, a shorter one gives the minutes.
    func points(of metric: MetricID, unit: MetricUnit?, from: Timestamp, to: Timestamp, period: Int) -> [MetricPoint]

    /// Metrics of a scope in order of their ids, at most `limit`, beginning after `after`.
    func metrics(in scope: Scope, matching filter: MetricFilter, after: MetricID?, limit: Int) -> [MetricListing]
}

/// A metric store that also keeps how far a collector came with what it counts, in one step with the values: so that what is
/// counted is recorded once, whoever dies when.
public protocol MarkedMetricStore: MetricStore {
    /// - Parameter mark: what `mark` gives from now on; nil leaves it as it is.
    func record(_ samples: [MetricSample], mark: [UInt8]?, now: Timestamp) async throws(MetricStoreError)

    /// nil while none was recorded.
    var mark: [UInt8]? { get }

    /// The newest value of each metric that has one since then and no older than some minutes; in no order.
    func newest(since: Timestamp) -> [MetricSample]

    var statistics: MetricStoreStatistics { get }
}

extension MarkedMetricStore {
    public func record(_ samples: [MetricSample], now: Timestamp) async throws(MetricStoreError) {
        try await record(samples, mark: nil, now: now)
    }
}

/// Why values were not recorded.
public enum MetricStoreError: Error, Hashable, Sendable, CustomStringConvertible {
    /// There are as many metrics as are kept, all with values of the last hour; the number of values that were dropped.
    case full(dropped: Int)
    /// The file cannot be written; what was found, for the operator.
    case unavailable(String)

    public var description: String {
        switch self {
        case .full(let dropped): "There are too many metrics: \(dropped) values were dropped."
        case .unavailable(let text): text
        }
    }
}
