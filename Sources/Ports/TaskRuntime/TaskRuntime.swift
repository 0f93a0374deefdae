public import Domain

/// Runs containers on this host. Every call is idempotent: repeating one that succeeded succeeds again.
///
/// Containers outlive the process that made them: after a restart `containers()` shows what is there, and exits that
/// happened meanwhile are found with their codes.
public protocol TaskRuntime: Sendable {
    /// Name and version of what runs the containers, such as `containerd 1.6.20`. Throws while it does not answer.
    func version() async throws(RuntimeError) -> String

    /// The image already in the local store, or nil.
    func image(_ reference: String) async throws(RuntimeError) -> RuntimeImage?

    /// Fetches the image from its registry and unpacks it.
    func pull(_ reference: String, authorization: RegistryAuthorization?) async throws(RuntimeError) -> RuntimeImage

    /// Every image in the local store, by reference.
    func images() async throws(RuntimeError) -> [RuntimeImage]

    /// Forgets an image; its content goes when nothing uses it.
    func removeImage(_ reference: String) async throws(RuntimeError)

    /// Makes the task's own limits; containers of the task live beneath them.
    func prepareTask(_ id: String, limits: TaskLimits) async throws(RuntimeError)

    /// Removes what `prepareTask` made. All containers of the task must be gone.
    func removeTask(_ id: String) async throws(RuntimeError)

    /// Ids of all tasks of which there is something that only `removeTask` takes away, sorted. They may have no container:
    /// after a restart this is how what an interrupted removal left is found.
    func tasks() async throws(RuntimeError) -> [String]

    /// Makes the container without running its process.
    func create(_ container: RuntimeContainer) async throws(RuntimeError)

    /// Runs the container's process. Throws `.failed` with runc's words when the process cannot be run.
    func start(_ id: String) async throws(RuntimeError)

    /// Sends a signal by number to the container's first process (or all of its processes when `all`).
    func signal(_ id: String, _ signal: Int32, all: Bool) async throws(RuntimeError)

    /// Asks the container's first process to end, by its image's `STOPSIGNAL`, else SIGTERM. Does not wait.
    func stop(_ id: String) async throws(RuntimeError)

    /// Removes a container and its writable layer, killing what runs.
    func remove(_ id: String) async throws(RuntimeError)

    /// Every container made here and not removed, with its state.
    func containers() async throws(RuntimeError) -> [RuntimeContainerState]

    /// Runs a command in the container and waits for it, at most `timeout`; then the command is killed.
    func execute(_ id: String, command: [String], timeout: Duration) async throws(RuntimeError) -> ExecutionResult

    /// Exits as they happen; ends when the connection is lost. No replay: after subscribing,
    /// and after every end, read `containers()`.
    func events() async throws(RuntimeError) -> AsyncStream<RuntimeEvent>

    /// Resource use of one running container.
    func statistics(_ id: String) async throws(RuntimeError) -> ContainerStatistics
}

/// An image in the local store.
public struct RuntimeImage: Hashable, Sendable {
    public var reference: String
    /// `sha256:` and 64 hexadecimal digits: the manifest's (or index's) digest.
    public var digest: String
    public var bytes: Int64
    /// Whether somebody put it here by hand: perhaps no registry has it. A pull of the same name ends that.
    public var isImported: Bool

    public init(reference: String, digest: String, bytes: Int64, isImported: Bool = false) {
        self.reference = reference
        self.digest = digest
        self.bytes = bytes
        self.isImported = isImported
    }
}

public struct RegistryAuthorization: Hashable, Sendable {
    public var username: String
    public var password: String

    public init(username: String, password: String) {
        self.username = username
        self.password = password
    }
}

/// Hard limits of a whole task; nil is no limit.
public struct TaskLimits: Hashable, Codable, Sendable {
    public var cpu: CPUUnits?
    public var memory: MemoryMiB?
    /// Swap beyond `memory`; nil is none.
    public var swap: MemoryMiB?

    public init(cpu: CPUUnits? = nil, memory: MemoryMiB? = nil, swap: MemoryMiB? = nil) {
        self.cpu = cpu
        self.memory = memory
        self.swap = swap
    }
}

/// A directory of the host that a container sees.
public struct BindMount: Hashable, Codable, Sendable {
    public var source: String
    public var destination: String
    public var readOnly: Bool

    public init(source: String, destination: String, readOnly: Bool = false) {
        self.source = source
        self.destination = destination
        self.readOnly = readOnly
    }
}

