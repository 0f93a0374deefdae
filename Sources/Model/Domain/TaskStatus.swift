/// Where a task is on its way from PROVISIONING to STOPPED. Ordered along that way.
public enum TaskStatus: Int, Comparable, CaseIterable, Codable, Sendable {
    case provisioning, pending, activating, running, deactivating, stopping, deprovisioning, stopped

    public static func < (lhs: TaskStatus, rhs: TaskStatus) -> Bool { lhs.rawValue < rhs.rawValue }
}

public enum DesiredStatus: String, Codable, Sendable { case running, stopped }

/// What a node knows of a container. Ordered: a container only moves forward.
public enum ContainerStatus: Int, Comparable, Codable, Sendable {
    case pending, running, stopped

    public static func < (lhs: ContainerStatus, rhs: ContainerStatus) -> Bool { lhs.rawValue < rhs.rawValue }
}

public enum HealthStatus: String, Codable, Sendable { case healthy, unhealthy, unknown }

/// Why a task stopped, in ECS's codes.
public enum StopCode: String, Codable, Sendable {
    case taskFailedToStart, essentialContainerExited, userInitiated, serviceSchedulerInitiated, spotInterruption,
        terminationNotice
}
