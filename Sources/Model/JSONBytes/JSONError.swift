/// What a run of bytes had that JSON, or the shape being read, does not allow, and where.
public struct JSONError: Error, Hashable, Sendable {
    /// What is wrong.
    public enum Reason: Hashable, Sendable {
        /// The bytes end inside a value.
        case unexpectedEnd
        /// A byte that the grammar does not allow here.
        case unexpectedByte(UInt8)
        /// Bytes follow the one value that was asked for.
        case trailingBytes
        /// Arrays and objects are nested deeper than the reader allows.
        case tooDeep
        /// A string is not well-formed UTF-8.
        case invalidUTF8
        /// A backslash is followed by what is no escape, or by half of a surrogate pair.
        case invalidEscape
        /// A number does not fit the type that it is read as.
        case numberOutOfRange
        /// A value of another kind was expected.
        case mismatch(expected: JSONKind, found: JSONKind)
    }

    public var reason: Reason
    /// Bytes before the place where it was noticed.
    public var offset: Int

    public init(_ reason: Reason, offset: Int) {
        self.reason = reason
        self.offset = offset
    }
}

/// The six kinds of JSON values.
public enum JSONKind: String, Hashable, Sendable {
    case object
    case array
    case string
    case number
    case boolean
    case null
}

extension JSONError: CustomStringConvertible {
    /// One line for a person, without any of the bytes' content but the offending one.
    public var description: String {
        let what =
            switch reason {
            case .unexpectedEnd: "unexpected end"
            case .unexpectedByte(let byte): "unexpected byte 0x\(String(byte, radix: 16))"
            case .trailingBytes: "bytes after the value"
            case .tooDeep: "nested too deeply"
            case .invalidUTF8: "a string is not UTF-8"
            case .invalidEscape: "invalid escape in a string"
            case .numberOutOfRange: "number out of range"
            case .mismatch(let expected, let found): "expected \(expected.rawValue), found \(found.rawValue)"
            }
        return "\(what) at byte \(offset)"
    }
}
