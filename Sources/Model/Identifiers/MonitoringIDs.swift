/// Names one CloudWatch alarm; metric and composite alarms share their names.
public struct AlarmID: Hashable, Comparable, Codable, Sendable {
    public var scope: Scope
    public var name: String

    public init(scope: Scope, name: String) {
        self.scope = scope
        self.name = name
    }

    public var arn: String { "arn:aws:cloudwatch:\(scope.region):\(scope.account):alarm:\(name)" }

    public static func < (lhs: AlarmID, rhs: AlarmID) -> Bool { (lhs.scope, lhs.name) < (rhs.scope, rhs.name) }
}

/// Names one entry of an alarm's history, in the order of their times.
public struct AlarmHistoryID: Hashable, Comparable, Codable, Sendable {
    public var alarm: AlarmID
    public var time: Timestamp
    /// Tells those of one millisecond apart.
    public var number: Int

    public init(alarm: AlarmID, time: Timestamp, number: Int) {
        self.alarm = alarm
        self.time = time
        self.number = number
    }

    public static func < (lhs: AlarmHistoryID, rhs: AlarmHistoryID) -> Bool {
        (lhs.alarm, lhs.time, lhs.number) < (rhs.alarm, rhs.time, rhs.number)
    }
}

/// Names a scaling policy or a scheduled action of the desired count of one service.
public struct ScalingRuleID: Hashable, Comparable, Codable, Sendable {
    public var service: ServiceID
    public var name: String

    public init(service: ServiceID, name: String) {
        self.service = service
        self.name = name
    }

    public static func < (lhs: ScalingRuleID, rhs: ScalingRuleID) -> Bool {
        (lhs.service, lhs.name) < (rhs.service, rhs.name)
    }
}

/// Names one scaling activity; those of a service are in the order in which they began.
public struct ScalingActivityID: Hashable, Comparable, Codable, Sendable {
    public var service: ServiceID
    public var startedAt: Timestamp
    /// A UUID.
    public var id: String

    public init(service: ServiceID, startedAt: Timestamp, id: String) {
        self.service = service
        self.startedAt = startedAt
        self.id = id
    }

    public static func < (lhs: ScalingActivityID, rhs: ScalingActivityID) -> Bool {
        (lhs.service, lhs.startedAt, lhs.id) < (rhs.service, rhs.startedAt, rhs.id)
    }
}
