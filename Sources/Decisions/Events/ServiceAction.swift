/// What a service did or could not do, as a service action event names it.
public struct ServiceAction: Hashable, Sendable {
    public enum Name: String, CaseIterable, Sendable {
        case steadyState = "SERVICE_STEADY_STATE"
        case desiredCountUpdated = "SERVICE_DESIRED_COUNT_UPDATED"
        case tasksStarted = "TASKS_STARTED"
        case tasksStopped = "TASKS_STOPPED"
        case rebalancingStarted = "SERVICE_REBALANCING_STARTED"
        case rebalancingCompleted = "SERVICE_REBALANCING_COMPLETED"
        case startImpaired = "SERVICE_TASK_START_IMPAIRED"
        case placementFailure = "SERVICE_TASK_PLACEMENT_FAILURE"
    }

    public enum Severity: String, Sendable {
        case info = "INFO"
        case warning = "WARN"
        case error = "ERROR"
    }

    public var name: Name
    /// Of a placement that failed, such as `RESOURCE:CPU`.
    public var reason: String?

    public init(_ name: Name, reason: String? = nil) {
        self.name = name
        self.reason = reason
    }

    public var severity: Severity {
        switch name {
        case .startImpaired: .warning
        case .placementFailure: .error
        default: .info
        }
    }

    /// The action that a service event tells of; nil for one that has no event of its own, such as tasks that started.
    public init?(_ message: String) {
        guard let name = Self.name(of: message) else { return nil }
        self.init(name, reason: name == .placementFailure ? Self.placementReason(message) : nil)
    }

    /// The texts are ECS's own and do not change: how each begins behind the service's name, and what else it has.
    private static let marks: [(start: String, part: String, name: Name)] = [
        ("has reached a steady state.", "", .steadyState),
        ("is not AZ balanced with", "", .rebalancingStarted),
        ("is AZ balanced with", "", .rebalancingCompleted),
        ("has started", "to AZ Rebalance:", .tasksStarted),
        ("has stopped", "running tasks", .tasksStopped),
        ("is unable to consistently start tasks successfully.", "", .startImpaired),
        ("was unable to place a task", "", .placementFailure),
    ]

    private static func name(of message: String) -> Name? {
        guard message.hasPrefix("(service "), let end = message.firstRange(of: ") ")?.upperBound else { return nil }
        let said = message[end...]
        return marks.first { said.hasPrefix($0.start) && ($0.part.isEmpty || said.contains($0.part)) }?.name
    }

    private static let placementReasons: [(String, String)] = [
        ("insufficient CPU units", "RESOURCE:CPU"), ("insufficient memory", "RESOURCE:MEMORY"),
        ("already using a port", "RESOURCE:PORTS"), ("missing an attribute", "ATTRIBUTE"),
        ("Capacity is unavailable", "RESOURCE:FARGATE"),
    ]

    private static func placementReason(_ message: String) -> String? {
        if let known = placementReasons.first(where: { message.contains($0.0) }) { return known.1 }
        if let start = message.firstRange(of: "Reason: ")?.upperBound { return String(message[start...]) }
        guard let start = message.firstRange(of: "encountered error \"")?.upperBound else { return nil }
        return String(message[start...].prefix { $0 != "\"" })
    }
}
