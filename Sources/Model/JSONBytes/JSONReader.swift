/// Reads one JSON text (RFC 8259) from bytes, value by value, without building a tree.
///
/// The caller drives: it begins an object, asks for keys until there is none, and reads or skips the value of each.
/// No input traps; every malformed one ends in a `JSONError`. A key that occurs twice is reported twice, so that the
/// last one wins in a reader that assigns.
public struct JSONReader: Sendable {
    let bytes: [UInt8]
    var position = 0
    private let maximumDepth: Int
    private var depth = 0
    /// Whether the innermost open container has not yielded an entry yet.
    private var isAtFirstEntry = false

    /// - Parameter maximumDepth: how many containers may be open at once. Reading recurses, so a much larger number
    ///   could exhaust a thread's stack; 64 is four times what any ECS shape needs.
    public init(_ bytes: [UInt8], maximumDepth: Int = 64) {
        self.bytes = bytes
        self.maximumDepth = maximumDepth
    }

    /// Bytes consumed so far.
    public var offset: Int { position }

    /// The kind of the next value, judged by its first byte; nothing but white space is consumed.
    public mutating func peek() throws(JSONError) -> JSONKind {
        switch try nextByte() {
        case UInt8(ascii: "{"): return .object
        case UInt8(ascii: "["): return .array
        case UInt8(ascii: "\""): return .string
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number
        case UInt8(ascii: "t"), UInt8(ascii: "f"): return .boolean
        case UInt8(ascii: "n"): return .null
        case let other: throw JSONError(.unexpectedByte(other), offset: position)
        }
    }

    /// Checks that nothing but white space is left.
    public mutating func finish() throws(JSONError) {
        skipWhitespace()
        if position < bytes.count { throw JSONError(.trailingBytes, offset: position) }
    }

    // MARK: Containers

    public mutating func beginObject() throws(JSONError) { try begin(.object) }

    /// The next key of the innermost object, or nil when the object ended (its brace is consumed).
    ///
    /// Contract: the value of the previous key was read or skipped.
    public mutating func nextKey() throws(JSONError) -> String? {
        guard try nextEntry(closing: UInt8(ascii: "}")) else { return nil }
        guard try nextByte() == UInt8(ascii: "\"") else { throw unexpected() }
        let key = try readString()
        guard try nextByte() == UInt8(ascii: ":") else { throw unexpected() }
        position += 1
        return key
    }

    /// Consumes the next key of the innermost object if it is `name`, written without escapes; else nothing.
    ///
    /// Quicker than `nextKey` for who has a good guess, since no string is made. The contract is the same.
    public mutating func takeKey(_ name: String) throws(JSONError) -> Bool {
        let before = (position: position, isFirst: isAtFirstEntry, depth: depth)
        guard try nextEntry(closing: UInt8(ascii: "}")), try nextByte() == UInt8(ascii: "\""),
            takePlainString(name)
        else {
            (position, isAtFirstEntry, depth) = before
            return false
        }
        guard try nextByte() == UInt8(ascii: ":") else { throw unexpected() }
        position += 1
        return true
    }

    /// Consumes the next key of the innermost object without making a string of it; false when the object ended.
    mutating func skipKey() throws(JSONError) -> Bool {
        guard try nextEntry(closing: UInt8(ascii: "}")) else { return false }
        guard try nextByte() == UInt8(ascii: "\"") else { throw unexpected() }
        try skipString()
        guard try nextByte() == UInt8(ascii: ":") else { throw unexpected() }
        position += 1
        return true
    }

    public mutating func beginArray() throws(JSONError) { try begin(.array) }

    /// Whether the innermost array has another element; false consumes its bracket.
    ///
    /// Contract: the previous element was read or skipped.
    public mutating func nextElement() throws(JSONError) -> Bool {
        guard try nextEntry(closing: UInt8(ascii: "]")) else { return false }
        if try nextByte() == UInt8(ascii: "]") { throw unexpected() }
        return true
    }

    private mutating func begin(_ kind: JSONKind) throws(JSONError) {
        try expect(kind)
        guard depth < maximumDepth else { throw JSONError(.tooDeep, offset: position) }
        depth += 1
        position += 1
        isAtFirstEntry = true
    }

    private mutating func nextEntry(closing: UInt8) throws(JSONError) -> Bool {
        let byte = try nextByte()
        let isFirst = isAtFirstEntry
        isAtFirstEntry = false
        if byte == closing {
            depth -= 1
            position += 1
            return false
        }
        if !isFirst {
            guard byte == UInt8(ascii: ",") else { throw unexpected() }
            position += 1
        }
        return true
    }

    // MARK: Bytes

    /// Moves to the next byte that is no white space and returns it, unconsumed.
    mutating func nextByte() throws(JSONError) -> UInt8 {
        skipWhitespace()
        guard position < bytes.count else { throw JSONError(.unexpectedEnd, offset: position) }
        return bytes[position]
    }

    /// Throws unless the next value is of that kind.
    mutating func expect(_ kind: JSONKind) throws(JSONError) {
        let found = try peek()
        if found != kind { throw JSONError(.mismatch(expected: kind, found: found), offset: position) }
    }

    /// The error for the byte at the current position, or for its absence.
    func unexpected() -> JSONError {
        guard position < bytes.count else { return JSONError(.unexpectedEnd, offset: position) }
        return JSONError(.unexpectedByte(bytes[position]), offset: position)
    }

    private mutating func skipWhitespace() {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x0A, 0x0D, 0x09: position += 1
            default: return
            }
        }
    }
}
