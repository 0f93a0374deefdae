/// What a metric store keeps. Nothing outside of it is ever answered; what is beyond goes with the next writes.
public struct MetricLimits: Hashable, Sendable {
    /// Most metrics, those of one name with other units or dimensions counted apart. Each takes about a kilobyte of memory,
    /// and up to four more while it has a value every second.
    public var series = 100_000
    /// How long each second is kept, in seconds.
    public var seconds = 3600
    /// How long each minute is kept, in seconds; also how long a metric without values is known.
    public var minutes = 15 * 86_400
    /// How far ahead of now a value may lie, in seconds.
    public var ahead = 7200
    /// How long a metric must have been without values before another may take its place, in seconds.
    public var idle = 3600

    /// How large a file may be, in bytes; minutes are kept less long when it would be larger.
    public var bytes = 8 << 30

    public init() {}
}

/// How full a metric store is.
public struct MetricStoreStatistics: Hashable, Sendable {
    public var metrics: Int
    /// Values that found no place, since the process began.
    public var refused: Int
    /// As it was some minutes ago at most; 0 in memory.
    public var fileBytes: Int
    /// How long minutes are kept now.
    public var keptSeconds: Int
}

/// How finely a chunk's values are kept.
package enum MetricTier: Int, CaseIterable, Sendable {
    case seconds = 0
    case minutes = 1

    /// Seconds that one chunk spans. Longer ones compress better, and are longer to rewrite.
    package var window: Int {
        switch self {
        case .seconds: 120
        case .minutes: 7200
        }
    }
}

/// Where a chunk stands.
package struct ChunkKey: Hashable, Comparable, Sendable {
    package var tier: MetricTier
    package var series: Int
    /// Seconds since 1970, a whole number of windows.
    package var start: Int

    package init(tier: MetricTier, series: Int, start: Int) {
        self.tier = tier
        self.series = series
        self.start = start
    }

    package static func < (lhs: ChunkKey, rhs: ChunkKey) -> Bool {
        (lhs.tier.rawValue, lhs.series, lhs.start) < (rhs.tier.rawValue, rhs.series, rhs.start)
    }
}

extension Int {
    /// The largest multiple of `unit` that is not above.
    func floored(to unit: Int) -> Int {
        let rest = self % unit
        return rest < 0 ? self - rest - unit : self - rest
    }

    /// The smallest multiple of `unit` that is not below.
    func raised(to unit: Int) -> Int {
        let floor = floored(to: unit)
        return floor == self ? self : floor &+ unit
    }
}
