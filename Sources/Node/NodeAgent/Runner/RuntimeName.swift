/// A container's name as part of the runtime's ids.
///
/// ECS takes up to 255 letters, digits, hyphens and underscores in any order; containerd takes ids of at most 76
/// characters in which no separator follows another. A name that does not fit is replaced by a digest of it.
enum RuntimeName {
    /// Leaves room for the task's id (32), the separator and an attempt's number of six digits.
    static let limit = 36

    /// The longest id that containerd takes.
    static let longestID = 76

    static func of(_ name: String) -> String {
        name.utf8.count <= limit && isRegular(name) ? name : "x" + hexadecimal(digest(name))
    }

    /// Whether an id of the name itself is one that containerd takes, and another than that of this rule: before there was
    /// the rule, such names were in ids as they are.
    static func hadPlainID(_ name: String) -> Bool {
        name.utf8.count > limit && name.utf8.count <= longestID - 33 && isRegular(name)
    }

    private static func isRegular(_ name: String) -> Bool {
        name.split(omittingEmptySubsequences: false) { $0 == "-" || $0 == "_" }.allSatisfy { !$0.isEmpty }
    }

    /// FNV-1a, 64 bits.
    private static func digest(_ text: String) -> UInt64 {
        text.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01b3 }
    }

    private static func hexadecimal(_ number: UInt64) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
