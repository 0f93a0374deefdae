public import Domain
public import Identifiers

/// What a node reports of one task. Absent members say nothing and change nothing.
public struct TaskReport: Hashable, Codable, Sendable {
    public var task: TaskID
    /// nil when only containers or the interface are reported.
    public var status: TaskStatus?
    /// The node's words for a stop.
    public var reason: String?
    public var containers: [ContainerReport]
    public var interface: TaskInterface?
    public var attachment: AttachmentStatus?
    public var pullStartedAt: Timestamp?
    public var pullStoppedAt: Timestamp?
    /// When an essential container exited.
    public var executionStoppedAt: Timestamp?

    public init(task: TaskID, status: TaskStatus? = nil, reason: String? = nil, containers: [ContainerReport] = []) {
        self.task = task
        self.status = status
        self.reason = reason
        self.containers = containers
    }
}

/// What a node reports of one container.
public struct ContainerReport: Hashable, Codable, Sendable {
    public var name: String
    public var status: ContainerStatus?
    /// Absent when the container never ran.
    public var exitCode: Int?
    /// `ErrorName: detail`, as ECS words it.
    public var reason: String?
    public var imageDigest: String?
    public var runtimeID: String?
    /// nil leaves what is known; an empty list says that there are none.
    public var networkBindings: [NetworkBinding]?

    public init(name: String, status: ContainerStatus? = nil, exitCode: Int? = nil, reason: String? = nil) {
        self.name = name
        self.status = status
        self.exitCode = exitCode
        self.reason = reason
    }
}

/// What a node reports of one container's health check.
public struct ContainerHealthReport: Hashable, Codable, Sendable {
    public var name: String
    public var health: HealthStatus

    public init(name: String, health: HealthStatus) {
        self.name = name
        self.health = health
    }
}
