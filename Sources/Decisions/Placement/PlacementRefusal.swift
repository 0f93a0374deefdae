public import Identifiers
public import Domain

/// Why a host does not admit a task, in the order of the filters.
public enum PlacementRefusal: Int, Comparable, CaseIterable, Sendable {
    case inactive, agent, cpu, memory, ports, attribute, memberOf, distinctInstance

    public static func < (lhs: PlacementRefusal, rhs: PlacementRefusal) -> Bool { lhs.rawValue < rhs.rawValue }

    /// The failure reason as ECS's RunTask gives it.
    public var code: String {
        switch self {
        case .inactive: "INACTIVE"
        case .agent: "AGENT"
        case .cpu: "RESOURCE:CPU"
        case .memory: "RESOURCE:MEMORY"
        case .ports: "RESOURCE:PORTS"
        case .attribute: "ATTRIBUTE"
        case .memberOf: "MemberOf placement constraint unsatisfied."
        case .distinctInstance: "DistinctInstance placement constraint unsatisfied."
        }
    }

    /// What a service event says of the closest matching host.
    var description: String {
        switch self {
        case .cpu: "has insufficient CPU units available"
        case .memory: "has insufficient memory available"
        case .ports: "is already using a port required by your task"
        case .attribute: "is missing an attribute required by your task"
        case .inactive, .agent, .memberOf, .distinctInstance: "encountered error \"\(code)\""
        }
    }
}

/// A host that does not admit a task, and why.
public struct PlacementRejection: Hashable, Sendable {
    public var instance: ContainerInstanceID
    public var refusal: PlacementRefusal
}

/// A task that no host admits now.
public struct PlacementFailure: Hashable, Sendable {
    public var task: TaskID
    public var launchType: LaunchType
    public var capacityProvider: String?
    /// Reasons with the number of hosts, sorted by reason. Empty when there is no host at all.
    public var refusals: [PlacementRefusalCount]
    /// The active host that came furthest through the filters; nil when no host is active.
    public var closest: PlacementRejection?

    /// What ECS answers when managed capacity is short.
    public static let capacityUnavailable =
        "Capacity is unavailable at this time. Please try again later or in a different availability zone."

    /// What ECS says when there is no host to ask at all.
    public static func noHosts(of capacityProvider: String?) -> String {
        "No Container Instances were found in your \(capacityProvider == nil ? "cluster" : "capacity provider")."
    }

    /// The service event that tells of the failure, in ECS's words.
    public func event(service: ServiceID) -> String {
        if launchType.isManaged {
            return "(service \(service.name)) was unable to place a task. Reason: \(Self.capacityUnavailable)"
        }
        let start =
            "(service \(service.name)) was unable to place a task because no container instance met all of its "
            + "requirements."
        guard let closest else { return "\(start) Reason: \(Self.noHosts(of: capacityProvider))" }
        return "\(start) The closest matching (container-instance \(closest.instance.id)) "
            + "\(closest.refusal.description). For more information, see the Troubleshooting section of the "
            + "Amazon ECS Developer Guide."
    }
}
