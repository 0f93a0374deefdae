/// One value of DER: its tag, and the bytes of its content.
struct DERValue {
    var tag: UInt8
    var content: ArraySlice<UInt8>

    static let (boolean, integer, bits, octets, object, sequence) = (
        UInt8(1), UInt8(2), UInt8(3), UInt8(4), UInt8(6), UInt8(0x30)
    )
    static let (utcTime, generalizedTime) = (UInt8(0x17), UInt8(0x18))

    /// The values that it holds; nil when they do not fill it.
    var values: [DERValue]? {
        var reader = DERReader(content)
        var values: [DERValue] = []
        while !reader.isAtEnd {
            guard let value = reader.next() else { return nil }
            values.append(value)
        }
        return values
    }
}

/// Reads values of DER one after another. Lengths are checked: nothing that it is given may trap.
///
/// - Source: ITU-T X.690, 8.1 and 10.1
struct DERReader {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    var isAtEnd: Bool { rest.isEmpty }

    /// nil at the end, and for a length that is too long.
    mutating func next() -> DERValue? {
        guard let tag = rest.popFirst(), let length = length(), length <= rest.count else { return nil }
        defer { rest = rest.dropFirst(length) }
        return DERValue(tag: tag, content: rest.prefix(length))
    }

    private mutating func length() -> Int? {
        guard let first = rest.popFirst() else { return nil }
        guard first >= 0x80 else { return Int(first) }
        // Three bytes are 16 MiB, more than any request has.
        guard (1...3).contains(first & 0x7f) else { return nil }
        var length = 0
        for _ in 0..<(first & 0x7f) {
            guard let byte = rest.popFirst() else { return nil }
            length = length << 8 | Int(byte)
        }
        return length
    }
}

/// Texts that hold DER in base64 between two lines.
public enum PEM {
    /// The content of each certificate, in order; nil when something else is there, or none.
    public static func certificates(_ text: String) -> [[UInt8]]? {
        var found: [[UInt8]] = []
        var body: [UInt8]?
        for line in text.split(whereSeparator: \.isNewline).map({ $0.trimmingSpaces }) where !line.isEmpty {
            switch line {
            case "-----BEGIN CERTIFICATE-----":
                guard body == nil else { return nil }
                body = []
            case "-----END CERTIFICATE-----":
                guard let bytes = body.flatMap(Base64.decoded) else { return nil }
                found.append(bytes)
                body = nil
            default:
                guard body != nil else { return nil }
                body?.append(contentsOf: line.utf8)
            }
        }
        return found.isEmpty || body != nil ? nil : found
    }
}

public enum Base64 {
    /// nil for what is no base64 with its padding.
    public static func decoded(_ text: [UInt8]) -> [UInt8]? {
        guard text.count % 4 == 0 else { return nil }
        let padding = text.suffix(2).count { $0 == UInt8(ascii: "=") }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count / 4 * 3)
        var (bits, count): (UInt32, Int) = (0, 0)
        for byte in text.dropLast(padding) {
            guard let value = value(of: byte) else { return nil }
            bits = (bits << 6 | value) & 0xffffff
            count += 6
            if count >= 8 {
                count -= 8
                bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
            }
        }
        return bytes
    }

    private static func value(of byte: UInt8) -> UInt32? {
        switch byte {
        case 65...90: UInt32(byte) - 65
        case 97...122: UInt32(byte) - 71
        case 48...57: UInt32(byte) + 4
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }

    public static func encoded(_ bytes: some Sequence<UInt8>) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        var text: [UInt8] = []
        var (bits, count): (UInt32, UInt32) = (0, 0)
        for byte in bytes {
            bits = (bits << 8 | UInt32(byte)) & 0xffffff
            count += 8
            while count >= 6 {
                count -= 6
                text.append(alphabet[Int(bits >> count & 63)])
            }
        }
        if count > 0 { text.append(alphabet[Int(bits << (6 - count) & 63)]) }
        while text.count % 4 != 0 { text.append(UInt8(ascii: "=")) }
        return String(decoding: text, as: UTF8.self)
    }
}

extension Substring {
    fileprivate var trimmingSpaces: Substring {
        var text = self
        while text.first?.isWhitespace == true { text.removeFirst() }
        while text.last?.isWhitespace == true { text.removeLast() }
        return text
    }
}
