/// Writes CBOR (RFC 8949) with the shortest lengths.
struct CBORWriter: Sendable {
    private(set) var bytes: [UInt8] = []

    mutating func map(count: Int) { head(5, UInt64(max(count, 0))) }
    mutating func array(count: Int) { head(4, UInt64(max(count, 0))) }

    mutating func text(_ text: String) {
        head(3, UInt64(text.utf8.count))
        bytes += text.utf8
    }

    mutating func integer(_ value: Int64) {
        value < 0 ? head(1, UInt64(-1 - value)) : head(0, UInt64(value))
    }

    mutating func double(_ value: Double) {
        bytes.append(0xFB)
        big(value.bitPattern, size: 8)
    }

    mutating func boolean(_ value: Bool) { bytes.append(value ? 0xF5 : 0xF4) }
    mutating func null() { bytes.append(0xF6) }

    /// - Parameter seconds: since 1970.
    mutating func time(_ seconds: Double) {
        bytes.append(0xC1)
        if let whole = Int64(exactly: seconds) { integer(whole) } else { double(seconds) }
    }

    private mutating func head(_ major: UInt8, _ argument: UInt64) {
        let (detail, size): (UInt8, Int) =
            switch argument {
            case 0..<24: (UInt8(argument), 0)
            case 24..<0x100: (24, 1)
            case 0x100..<0x1_0000: (25, 2)
            case 0x1_0000..<0x1_0000_0000: (26, 4)
            default: (27, 8)
            }
        bytes.append(major << 5 | detail)
        big(argument, size: size)
    }

    private mutating func big(_ number: UInt64, size: Int) {
        for place in (0..<size).reversed() { bytes.append(UInt8(truncatingIfNeeded: number >> UInt64(8 * place))) }
    }
}
