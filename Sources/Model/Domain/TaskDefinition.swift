public import Identifiers

public enum NetworkMode: String, Codable, Sendable { case awsvpc, bridge, host, none }

public enum LaunchType: String, Codable, Sendable {
    case ec2, fargate, external
    /// Whether tasks of this type run on hosts that nobody registered in a cluster.
    public var isManaged: Bool { self == .fargate }
}

/// `deleteInProgress` until nothing refers to the revision any more; then it is gone.
public enum TaskDefinitionStatus: String, Codable, Sendable { case active, inactive, deleteInProgress }

/// Where a task may be placed.
public enum PlacementConstraint: Hashable, Codable, Sendable {
    case distinctInstance
    /// A cluster query expression.
    case memberOf(String)
}

/// How tasks are laid over the hosts that admit them.
public enum PlacementStrategy: Hashable, Codable, Sendable {
    public enum Resource: String, Codable, Sendable { case cpu, memory }
    case random
    /// `instanceId`, `host` or `attribute:NAME`.
    case spread(String)
    case binpack(Resource)
}

/// A volume of a task. `sourcePath` nil is an empty directory that lives and dies with the task.
public struct VolumeDefinition: Hashable, Codable, Sendable {
    public var name: String
    public var sourcePath: String?
    /// Set for a volume of Docker's kind.
    public var docker: DockerVolume?

    public init(name: String, sourcePath: String? = nil) {
        self.name = name
        self.sourcePath = sourcePath
    }
}

/// What a task is made of: the normalised content of one revision.
public struct TaskDefinition: Hashable, Codable, Sendable {
    public var containers: [ContainerDefinition]
    public var volumes: [VolumeDefinition] = []
    /// nil when the caller named none; ECS then uses bridge.
    public var networkMode: NetworkMode?
    public var cpu: CPUUnits?
    public var memory: MemoryMiB?
    public var requiresCompatibilities: [LaunchType] = []
    public var compatibilities: [LaunchType] = []
    public var placementConstraints: [PlacementConstraint] = []
    /// Names of attributes a host must carry.
    public var requiresAttributes: [String] = []
    public var taskRoleARN: String?
    public var executionRoleARN: String?
    /// `X86_64` or `ARM64`.
    public var cpuArchitecture: String?
    public var operatingSystemFamily: String?
    public var ephemeralStorageGiB: Int?
    public var enableFaultInjection: Bool?
    public var pidMode: PIDMode?
    public var ipcMode: IPCMode?

    public init(containers: [ContainerDefinition]) { self.containers = containers }

    public var effectiveNetworkMode: NetworkMode { networkMode ?? .bridge }
}

/// A stored revision of a task definition. Written by the API front; content never changes. Retention takes away what was
/// deleted.
public struct TaskDefinitionRecord: Hashable, Codable, Sendable {
    public var id: TaskDefinitionID
    public var status: TaskDefinitionStatus
    public var definition: TaskDefinition
    public var registeredAt: Timestamp
    public var registeredBy: String
    public var deregisteredAt: Timestamp?
    public var deleteRequestedAt: Timestamp?
    public var tags: [KeyValue]

    public init(
        id: TaskDefinitionID, status: TaskDefinitionStatus = .active, definition: TaskDefinition,
        registeredAt: Timestamp,
        registeredBy: String, deregisteredAt: Timestamp? = nil, tags: [KeyValue] = []
    ) {
        self.id = id
        self.status = status
        self.definition = definition
        self.registeredAt = registeredAt
        self.registeredBy = registeredBy
        self.deregisteredAt = deregisteredAt
        self.tags = tags
    }
}

/// How many revisions a family ever had, so that no number is used twice. Written by the API front.
public struct FamilyRecord: Hashable, Codable, Sendable {
    public var id: FamilyID
    public var latestRevision: Int

    public init(id: FamilyID, latestRevision: Int) {
        self.id = id
        self.latestRevision = latestRevision
    }
}
