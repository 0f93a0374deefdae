/// A mapping of a container port, or of a range of them. `hostPort` 0 asks for a dynamic one.
public struct PortMapping: Hashable, Codable, Sendable {
    /// 0 when a range is mapped.
    public var containerPort: Int
    public var hostPort: Int
    public var transport: Port.Transport
    public var name: String?
    /// `http`, `http2` or `grpc`.
    public var appProtocol: String?
    /// Mapped to as many consecutive host ports, which the node chooses; with awsvpc they are the same.
    public var containerPortRange: PortRange?

    public init(
        containerPort: Int, hostPort: Int = 0, transport: Port.Transport = .tcp, name: String? = nil,
        appProtocol: String? = nil
    ) {
        self.containerPort = containerPort
        self.hostPort = hostPort
        self.transport = transport
        self.name = name
        self.appProtocol = appProtocol
    }

    public init(range: PortRange, transport: Port.Transport = .tcp) {
        self.init(containerPort: 0, transport: transport)
        containerPortRange = range
    }

    /// The container's ports that it maps.
    public var containerPorts: PortRange { containerPortRange ?? PortRange(containerPort, containerPort) }
}

public struct MountPoint: Hashable, Codable, Sendable {
    public var volume: String
    public var containerPath: String
    public var readOnly: Bool
    /// Whether the caller said so or the contrary; what was not said is not shown. nil in records of before: shown.
    public var isReadOnlySaid: Bool?

    public init(volume: String, containerPath: String, readOnly: Bool = false) {
        self.volume = volume
        self.containerPath = containerPath
        self.readOnly = readOnly
    }
}

/// What must be true of another container before this one starts.
public struct ContainerDependency: Hashable, Codable, Sendable {
    public enum Condition: String, Codable, Sendable { case start, complete, success, healthy }
    public var container: String
    public var condition: Condition

    public init(container: String, condition: Condition) {
        self.container = container
        self.condition = condition
    }
}

/// A command run inside the container that says whether it is well. Durations in whole seconds.
public struct HealthCheck: Hashable, Codable, Sendable {
    /// First element `CMD` or `CMD-SHELL`.
    public var command: [String]
    public var interval: Int
    public var timeout: Int
    public var retries: Int
    public var startPeriod: Int?

    public init(command: [String], interval: Int = 30, timeout: Int = 5, retries: Int = 3, startPeriod: Int? = nil) {
        self.command = command
        self.interval = interval
        self.timeout = timeout
        self.retries = retries
        self.startPeriod = startPeriod
    }
}

public struct Ulimit: Hashable, Codable, Sendable {
    public var name: String
    public var soft: Int
    public var hard: Int

    public init(name: String, soft: Int, hard: Int) {
        self.name = name
        self.soft = soft
        self.hard = hard
    }
}

public struct TmpfsMount: Hashable, Codable, Sendable {
    public var containerPath: String
    /// MiB.
    public var size: Int
    public var options: [String]

    public init(containerPath: String, size: Int, options: [String] = []) {
        self.containerPath = containerPath
        self.size = size
        self.options = options
    }
}

/// When a container is started again in place.
public struct RestartPolicy: Hashable, Codable, Sendable {
    public var enabled: Bool
    public var ignoredExitCodes: [Int]
    /// Seconds the container must have run before it is restarted; 60 to 1,800.
    public var attemptPeriod: Int

    public init(enabled: Bool, ignoredExitCodes: [Int] = [], attemptPeriod: Int = 300) {
        self.enabled = enabled
        self.ignoredExitCodes = ignoredExitCodes
        self.attemptPeriod = attemptPeriod
    }
}

public struct LogConfiguration: Hashable, Codable, Sendable {
    public var driver: String
    /// Sorted by key.
    public var options: [KeyValue]

    public init(driver: String, options: [KeyValue] = []) {
        self.driver = driver
        self.options = options
    }
}

/// One container of a task definition, normalised: what ECS fills in is filled in.
public struct ContainerDefinition: Hashable, Codable, Sendable {
    public var name: String
    public var image: String
    public var cpu: CPUUnits = CPUUnits(0)
    /// Hard limit.
    public var memory: MemoryMiB?
    /// Soft limit, what placement reserves when given.
    public var memoryReservation: MemoryMiB?
    public var essential: Bool = true
    public var command: [String]?
    public var entryPoint: [String]?
    public var environment: [KeyValue] = []
    public var user: String?
    public var workingDirectory: String?
    public var portMappings: [PortMapping] = []
    public var mountPoints: [MountPoint] = []
    public var dependsOn: [ContainerDependency] = []
    public var healthCheck: HealthCheck?
    /// Seconds that dependants wait for this container's condition.
    public var startTimeout: Int?
    /// Seconds between SIGTERM and SIGKILL.
    public var stopTimeout: Int?
    public var restartPolicy: RestartPolicy?
    public var ulimits: [Ulimit] = []
    public var addCapabilities: [String] = []
    public var dropCapabilities: [String] = []
    public var tmpfs: [TmpfsMount] = []
    /// MiB of `/dev/shm`.
    public var sharedMemorySize: Int?
    public var initProcessEnabled: Bool?
    public var readonlyRootFilesystem: Bool?
    public var privileged: Bool?
    public var pseudoTerminal: Bool?
    public var interactive: Bool?
    public var systemControls: [KeyValue] = []
    public var hostname: String?
    /// host name → address.
    public var extraHosts: [KeyValue] = []
    public var dnsServers: [String] = []
    public var dnsSearchDomains: [String] = []
    public var dockerLabels: [KeyValue] = []
    public var logConfiguration: LogConfiguration?
    public var versionConsistency: String?
    @LaterList public var links: [ContainerLink] = []
    @LaterList public var volumesFrom: [VolumesFrom] = []
    @LaterList public var devices: [DeviceMapping] = []
    /// MiB of swap beyond the hard memory limit; nil and 0 are none.
    public var maxSwap: Int?
    /// 0 to 100; counts only beside `maxSwap`.
    public var swappiness: Int?
    @LaterList public var dockerSecurityOptions: [String] = []
    public var disableNetworking: Bool?

    public init(name: String, image: String) {
        self.name = name
        self.image = image
    }
}
