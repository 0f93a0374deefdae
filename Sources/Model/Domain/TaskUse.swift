public import Identifiers

/// How one task used its host, as its host's agent told it.
public struct TaskUse: Hashable, Sendable {
    public var task: TaskID
    /// When it was told; it is about the time since the one before.
    public var at: Timestamp
    /// How many seconds were looked at, as far as the agent says.
    public var seconds: Int
    public var containers: [ContainerUse]

    public init(task: TaskID, at: Timestamp, seconds: Int, containers: [ContainerUse]) {
        self.task = task
        self.at = at
        self.seconds = seconds
        self.containers = containers
    }
}

/// How one container used its host.
public struct ContainerUse: Hashable, Sendable {
    public var name: String
    /// CPU units, of which a core has 1,024: the average over the interval. nil where nothing was measured.
    public var cpu: Double?
    /// MiB: the average over the interval.
    public var memory: Double?
    /// Bytes since the container began; nil where they are not counted.
    public var received: Int?
    public var sent: Int?
    public var read: Int?
    public var written: Int?
    /// How often it was started again in place.
    public var restarts: Int?

    public init(name: String) { self.name = name }
}
