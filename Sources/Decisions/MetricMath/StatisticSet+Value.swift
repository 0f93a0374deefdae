public import Domain

extension MetricStatistic {
    /// - Parameter name: as it travels: `Average`, `Sum`, `Minimum`, `Maximum`, `SampleCount` or an extended statistic.
    /// - Returns: nil when it is none of CloudWatch's.
    public init?(name: String) {
        switch name {
        case "Average": self = .average
        case "Sum": self = .sum
        case "Minimum": self = .minimum
        case "Maximum": self = .maximum
        case "SampleCount": self = .sampleCount
        default:
            guard ExtendedStatistic(name) != nil else { return nil }
            self = .extended(name)
        }
    }

    /// As it travels.
    public var name: String {
        switch self {
        case .average: "Average"
        case .sum: "Sum"
        case .minimum: "Minimum"
        case .maximum: "Maximum"
        case .sampleCount: "SampleCount"
        case .extended(let text): text
        }
    }
}

extension StatisticSet {
    /// One number of all the values.
    ///
    /// - Returns: nil where there are none, and where an extended statistic is asked of values whose spread is unknown.
    public func value(of statistic: MetricStatistic) -> Double? {
        guard count > 0 else { return nil }
        switch statistic {
        case .average: return sum / count
        case .sum: return sum
        case .minimum: return minimum
        case .maximum: return maximum
        case .sampleCount: return count
        case .extended(let text): return ExtendedStatistic(text).flatMap { value(of: $0) }
        }
    }

    public func value(of statistic: ExtendedStatistic) -> Double? {
        guard let spread = Spread(self) else { return nil }
        switch statistic {
        case .percentile(let share): return spread.percentile(share)
        case .trimmedMean(let range): return spread.kept(range).mean
        case .winsorizedMean(let range): return spread.winsorized(range).mean
        case .trimmedCount(let range): return spread.kept(range).total
        case .trimmedSum(let range): return spread.kept(range).sum
        case .percentileRank(let range): return 100 * spread.kept(range).total / spread.total
        }
    }
}

/// Values with their weights, from the smallest to the largest.
private struct Spread {
    var values: [(value: Double, weight: Double)]

    var total: Double { values.reduce(0) { $0 + $1.weight } }
    var sum: Double { values.reduce(0) { $0 + $1.value * $1.weight } }
    var mean: Double? { total > 0 ? sum / total : nil }

    /// nil when it is unknown how the values are spread.
    init?(_ set: StatisticSet) {
        if set.minimum == set.maximum {
            values = [(set.minimum, set.count)]
        } else {
            values = (set.distribution?.parts ?? []).map { part in
                (min(max(part.bucket.value, set.minimum), set.maximum), part.weight)
            }
        }
        guard total > 0 else { return nil }
    }

    private init(_ values: [(value: Double, weight: Double)]) { self.values = values }

    func percentile(_ share: Double) -> Double? {
        let wanted = total * share / 100
        var passed = 0.0
        for (value, weight) in values {
            passed += weight
            // Sums of weights are a little off.
            if passed >= wanted * (1 - 1e-12), weight > 0 { return value }
        }
        return values.last?.value
    }

    func kept(_ range: ValueRange) -> Spread {
        switch range {
        case .values(let low, let high):
            return Spread(values.filter { $0.value > low ?? -.infinity && $0.value <= high ?? .infinity })
        case .percent(let low, let high):
            let (first, last) = (total * low / 100, total * high / 100)
            var passed = 0.0
            return Spread(
                values.map { value, weight in
                    let kept = min(passed + weight, last) - max(passed, first)
                    passed += weight
                    return (value, max(kept, 0))
                })
        }
    }

    func winsorized(_ range: ValueRange) -> Spread {
        let (low, high) =
            switch range {
            case .values(let low, let high): (low ?? -.infinity, high ?? .infinity)
            case .percent(let low, let high): (percentile(low) ?? -.infinity, percentile(high) ?? .infinity)
            }
        return Spread(values.map { (min(max($0.value, low), high), $0.weight) })
    }
}
