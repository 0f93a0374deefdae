public import Identifiers

/// What a rule does with a request that it takes.
public struct RuleAction: Hashable, Codable, Sendable {
    public enum Kind: Hashable, Codable, Sendable {
        case forward(ForwardAction)
        case redirect(RedirectAction)
        case fixedResponse(FixedResponseAction)
    }

    /// As the caller numbered it.
    public var order: Int?
    public var kind: Kind

    public init(_ kind: Kind, order: Int? = nil) {
        self.kind = kind
        self.order = order
    }
}

/// Sends the request to one of several target groups, by their weights.
public struct ForwardAction: Hashable, Codable, Sendable {
    public struct WeightedGroup: Hashable, Codable, Sendable {
        public var group: TargetGroupID
        /// 0 to 999, relative to the others'.
        public var weight: Int

        public init(group: TargetGroupID, weight: Int) {
            self.group = group
            self.weight = weight
        }
    }

    /// One to five.
    public var groups: [WeightedGroup]
    /// Seconds for which a client stays with the group that it was sent to first; nil: no stickiness between groups.
    public var stickiness: Int?

    public init(groups: [WeightedGroup], stickiness: Int? = nil) {
        self.groups = groups
        self.stickiness = stickiness
    }
}

/// Sends the client elsewhere. `#{protocol}`, `#{host}`, `#{port}`, `#{path}` and `#{query}` stand for the request's own.
public struct RedirectAction: Hashable, Codable, Sendable {
    public var `protocol`: String
    public var host: String
    public var port: String
    /// Begins with `/`.
    public var path: String
    /// Without the `?`.
    public var query: String
    /// Whether the status is 301, else 302.
    public var isPermanent: Bool

    public init(protocol: String, host: String, port: String, path: String, query: String, isPermanent: Bool) {
        self.protocol = `protocol`
        self.host = host
        self.port = port
        self.path = path
        self.query = query
        self.isPermanent = isPermanent
    }
}

/// Answers without a target.
public struct FixedResponseAction: Hashable, Codable, Sendable {
    /// 200 to 299 or 400 to 599.
    public var status: Int
    public var contentType: String?
    /// At most 1,024 characters.
    public var body: String?

    public init(status: Int, contentType: String? = nil, body: String? = nil) {
        self.status = status
        self.contentType = contentType
        self.body = body
    }
}

/// What a request must be like for a rule to take it; each is met when one of its values is.
public enum RuleCondition: Hashable, Codable, Sendable {
    /// `*` and `?` stand for any characters and for one; compared without regard to case.
    case hostHeader([String])
    /// With `*` and `?`; compared with regard to case, without the query.
    case path([String])
    /// With `*` and `?` in the values; compared without regard to case.
    case httpHeader(name: String, values: [String])
    /// With `*` and `?`; compared without regard to case.
    case queryString([QueryPair])
    /// Compared to the letter.
    case method([String])
    /// Blocks of IPv4 addresses, such as `192.0.2.0/24`.
    case sourceIP([String])

    /// A key and value of a query; without a key any key will do.
    public struct QueryPair: Hashable, Codable, Sendable {
        public var key: String?
        public var value: String

        public init(key: String?, value: String) {
            self.key = key
            self.value = value
        }
    }
}

/// A stored rule of a listener, other than its default rule. Written by the API front alone.
public struct ListenerRuleRecord: Hashable, Codable, Sendable {
    public var id: ListenerRuleID
    /// 1 to 50,000, its own within the listener: the lowest that takes a request has it.
    public var priority: Int
    /// All must be met.
    public var conditions: [RuleCondition]
    public var actions: [RuleAction]
    public var tags: [KeyValue] = []
    public var createdAt: Timestamp

    public init(
        id: ListenerRuleID, priority: Int, conditions: [RuleCondition], actions: [RuleAction], createdAt: Timestamp
    ) {
        self.id = id
        self.priority = priority
        self.conditions = conditions
        self.actions = actions
        self.createdAt = createdAt
    }

    /// The groups that it sends traffic to, without repeats.
    public var targetGroups: [TargetGroupID] { actions.targetGroups }
}

extension [RuleAction] {
    /// The groups that traffic is sent to, without repeats.
    public var targetGroups: [TargetGroupID] {
        var groups: [TargetGroupID] = []
        for case .forward(let forward) in map(\.kind) {
            for weighted in forward.groups where !groups.contains(weighted.group) { groups.append(weighted.group) }
        }
        return groups
    }
}

extension [RuleAction] {
    /// The actions with traffic forwarded to these groups by these weights, and to no other.
    public func weighing(_ weights: [TargetGroupID: Int]) -> [RuleAction] {
        var forward = ForwardAction(groups: [])
        if case .forward(let before)? = last?.kind { forward = before }
        forward.groups = weights.sorted { $0.key < $1.key }.map {
            ForwardAction.WeightedGroup(group: $0.key, weight: $0.value)
        }
        return [RuleAction(.forward(forward), order: last?.order)]
    }
}
