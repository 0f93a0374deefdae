import ArgumentParser

/// A time on the command line: `90` or `90s`, `30m`, `2h`.
struct Span: ExpressibleByArgument, Hashable, Sendable {
    /// Ten years: longer is a mistake, and sums of times stay far from overflow.
    private static let most = 10 * 365 * 86_400
    private static let units = ["s": 1, "m": 60, "h": 3_600, "d": 86_400]

    var seconds: Int

    init(seconds: Int) { self.seconds = seconds }

    var defaultValueDescription: String { seconds % 60 == 0 ? "\(seconds / 60)m" : "\(seconds)s" }

    init?(argument: String) {
        guard let seconds = Measure.value(argument, units: Self.units, most: Self.most) else { return nil }
        self.seconds = seconds
    }
}

/// A size on the command line: `4096`, `512K`, `10M`, `1G`.
struct ByteSize: ExpressibleByArgument, Hashable, Sendable {
    private static let most = 1 << 50
    private static let units = ["K": 1 << 10, "M": 1 << 20, "G": 1 << 30]

    var bytes: Int

    init?(argument: String) {
        guard let bytes = Measure.value(argument, units: Self.units, most: Self.most) else { return nil }
        self.bytes = bytes
    }
}

/// A whole number with a unit behind it.
private enum Measure {
    static func value(_ text: String, units: [String: Int], most: Int) -> Int? {
        let unit = text.last.flatMap { units[String($0)] }
        let digits = unit == nil ? text[...] : text.dropLast()
        guard !digits.isEmpty, digits.utf8.allSatisfy({ (48...57).contains($0) }), let number = Int(digits) else {
            return nil
        }
        let (product, isTooLarge) = number.multipliedReportingOverflow(by: unit ?? 1)
        return isTooLarge || product > most ? nil : product
    }
}
