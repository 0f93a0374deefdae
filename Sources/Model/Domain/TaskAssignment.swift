public import Identifiers

/// Everything a node needs to run one task. Overrides are merged in; nothing is looked up later.
public struct TaskAssignment: Hashable, Codable, Sendable {
    public var task: TaskID
    public var family: String
    public var revision: Int
    public var launchType: LaunchType
    public var networkMode: NetworkMode
    /// Hard limits of the whole task; nil means each container's own limits only.
    public var cpu: CPUUnits?
    public var memory: MemoryMiB?
    public var containers: [AssignedContainer]
    public var volumes: [VolumeDefinition]
    public var attachmentID: String?
    public var group: String
    public var service: String?
    public var ephemeralStorageGiB: Int?
    public var pidMode: PIDMode?
    public var ipcMode: IPCMode?

    public init(
        task: TaskID, family: String, revision: Int, launchType: LaunchType, networkMode: NetworkMode,
        containers: [AssignedContainer], volumes: [VolumeDefinition] = [], group: String
    ) {
        self.task = task
        self.family = family
        self.revision = revision
        self.launchType = launchType
        self.networkMode = networkMode
        self.containers = containers
        self.volumes = volumes
        self.group = group
    }
}

/// One container of an assignment: its definition with overrides applied, and its identity.
public struct AssignedContainer: Hashable, Codable, Sendable {
    public var id: String
    public var definition: ContainerDefinition

    public init(id: String, definition: ContainerDefinition) {
        self.id = id
        self.definition = definition
    }
}
