public import JSONBytes

/// A point in time as AWS JSON carries it: a number of seconds since 1970 with a fraction.
public struct WireTimestamp: Hashable, Comparable, Sendable {
    /// Milliseconds since 1970; finer parts are dropped.
    public var milliseconds: Int64

    public init(milliseconds: Int64) { self.milliseconds = milliseconds }

    /// Seconds since 1970, fractional.
    public var seconds: Double { Double(milliseconds) / 1000 }

    public static func < (lhs: WireTimestamp, rhs: WireTimestamp) -> Bool { lhs.milliseconds < rhs.milliseconds }
}

extension WireTimestamp: JSONReadable {
    public init(json reader: inout JSONReader) throws(JSONError) {
        _ = try reader.peek()
        let offset = reader.offset
        let scaled = (try reader.readNumber() * 1000).rounded()
        guard let milliseconds = Int64(exactly: scaled) else { throw JSONError(.numberOutOfRange, offset: offset) }
        self.init(milliseconds: milliseconds)
    }
}

extension WireTimestamp: JSONWritable {
    /// Writes exactly as many decimals as the milliseconds need.
    public func write(json writer: inout JSONWriter) {
        let magnitude = milliseconds.magnitude
        var text = (milliseconds < 0 ? "-" : "") + String(magnitude / 1000)
        if magnitude % 1000 != 0 {
            let fraction = String(magnitude % 1000 + 1000).dropFirst()
            text += "." + fraction
            while text.hasSuffix("0") { text.removeLast() }
        }
        writer.number(text: text)
    }
}
