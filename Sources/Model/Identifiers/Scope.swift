/// The account and region that every stored key belongs to.
public struct Scope: Hashable, Comparable, Codable, Sendable {
    /// Twelve decimal digits.
    public var account: String
    /// An AWS-style region name, such as `us-east-1`.
    public var region: String

    public init(account: String, region: String) {
        self.account = account
        self.region = region
    }

    public static func < (lhs: Scope, rhs: Scope) -> Bool {
        (lhs.account, lhs.region) < (rhs.account, rhs.region)
    }
}
