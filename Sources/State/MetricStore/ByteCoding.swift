/// Appends numbers in few bytes.
struct ByteWriter {
    var bytes: [UInt8] = []

    /// Seven bits a byte, the lowest first.
    mutating func put(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }

    /// Small magnitudes take few bytes, whatever their sign.
    mutating func put(signed value: Int64) {
        put(UInt64(bitPattern: value << 1) ^ UInt64(bitPattern: value >> 63))
    }

    /// Eight bytes.
    mutating func put(raw value: UInt64) {
        for shift in stride(from: 0, to: 64, by: 8) { bytes.append(UInt8(truncatingIfNeeded: value >> UInt64(shift))) }
    }
}

/// Reads what `ByteWriter` wrote. Bytes that end early or say nothing give nil, never a trap.
struct ByteReader {
    private let bytes: ArraySlice<UInt8>
    private var place: Int

    init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        place = bytes.startIndex
    }

    init(_ bytes: [UInt8]) { self.init(bytes[...]) }

    var isAtEnd: Bool { place >= bytes.endIndex }

    mutating func byte() -> UInt8? {
        guard place < bytes.endIndex else { return nil }
        defer { place += 1 }
        return bytes[place]
    }

    mutating func number() -> UInt64? {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 64, by: 7) {
            guard let next = byte() else { return nil }
            value |= UInt64(next & 0x7F) << shift
            if next & 0x80 == 0 { return value }
        }
        return nil
    }

    mutating func signed() -> Int64? {
        number().map { Int64(bitPattern: $0 >> 1) ^ -Int64(bitPattern: $0 & 1) }
    }

    /// A number of things that each take a byte at least, so that no claim is believed which the bytes cannot hold.
    mutating func count() -> Int? {
        guard let value = number(), value <= UInt64(bytes.endIndex - place) else { return nil }
        return Int(value)
    }

    mutating func raw() -> UInt64? {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 64, by: 8) {
            guard let next = byte() else { return nil }
            value |= UInt64(next) << shift
        }
        return value
    }
}

/// A number as a whole one and how many decimal places it has: what people and counters write are such. Twelfths count as
/// well, for what is told every five seconds and counts once a minute.
struct Decimal: Equatable {
    var digits: Int64
    /// 0 to `mostPlaces`, or `twelfths`.
    var places: Int

    static let mostPlaces = 5
    static let twelfths = 6
    private static let powers: [Double] = [1, 10, 100, 1000, 10_000, 100_000, 12]
    /// Beyond it a `Double` no longer holds every whole number, and below it differences stay within 64 bits.
    private static let limit = 1e15

    /// The shortest that gives exactly `value`; nil when there is none.
    init?(_ value: Double) {
        for places in Self.powers.indices {
            guard let found = Decimal(value, places: places) else { continue }
            self = found
            return
        }
        return nil
    }

    /// With so many places, or as twelfths.
    init?(_ value: Double, places: Int) {
        guard value.magnitude < Self.limit, !(value == 0 && value.sign == .minus) else { return nil }
        let scaled = (value * Self.powers[places]).rounded()
        guard scaled.magnitude < Self.limit, scaled / Self.powers[places] == value else { return nil }
        digits = Int64(scaled)
        self.places = places
    }

    static func value(_ digits: Int64, places: Int) -> Double { Double(digits) / powers[min(max(places, 0), twelfths)] }
}

extension Decimal {
    /// A sum without the rounding errors of adding decimals, where it is that close to one: such take a third of the bytes.
    static func settled(_ sum: Double) -> Double {
        let scaled = (sum * powers[mostPlaces]).rounded()
        guard scaled.magnitude < limit else { return sum }
        let settled = scaled / powers[mostPlaces]
        return (settled - sum).magnitude <= sum.magnitude * 1e-13 ? settled : sum
    }
}
