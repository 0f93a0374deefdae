/// A statistic of a part of a period's values.
///
/// - Source: Amazon CloudWatch User Guide, "CloudWatch statistics definitions"
public enum ExtendedStatistic: Hashable, Sendable {
    /// The value beneath which so many percent of all lie.
    case percentile(Double)
    case trimmedMean(ValueRange)
    /// As the trimmed mean, but what is outside counts as the bound that it is beyond.
    case winsorizedMean(ValueRange)
    case trimmedCount(ValueRange)
    case trimmedSum(ValueRange)
    /// How many percent of all values lie between two.
    case percentileRank(ValueRange)

    /// - Parameter text: such as `p99.9`, `tm90`, `TM(10%:90%)`, `PR(:300)` or `IQM`.
    /// - Returns: nil when it is none.
    public init?(_ text: String) {
        let text = text.lowercased()
        if text == "iqm" {
            self = .trimmedMean(.percent(25, 75))
        } else if text.hasPrefix("p"), let share = Self.percent(text.dropFirst()) {
            self = .percentile(share)
        } else if let range = Self.range(text.dropFirst(2)), let of = Self(name: text.prefix(2), range) {
            self = of
        } else {
            return nil
        }
    }

    private init?(name: Substring, _ range: ValueRange) {
        switch name {
        case "tm": self = .trimmedMean(range)
        case "wm": self = .winsorizedMean(range)
        case "tc": self = .trimmedCount(range)
        case "ts": self = .trimmedSum(range)
        case "pr":
            guard case .values = range else { return nil }
            self = .percentileRank(range)
        default: return nil
        }
    }

    /// `90`, which is `(:90%)`, or `(LOW:HIGH)`, of which one may be missing.
    private static func range(_ text: Substring) -> ValueRange? {
        if let share = percent(text) { return .percent(0, share) }
        guard text.hasPrefix("("), text.hasSuffix(")") else { return nil }
        let bounds = text.dropFirst().dropLast().split(separator: ":", omittingEmptySubsequences: false)
        guard bounds.count == 2, bounds[0] != bounds[1] else { return nil }
        if bounds.allSatisfy({ $0.isEmpty || $0.hasSuffix("%") }) {
            let low = bounds[0].isEmpty ? 0 : percent(bounds[0].dropLast())
            let high = bounds[1].isEmpty ? 100 : percent(bounds[1].dropLast())
            guard let low, let high, low < high else { return nil }
            return .percent(low, high)
        }
        let (low, high) = (number(bounds[0]), number(bounds[1]))
        guard low != nil || bounds[0].isEmpty, high != nil || bounds[1].isEmpty else { return nil }
        if let low, let high, low >= high { return nil }
        return .values(low, high)
    }

    private static func percent(_ text: Substring) -> Double? {
        number(text).flatMap { (0...100).contains($0) ? $0 : nil }
    }

    /// A plain decimal number with at most ten decimals.
    private static func number(_ text: Substring) -> Double? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), parts.allSatisfy({ !$0.isEmpty && $0.allSatisfy(\.isDigit) }),
            parts.count == 1 || parts[1].count <= 10
        else { return nil }
        return Double(text)
    }
}

/// A part of all values: above the lower bound, and up to and with the upper.
public enum ValueRange: Hashable, Sendable {
    /// By their order, in percent of them all.
    case percent(Double, Double)
    /// By themselves; nil is unbounded.
    case values(Double?, Double?)
}

extension Character {
    fileprivate var isDigit: Bool { isASCII && isNumber }
}
