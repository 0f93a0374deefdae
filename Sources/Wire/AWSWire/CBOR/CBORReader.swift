import JSONBytes

/// Reads one CBOR item (RFC 8949), as RPC v2 CBOR has it, to the JSON value that means the same.
///
/// Maps have texts as keys, each once; of tags only a time (1) is known, which is a number of seconds; a byte string is
/// base64. Strict: what is not whole, not known or beyond the bounds is refused. No bytes trap.
///
/// - Source: Smithy RPC v2 CBOR protocol, "Serialization"
struct CBORReader: Sendable {
    /// As deep as JSON is read.
    private static let mostDepth = 64

    private let bytes: [UInt8]
    private var position = 0
    private var depth = 0

    /// - Throws: `SerializationException`.
    static func value(of bytes: [UInt8]) throws(APIFault) -> JSONValue {
        var reader = CBORReader(bytes: bytes)
        let value = try reader.item()
        guard reader.position == bytes.count else { throw reader.malformed("bytes follow the value") }
        return value
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    private mutating func item() throws(APIFault) -> JSONValue {
        let first = try next()
        let (major, detail) = (first >> 5, first & 31)
        switch major {
        case 0:
            let value = try argument(detail)
            return Int64(exactly: value).map { .integer($0) } ?? .number(Double(value))
        case 1:
            let value = try argument(detail)
            return Int64(exactly: value).map { .integer(-1 - $0) } ?? .number(-1 - Double(value))
        case 2: return .string(Base64.encode(try string(detail, major: 2)))
        case 3: return .string(try text(detail))
        case 4: return .array(try array(detail))
        case 5: return .object(try map(detail))
        case 6: return try tagged(detail)
        default: return try simple(detail)
        }
    }

    // MARK: Strings

    private mutating func text(_ detail: UInt8) throws(APIFault) -> String {
        guard let text = String(validating: try string(detail, major: 3), as: UTF8.self) else {
            throw malformed("a text is not UTF-8")
        }
        return text
    }

    private mutating func string(_ detail: UInt8, major: UInt8) throws(APIFault) -> [UInt8] {
        guard detail == 31 else { return Array(try taken(argument(detail))) }
        var whole: [UInt8] = []
        while try !atBreak() {
            let first = try next()
            // Chunks are strings of the same kind with a length.
            guard first >> 5 == major, first & 31 != 31 else { throw malformed("a chunk is no string") }
            whole += try taken(argument(first & 31))
        }
        return whole
    }

    // MARK: Containers

    private mutating func array(_ detail: UInt8) throws(APIFault) -> [JSONValue] {
        try enter()
        defer { depth -= 1 }
        var values: [JSONValue] = []
        if detail == 31 {
            while try !atBreak() { values.append(try item()) }
        } else {
            for _ in 0..<(try count(argument(detail))) { values.append(try item()) }
        }
        return values
    }

    private mutating func map(_ detail: UInt8) throws(APIFault) -> [String: JSONValue] {
        try enter()
        defer { depth -= 1 }
        var members: [String: JSONValue] = [:]
        if detail == 31 {
            while try !atBreak() { try member(&members) }
        } else {
            for _ in 0..<(try count(argument(detail))) { try member(&members) }
        }
        return members
    }

    private mutating func member(_ members: inout [String: JSONValue]) throws(APIFault) {
        let first = try next()
        guard first >> 5 == 3 else { throw malformed("a key is no text") }
        let key = try text(first & 31)
        guard members.updateValue(try item(), forKey: key) == nil else { throw malformed("a key is there twice") }
    }

    private mutating func enter() throws(APIFault) {
        depth += 1
        guard depth <= Self.mostDepth else { throw malformed("it is nested too deeply") }
    }

    // MARK: Others

    private mutating func tagged(_ detail: UInt8) throws(APIFault) -> JSONValue {
        guard try argument(detail) == 1 else { throw malformed("a tag is not known") }
        try enter()
        defer { depth -= 1 }
        switch try item() {
        case .integer(let seconds): return .integer(seconds)
        case .number(let seconds): return .number(seconds)
        default: throw malformed("a time is no number")
        }
    }

    private mutating func simple(_ detail: UInt8) throws(APIFault) -> JSONValue {
        switch detail {
        case 20: return .boolean(false)
        case 21: return .boolean(true)
        case 22, 23: return .null
        case 25: return try finite(Self.half(UInt16(truncatingIfNeeded: try number(of: 2))))
        case 26: return try finite(Double(Float(bitPattern: UInt32(truncatingIfNeeded: try number(of: 4)))))
        case 27: return try finite(Double(bitPattern: try number(of: 8)))
        default: throw malformed("a simple value is not known")
        }
    }

    private func finite(_ value: Double) throws(APIFault) -> JSONValue {
        guard value.isFinite else { throw malformed("a number is not finite") }
        return .number(value)
    }

    /// - Source: RFC 8949, appendix D
    private static func half(_ bits: UInt16) -> Double {
        let (exponent, part) = (Int(bits >> 10 & 31), Double(bits & 1023))
        let magnitude: Double =
            switch exponent {
            case 0: part * 0x1p-24
            case 31: part == 0 ? .infinity : .nan
            default: Double(sign: .plus, exponent: exponent - 25, significand: part + 1024)
            }
        return bits >> 15 == 0 ? magnitude : -magnitude
    }

    // MARK: Bytes

    private mutating func argument(_ detail: UInt8) throws(APIFault) -> UInt64 {
        switch detail {
        case 0..<24: return UInt64(detail)
        case 24...27: return try number(of: 1 << Int(detail - 24))
        default: throw malformed("a length is not known")
        }
    }

    private mutating func number(of size: Int) throws(APIFault) -> UInt64 {
        try taken(UInt64(size)).reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// Elements take a byte each at least, so that none are counted that are not there.
    private func count(_ announced: UInt64) throws(APIFault) -> Int {
        guard announced <= UInt64(bytes.count - position) else { throw malformed("it ends inside a value") }
        return Int(announced)
    }

    private mutating func taken(_ length: UInt64) throws(APIFault) -> ArraySlice<UInt8> {
        let length = try count(length)
        defer { position += length }
        return bytes[position..<position + length]
    }

    private mutating func next() throws(APIFault) -> UInt8 {
        guard position < bytes.count else { throw malformed("it ends inside a value") }
        defer { position += 1 }
        return bytes[position]
    }

    private mutating func atBreak() throws(APIFault) -> Bool {
        guard position < bytes.count else { throw malformed("it ends inside a value") }
        guard bytes[position] == 0xFF else { return false }
        position += 1
        return true
    }

    private func malformed(_ why: String) -> APIFault {
        .serialization("The request body is not valid CBOR: \(why) (at byte \(position)).")
    }
}

/// Base64 with padding, as JSON carries bytes.
enum Base64 {
    private static let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    static func encode(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let bits = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
            for place in 0..<4 {
                text.append(place <= group.count ? letters[bits >> (18 - 6 * place) & 63] : UInt8(ascii: "="))
            }
        }
        return String(decoding: text, as: UTF8.self)
    }
}
