/// Text of protocols is ASCII, and looking at its bytes is many times as quick as at its characters.
extension StringProtocol where SubSequence == Substring {
    /// The parts between the bytes `separator`.
    func parts(at separator: UInt8, maxSplits: Int = .max, keepingEmpty: Bool = false) -> [Substring] {
        Substring(self).utf8.split(
            separator: separator, maxSplits: maxSplits, omittingEmptySubsequences: !keepingEmpty
        ).map { Substring($0) }
    }
}

extension String {
    /// Whether this is `lower`, which is in lower case, but for the case of ASCII letters: how header names compare.
    package func isHeader(_ lower: String) -> Bool {
        utf8.count == lower.utf8.count && startsAsHeader(lower)
    }

    /// Whether the name of a header starts with `lower`, which is in lower case.
    func startsAsHeader(_ lower: String) -> Bool {
        guard utf8.count >= lower.utf8.count else { return false }
        return zip(utf8, lower.utf8).allSatisfy { byte, other in
            byte == other || (Self.isUpper(byte) && byte | 0x20 == other)
        }
    }

    private static func isUpper(_ byte: UInt8) -> Bool {
        byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z")
    }
}
