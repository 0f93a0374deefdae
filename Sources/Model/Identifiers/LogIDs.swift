/// Names one log group of CloudWatch Logs.
public struct LogGroupID: Hashable, Comparable, Codable, Sendable {
    public var scope: Scope
    public var name: String

    public init(scope: Scope, name: String) {
        self.scope = scope
        self.name = name
    }

    /// Takes `arn:aws:logs:REGION:ACCOUNT:log-group:NAME`, with or without `:*` behind it; nil for all else.
    public init?(arn: String) {
        let parts = arn.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 7 || (parts.count == 8 && parts[7] == "*"), parts[0] == "arn",
            parts[1].hasPrefix("aws"), parts[2] == "logs", parts[5] == "log-group", Self.isName(parts[6])
        else { return nil }
        self.init(scope: Scope(account: String(parts[4]), region: String(parts[3])), name: String(parts[6]))
    }

    /// Without `:*`.
    public var arn: String { "arn:aws:logs:\(scope.region):\(scope.account):log-group:\(name)" }

    /// Whether a group may have that name: 1 to 512 of `a-z A-Z 0-9 . - _ / #`.
    public static func isName(_ text: some StringProtocol) -> Bool {
        (1...512).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"),
                    UInt8(ascii: "/"), UInt8(ascii: "#"):
                    true
                default: false
                }
            }
    }

    public static func < (lhs: LogGroupID, rhs: LogGroupID) -> Bool { (lhs.scope, lhs.name) < (rhs.scope, rhs.name) }
}

/// Names one stream of a log group.
public struct LogStreamID: Hashable, Comparable, Codable, Sendable {
    public var group: LogGroupID
    public var name: String

    public init(group: LogGroupID, name: String) {
        self.group = group
        self.name = name
    }

    public var arn: String { "\(group.arn):log-stream:\(name)" }

    public static func < (lhs: LogStreamID, rhs: LogStreamID) -> Bool {
        (lhs.group, lhs.name) < (rhs.group, rhs.name)
    }
}
