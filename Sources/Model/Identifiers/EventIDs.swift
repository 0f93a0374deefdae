/// Names one rule of the default event bus.
public struct EventRuleID: Hashable, Comparable, Codable, Sendable {
    public var scope: Scope
    public var name: String

    public init(scope: Scope, name: String) {
        self.scope = scope
        self.name = name
    }

    public var arn: String { "arn:aws:events:\(scope.region):\(scope.account):rule/\(name)" }

    public static func < (lhs: EventRuleID, rhs: EventRuleID) -> Bool { (lhs.scope, lhs.name) < (rhs.scope, rhs.name) }
}

/// Names one target within its rule.
public struct EventTargetID: Hashable, Comparable, Codable, Sendable {
    public var rule: EventRuleID
    public var id: String

    public init(rule: EventRuleID, id: String) {
        self.rule = rule
        self.id = id
    }

    public static func < (lhs: EventTargetID, rhs: EventTargetID) -> Bool { (lhs.rule, lhs.id) < (rhs.rule, rhs.id) }
}

/// Names one event on its way to one target.
public struct EventDeliveryID: Hashable, Comparable, Codable, Sendable {
    public var target: EventTargetID
    /// The event's own id.
    public var event: String

    public init(target: EventTargetID, event: String) {
        self.target = target
        self.event = event
    }

    public static func < (lhs: EventDeliveryID, rhs: EventDeliveryID) -> Bool {
        (lhs.target, lhs.event) < (rhs.target, rhs.event)
    }
}
