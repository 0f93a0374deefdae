public struct RulePlan: Hashable, Codable, Sendable {
    /// Unique within its listener.
    public var id: String
    /// All must hold.
    public var conditions: [RuleCondition]
    public var action: BalancerAction

    public init(id: String, conditions: [RuleCondition], action: BalancerAction) {
        self.id = id
        self.conditions = conditions
        self.action = action
    }
}

/// A condition holds when one of its values does. In patterns `*` stands for any text, also none, and `?` for one character.
///
/// - Source: Elastic Load Balancing API Reference, RuleCondition
public enum RuleCondition: Hashable, Codable, Sendable {
    /// Patterns for the host without its port, in any case of letters.
    case host([String])
    /// Patterns for the path without its query, case-sensitive.
    case path([String])
    /// Patterns for a header's whole value, in any case of letters; one line of several is enough.
    case header(name: String, values: [String])
    /// Exact and case-sensitive, without wildcards.
    case method([String])
    /// Patterns for one pair of the query as it was sent, in any case of letters.
    case query([QueryPattern])
    /// Blocks in CIDR notation that hold the connection's own peer, of IPv4 or IPv6.
    case sourceIP([String])
}

public struct QueryPattern: Hashable, Codable, Sendable {
    /// nil lets any key pass.
    public var key: String?
    public var value: String

    public init(key: String? = nil, value: String) {
        self.key = key
        self.value = value
    }
}

public enum BalancerAction: Hashable, Codable, Sendable {
    case forward(ForwardAction)
    case redirect(RedirectAction)
    case fixed(FixedResponse)
}

/// A share of the requests (connections, at a network load balancer) for each group, as its weight is to the sum of all.
///
/// Groups and stickiness change by a reload, weights at once.
public struct ForwardAction: Hashable, Codable, Sendable {
    public struct Group: Hashable, Codable, Sendable {
        /// The id of a `TargetGroupPlan`. A group that is not in the plan answers 503.
        public var group: String
        /// 0 to 999. A sum of 0 answers 503.
        public var weight: Int

        public init(_ group: String, weight: Int = 1) {
            self.group = group
            self.weight = weight
        }
    }

    public var groups: [Group]
    /// Seconds for which a client that was sent to one of several groups returns to it, by the cookie `AWSALBTG`; nil for
    /// not at all. It does so whatever the group's weight becomes.
    public var stickiness: Int?

    public init(_ groups: [Group], stickiness: Int? = nil) {
        self.groups = groups
        self.stickiness = stickiness
    }

    public init(to group: String) {
        self.init([Group(group)])
    }
}

/// Each part may hold `#{protocol}`, `#{host}`, `#{port}`, `#{path}` (without its first slash) and `#{query}`, which stand
/// for the request's own. Defaults are ELB's.
///
/// - Source: Elastic Load Balancing API Reference, RedirectActionConfig
public struct RedirectAction: Hashable, Codable, Sendable {
    public var `protocol`: String
    public var host: String
    public var port: String
    /// With its first slash.
    public var path: String
    /// Without `?`.
    public var query: String
    /// Whether it is 301; else it is 302.
    public var isPermanent: Bool

    public init(
        protocol: String = "#{protocol}", host: String = "#{host}", port: String = "#{port}", path: String = "/#{path}",
        query: String = "#{query}", isPermanent: Bool = false
    ) {
        self.protocol = `protocol`
        self.host = host
        self.port = port
        self.path = path
        self.query = query
        self.isPermanent = isPermanent
    }
}

public struct FixedResponse: Hashable, Codable, Sendable {
    /// 200 to 599, without 3xx.
    public var status: Int
    public var contentType: String
    public var body: String

    public init(status: Int, contentType: String = "text/plain", body: String = "") {
        self.status = status
        self.contentType = contentType
        self.body = body
    }
}
