/// Writes one JSON text to bytes, without white space and without building a tree.
///
/// Commas are set by the writer; begins and ends are the caller's to balance. `/` and what is beyond ASCII are written
/// as they are.
public struct JSONWriter: Sendable {
    /// What was written so far.
    public private(set) var bytes: [UInt8] = []
    /// Whether a comma belongs before the next key or element.
    private var needsComma = false

    public init() {}

    // MARK: Containers

    public mutating func beginObject() { open(UInt8(ascii: "{")) }
    public mutating func endObject() { close(UInt8(ascii: "}")) }
    public mutating func beginArray() { open(UInt8(ascii: "[")) }
    public mutating func endArray() { close(UInt8(ascii: "]")) }

    /// Writes a key of the innermost object; its value must follow.
    public mutating func key(_ name: String) {
        separate()
        quote(name)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    /// Writes a member of the innermost object, or nothing when the value is nil.
    public mutating func member(_ name: String, _ value: (some JSONWritable)?) {
        guard let value else { return }
        key(name)
        value.write(json: &self)
    }

    // MARK: Scalars

    public mutating func string(_ value: String) {
        separate()
        quote(value)
        needsComma = true
    }

    public mutating func integer(_ value: Int64) { scalar(value.description) }

    /// Writes the shortest text that reads back as the same number; what is not finite has no form in JSON and is
    /// written as `null`.
    public mutating func number(_ value: Double) { scalar(value.isFinite ? value.description : "null") }

    public mutating func boolean(_ value: Bool) { scalar(value ? "true" : "false") }
    public mutating func null() { scalar("null") }

    /// Writes a number whose JSON text the caller made.
    public mutating func number(text: String) { scalar(text) }

    // MARK: Bytes

    private mutating func open(_ brace: UInt8) {
        separate()
        bytes.append(brace)
        needsComma = false
    }

    private mutating func close(_ brace: UInt8) {
        bytes.append(brace)
        needsComma = true
    }

    private mutating func scalar(_ text: String) {
        separate()
        bytes += text.utf8
        needsComma = true
    }

    private mutating func separate() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
    }

    private mutating func quote(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        let copied: Void? = text.utf8.withContiguousStorageIfAvailable { text in
            // Most texts have nothing to escape: they are looked through once and copied at once.
            if text.contains(where: Self.needsEscape) {
                for byte in text { Self.needsEscape(byte) ? escape(byte) : bytes.append(byte) }
            } else {
                bytes.append(contentsOf: text)
            }
        }
        if copied == nil { for byte in text.utf8 { Self.needsEscape(byte) ? escape(byte) : bytes.append(byte) } }
        bytes.append(UInt8(ascii: "\""))
    }

    @inline(__always)
    private static func needsEscape(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    private mutating func escape(_ byte: UInt8) {
        bytes.append(UInt8(ascii: "\\"))
        switch byte {
        case 0x08: bytes.append(UInt8(ascii: "b"))
        case 0x09: bytes.append(UInt8(ascii: "t"))
        case 0x0A: bytes.append(UInt8(ascii: "n"))
        case 0x0C: bytes.append(UInt8(ascii: "f"))
        case 0x0D: bytes.append(UInt8(ascii: "r"))
        case 0..<0x20:
            bytes += "u00".utf8
            if byte < 0x10 { bytes.append(UInt8(ascii: "0")) }
            bytes += String(byte, radix: 16).utf8
        default: bytes.append(byte)
        }
    }
}
