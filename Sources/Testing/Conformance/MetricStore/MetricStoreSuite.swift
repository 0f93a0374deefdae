import Domain
import Identifiers
public import MetricStore
public import Testing

/// Makes the stores of one kind.
public struct MetricStoreMaker: Sendable {
    /// An empty store with these limits.
    public var make: @Sendable (MetricLimits) async throws -> any MetricStore
    /// The same store after its process was killed and started again; the store itself where it lives in memory only.
    public var restart: @Sendable (any MetricStore, MetricLimits) async throws -> any MetricStore

    public init(
        make: @escaping @Sendable (MetricLimits) async throws -> any MetricStore,
        restart: @escaping @Sendable (any MetricStore, MetricLimits) async throws -> any MetricStore = { store, _ in
            store
        }
    ) {
        self.make = make
        self.restart = restart
    }
}

/// What every `MetricStore` promises, as named checks. A store's tests run each of them on fresh stores.
public struct MetricStoreCheck: Sendable, CustomTestStringConvertible {
    public let testDescription: String
    private let body: @Sendable (MetricStoreMaker) async throws -> Void

    init(_ name: String, _ body: @escaping @Sendable (MetricStoreMaker) async throws -> Void) {
        testDescription = name
        self.body = body
    }

    public func run(on maker: MetricStoreMaker) async throws { try await body(maker) }
}

/// The conformance suite of `MetricStore`.
public enum MetricStoreSuite {
    public static let checks = points + bounds + listings
}

/// Metrics and times that the checks share.
enum MetricSamples {
    static let scope = Scope(account: "000000000000", region: "us-east-1")
    /// A whole hour.
    static let start = 1_800_000_000

    static func metric(_ name: String, _ dimensions: [String: String] = [:], in namespace: String = "App") -> MetricID {
        MetricID(
            scope: scope, namespace: namespace, name: name,
            dimensions: dimensions.map { KeyValue(key: $0.key, value: $0.value) })
    }

    static func at(_ second: Int) -> Timestamp { Timestamp(milliseconds: Int64(second) * 1000) }

    static func sample(
        _ value: Double, of name: String = "Load", at second: Int, _ unit: MetricUnit = .count
    ) -> MetricSample {
        MetricSample(metric: metric(name), time: at(second), unit: unit, statistics: StatisticSet(value))
    }
}

extension MetricStore {
    /// Points of `Load`, as seconds and their averages.
    func loads(_ from: Int, _ to: Int, period: Int, unit: MetricUnit? = nil) -> [[Double]] {
        points(
            of: MetricSamples.metric("Load"), unit: unit, from: MetricSamples.at(from), to: MetricSamples.at(to),
            period: period
        ).map { [$0.time.seconds, $0.statistics.average ?? .nan] }
    }
}
