/// Powers and logarithms, which the standard library lacks, to about 15 digits.
enum Power {
    private static let ln2 = 0.693147180559945309417232121458

    /// `base` to the `exponent`; not a number where there is none.
    static func raise(_ base: Double, _ exponent: Double) -> Double {
        if let whole = Int(exactly: exponent), whole.magnitude <= 1 << 20 { return raise(base, whole) }
        if exponent == 0.5 { return base.squareRoot() }
        if base == 0 { return exponent > 0 ? 0 : .infinity }
        return exp(exponent * ln(base))
    }

    private static func raise(_ base: Double, _ exponent: Int) -> Double {
        var (result, square, rest) = (1.0, base, exponent.magnitude)
        while rest > 0 {
            if rest & 1 == 1 { result *= square }
            square *= square
            rest >>= 1
        }
        return exponent < 0 ? 1 / result : result
    }

    /// The natural logarithm.
    static func ln(_ value: Double) -> Double {
        guard value > 0 else { return value == 0 ? -.infinity : .nan }
        guard value.isFinite else { return value }
        var (exponent, part) = (Double(value.exponent), value.significand)
        if part > 1.414213562373095 {
            part /= 2
            exponent += 1
        }
        // ln(part) is twice the area tangent of this; it is at most 0.172, so 20 terms are enough.
        let ratio = (part - 1) / (part + 1)
        var (term, sum) = (ratio, 0.0)
        for step in 0..<20 {
            sum += term / Double(2 * step + 1)
            term *= ratio * ratio
        }
        return 2 * sum + exponent * ln2
    }

    static func exp(_ value: Double) -> Double {
        guard value.isFinite else { return value == -.infinity ? 0 : value }
        if value > 710 { return .infinity }
        if value < -746 { return 0 }
        let doublings = (value / ln2).rounded()
        let rest = value - doublings * ln2
        var (term, sum) = (1.0, 1.0)
        for step in 1..<24 {
            term *= rest / Double(step)
            sum += term
        }
        // In two steps: the scale alone may be beyond what a double holds.
        let half = Int(doublings) / 2
        return sum * raise(2, half) * raise(2, Int(doublings) - half)
    }
}
