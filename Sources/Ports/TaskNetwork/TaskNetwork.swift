public import Domain

/// Gives tasks their network on this host. Every call is idempotent.
public protocol TaskNetwork: Sendable {
    /// Makes ready what tasks need: forwarding, masquerade, the unreachable route for `taskRange` beneath the blocks.
    ///
    /// Another block than before takes the place of that one, once nothing is attached in it.
    /// - Throws: `.overlap` when `taskRange` collides with a route of the host that is not Berth's; `.failed` for a block that
    ///   is not part of it, and while attachments have addresses of the block before.
    func prepare(_ plan: HostNetworkPlan) async throws(NetworkError)

    /// Routes to the other hosts' blocks and to what else tasks reach through a host; what is not listed is removed.
    func route(_ peers: [PeerRoute]) async throws(NetworkError)

    /// Makes names known to the resolver of this host's tasks; what is not listed is forgotten.
    func resolve(_ names: [TaskName]) async throws(NetworkError)

    /// Makes (or finds) a network namespace with an address, its host ports mapped. What is refused leaves nothing.
    ///
    /// - Throws: `.portTaken` with the id of the attachment that has a port, or who else; `.exhausted` when the block has no
    ///   free address; `.failed` before `prepare`, and for an isolated request with ports.
    func attach(_ request: NetworkRequest) async throws(NetworkError) -> NetworkAttachment

    /// Removes the namespace, address and port mappings; absent is fine.
    func detach(_ id: String) async throws(NetworkError)

    /// Ids of all attachments made here and not detached.
    func attachments() async throws(NetworkError) -> [String]

    /// Removes everything this port ever made on the host, and puts changed settings back.
    func tearDown() async throws(NetworkError)
}

/// The host's part of the task network.
public struct HostNetworkPlan: Hashable, Codable, Sendable {
    /// The whole range of task addresses, such as `10.99.0.0/16`.
    public var taskRange: String
    /// This host's block of it, such as `10.99.3.0/24`.
    public var block: String

    public init(taskRange: String, block: String) {
        self.taskRange = taskRange
        self.block = block
    }
}

/// An address and the names by which tasks find it.
public struct TaskName: Hashable, Codable, Sendable {
    public var address: String
    public var names: [String]

    public init(address: String, names: [String]) {
        self.address = address
        self.names = names
    }
}

/// How to reach what is behind another host, such as its tasks.
public struct PeerRoute: Hashable, Codable, Sendable {
    public var block: String
    /// The other host's own address.
    public var via: String

    public init(block: String, via: String) {
        self.block = block
        self.via = via
    }
}

public struct NetworkRequest: Hashable, Codable, Sendable {
    /// Unique on the host: the task's id, or task id and container name for bridge mode.
    public var id: String
    /// Host ports to open; `hostPort` is final here, never 0.
    public var bindings: [NetworkBinding]
    /// Only a loopback interface, for network mode `none`: the attachment's address, MAC address and gateway are empty.
    public var isIsolated: Bool

    public init(id: String, bindings: [NetworkBinding] = [], isIsolated: Bool = false) {
        self.id = id
        self.bindings = bindings
        self.isIsolated = isIsolated
    }
}

public struct NetworkAttachment: Hashable, Codable, Sendable {
    public var id: String
    /// Path of the network namespace.
    public var namespacePath: String
    public var interface: TaskInterface
    public var gateway: String
    /// The address of a resolver that knows the names given to `resolve` and those of the host's own; nil where none runs.
    public var resolver: String?

    public init(
        id: String, namespacePath: String, interface: TaskInterface, gateway: String, resolver: String? = nil
    ) {
        self.resolver = resolver
        self.id = id
        self.namespacePath = namespacePath
        self.interface = interface
        self.gateway = gateway
    }
}

/// What went wrong at the network. Texts are for people.
public enum NetworkError: Error, Hashable, Sendable {
    case overlap(String)
    case portTaken(Port, by: String)
    case exhausted(String)
    case failed(String)
}
