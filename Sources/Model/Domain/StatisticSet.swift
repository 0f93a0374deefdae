/// What is kept of the values of one metric in one interval.
public struct StatisticSet: Hashable, Codable, Sendable {
    /// How many values; a caller may give them weights that are no whole numbers.
    public var count: Double
    public var sum: Double
    public var minimum: Double
    public var maximum: Double
    /// How the values are spread, for percentiles; nil where only the four numbers above are known.
    public var distribution: ValueDistribution?

    public init(count: Double, sum: Double, minimum: Double, maximum: Double, distribution: ValueDistribution? = nil) {
        self.count = count
        self.sum = sum
        self.minimum = minimum
        self.maximum = maximum
        self.distribution = distribution
    }

    /// One value, once. Its spread needs no distribution.
    public init(_ value: Double) { self.init(count: 1, sum: value, minimum: value, maximum: value) }

    /// Values with their weights, spread included; nil when none counts: those that are not finite do not, nor do weights
    /// that are not positive.
    public init?(values: some Sequence<(value: Double, weight: Double)>) {
        var set: StatisticSet?
        for (value, weight) in values where value.isFinite && weight > 0 && weight.isFinite {
            let one = StatisticSet(count: weight, sum: value * weight, minimum: value, maximum: value)
            if set == nil { set = one } else { set?.merge(one) }
        }
        guard let set else { return nil }
        self = set
    }

    public var average: Double? { count > 0 ? sum / count : nil }

    /// Whether the four numbers can be those of values; what cannot is nowhere kept.
    public var isSound: Bool {
        count > 0 && count.isFinite && sum.isFinite && minimum.isFinite && maximum.isFinite && minimum <= maximum
    }

    /// How the values are spread, also where all are one; nil where that is not known.
    public var spread: ValueDistribution? {
        if let distribution { return distribution }
        guard count > 0, minimum == maximum, let bucket = ValueDistribution.Bucket(minimum) else { return nil }
        return ValueDistribution([ValueDistribution.Part(bucket: bucket, weight: count)])
    }

    /// The value under or at which `percent` of the values lie, about 5 percent off at most and never outside of them; nil
    /// where the spread is not known.
    /// - Parameter percent: from 0 to 100.
    public func percentile(_ percent: Double) -> Double? {
        guard let found = spread?.percentile(percent), minimum <= maximum else { return nil }
        return min(max(found, minimum), maximum)
    }

    /// Takes in the values of another interval. The spread is known afterwards when both were.
    public mutating func merge(_ other: StatisticSet) {
        let isOne = minimum == maximum && other.minimum == other.maximum && minimum == other.minimum
        if isOne, distribution == nil, other.distribution == nil {
            // All values are still one, which says how they are spread.
        } else if var joined = spread, let added = other.spread {
            joined.merge(added)
            distribution = joined
        } else {
            distribution = nil
        }
        count += other.count
        sum += other.sum
        minimum = Swift.min(minimum, other.minimum)
        maximum = Swift.max(maximum, other.maximum)
    }

    public func merged(with other: StatisticSet) -> StatisticSet {
        var set = self
        set.merge(other)
        return set
    }
}
