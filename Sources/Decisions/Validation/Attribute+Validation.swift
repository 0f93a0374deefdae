public import Domain

extension Attribute {
    /// Most attributes of the caller's own on one host.
    public static let customLimit = 10

    /// Whether the name is one that hosts and the control plane give, and no caller.
    public var isBuiltIn: Bool { name.hasPrefix("ecs.") || name.hasPrefix("com.amazonaws.") }

    /// Whether a caller may give the attribute.
    ///
    /// - Throws: `InvalidParameterException` naming what is wrong with the name or the value.
    /// - Source: Amazon ECS API Reference, Attribute
    public func checkCustom() throws(ValidationFault) {
        guard (1...128).contains(name.utf8.count), name.utf8.allSatisfy(Self.isOfName) else {
            throw ValidationFault(
                .invalidParameter,
                "Invalid attribute name '\(name.prefix(140))'. It must have 1 to 128 letters, numbers, hyphens, "
                    + "underscores, forward slashes, back slashes, or periods.")
        }
        if isBuiltIn {
            throw ValidationFault(
                .invalidParameter,
                "The attribute '\(name)' is reserved: names that begin with ecs. or com.amazonaws. "
                    + "are given by Amazon ECS.")
        }
        guard let value else { return }
        let isTrimmed = value.first != " " && value.last != " "
        guard (1...128).contains(value.utf8.count), value.utf8.allSatisfy(Self.isOfValue), isTrimmed else {
            throw ValidationFault(
                .invalidParameter,
                "Invalid value '\(value.prefix(140))' of the attribute '\(name)'. It must have 1 to 128 letters, "
                    + "numbers, hyphens, underscores, at signs, slashes, colons, periods, or spaces inside.")
        }
    }

    private static func isOfName(_ byte: UInt8) -> Bool { isLetterOrDigit(byte) || "-_/\\.".utf8.contains(byte) }

    private static func isOfValue(_ byte: UInt8) -> Bool { isLetterOrDigit(byte) || "-_.@/\\: ".utf8.contains(byte) }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: false
        }
    }
}