/// Everything the runtime needs to make one container.
public struct RuntimeContainer: Hashable, Sendable {
    /// Unique on the host: task id, `-` and container name, or the like. Letters, digits, `-`, `_`, `.`.
    public var id: String
    /// The task's id: its containers share limits and a shim.
    public var task: String
    public var labels: [String: String]
    public var definition: ContainerDefinition
    /// Environment that Berth adds; the definition's wins.
    public var environment: [KeyValue]
    /// Path of the network namespace; nil is the host's.
    public var networkNamespace: String?
    public var hostname: String?
    /// `/etc/resolv.conf`, `/etc/hosts`, volumes.
    public var mounts: [BindMount]
    /// Directory where the container's output goes; see the logger.
    public var logDirectory: String
    /// No privileges, host access or extra capabilities beyond what managed capacity allows.
    public var isManaged: Bool
    /// Whose processes it sees; nil: its own. Those of its task stay visible as long as the task is prepared.
    public var pidMode: PIDMode?
    /// Whose shared memory it sees, `/dev/shm` included; nil: its own.
    public var ipcMode: IPCMode?

    public init(
        id: String, task: String, labels: [String: String] = [:], definition: ContainerDefinition,
        environment: [KeyValue] = [], networkNamespace: String? = nil, hostname: String? = nil,
        mounts: [BindMount] = [], logDirectory: String, isManaged: Bool = false
    ) {
        self.id = id
        self.task = task
        self.labels = labels
        self.definition = definition
        self.environment = environment
        self.networkNamespace = networkNamespace
        self.hostname = hostname
        self.mounts = mounts
        self.logDirectory = logDirectory
        self.isManaged = isManaged
    }
}

public struct RuntimeContainerState: Hashable, Sendable {
    public enum Status: Hashable, Sendable {
        case created
        case running(pid: Int32)
        /// `at` is milliseconds since 1970 when the runtime knows it.
        case exited(code: Int, at: Int64?)
    }

    public var id: String
    public var task: String
    public var labels: [String: String]
    public var status: Status
    /// Whether the kernel killed a process of it for memory. Known of what has exited, and as long as it is not removed.
    public var ranOutOfMemory: Bool

    public init(
        id: String, task: String, labels: [String: String], status: Status, ranOutOfMemory: Bool = false
    ) {
        self.id = id
        self.task = task
        self.labels = labels
        self.status = status
        self.ranOutOfMemory = ranOutOfMemory
    }
}

public enum RuntimeEvent: Hashable, Sendable {
    /// A container's first process ended. `at` is milliseconds since 1970; `ranOutOfMemory` says whether the kernel killed
    /// any of the container's processes for memory, the first or a child.
    case exited(id: String, code: Int, at: Int64, ranOutOfMemory: Bool = false)
}

public struct ExecutionResult: Hashable, Sendable {
    public var exitCode: Int
    /// The first 4 KiB of both streams.
    public var output: String
    public var timedOut: Bool

    public init(exitCode: Int, output: String, timedOut: Bool) {
        self.exitCode = exitCode
        self.output = output
        self.timedOut = timedOut
    }
}

public struct ContainerStatistics: Hashable, Sendable {
    /// Nanoseconds of processor time since the container started.
    public var cpuNanoseconds: UInt64
    public var memoryBytes: UInt64
    /// From and to disks since the container started; nil where the host does not count them.
    public var readBytes: UInt64?
    public var writtenBytes: UInt64?
    /// By the network of its task, all its containers together; nil where it is not seen.
    public var receivedBytes: UInt64?
    public var sentBytes: UInt64?

    public init(cpuNanoseconds: UInt64, memoryBytes: UInt64) {
        self.cpuNanoseconds = cpuNanoseconds
        self.memoryBytes = memoryBytes
    }
}

/// What went wrong at the runtime. Texts are for people and carry the runtime's own words.
public enum RuntimeError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The runtime does not answer: try again later, nothing is known.
    case unavailable(String)
    case notFound(String)
    /// The registry refused the caller.
    case unauthorized(String)
    /// The request cannot work as it stands.
    case invalid(String)
    case failed(String)

    /// The runtime's own words.
    public var description: String {
        switch self {
        case .unavailable(let text), .notFound(let text), .unauthorized(let text), .invalid(let text),
            .failed(let text):
            text
        }
    }
}
