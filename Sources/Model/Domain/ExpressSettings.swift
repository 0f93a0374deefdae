public import Identifiers

/// What an Express service asks for beyond an ordinary one.
///
/// On a service it is what the next revision gets; on a revision it is what that was made with. Written by the API front.
public struct ExpressSettings: Hashable, Codable, Sendable {
    public enum Metric: String, Codable, Sendable { case averageCPU, averageMemory, requestCountPerTarget }

    /// How many tasks run at least and at most, and what changes their number within that.
    public struct Scaling: Hashable, Codable, Sendable {
        public var minimum: Int = 1
        public var maximum: Int = 20
        public var metric: Metric = .averageCPU
        /// Percent, or requests per task and minute.
        public var target: Int = 60

        public init() {}
    }

    public var infrastructureRoleARN: String
    public var healthCheckPath: String = "/ping"
    public var scaling = Scaling()
    public var updatedAt: Timestamp
    /// nil for a service that nothing has given one yet: its next update does.
    public var ingress: ExpressIngress?

    public init(infrastructureRoleARN: String, updatedAt: Timestamp) {
        self.infrastructureRoleARN = infrastructureRoleARN
        self.updatedAt = updatedAt
    }
}

/// The way into an Express service from outside: its part of a load balancer that Express services share.
public struct ExpressIngress: Hashable, Codable, Sendable {
    /// Takes the requests for `host` to `targetGroup`.
    public var rule: ListenerRuleID
    public var targetGroup: TargetGroupID
    /// By which curl and browsers reach it.
    public var host: String

    public init(rule: ListenerRuleID, targetGroup: TargetGroupID, host: String) {
        self.rule = rule
        self.targetGroup = targetGroup
        self.host = host
    }

    /// What callers are told.
    public var endpoint: String { "http://\(host)/" }

    /// What tells a load balancer that Express services share from one of the same name that a caller made.
    public static let tag = KeyValue(key: "AmazonECSManaged", value: "true")
}
