public import Identifiers

public enum ContainerInstanceStatus: String, Codable, Sendable { case active, draining, inactive }

/// A name with an optional value that a host carries and placement reads.
public struct Attribute: Hashable, Codable, Sendable {
    public var name: String
    public var value: String?

    public init(name: String, value: String? = nil) {
        self.name = name
        self.value = value
    }
}

public struct AgentVersion: Hashable, Codable, Sendable {
    public var agentVersion: String
    public var agentHash: String
    /// The container runtime's name and version.
    public var runtimeVersion: String

    public init(agentVersion: String, agentHash: String, runtimeVersion: String) {
        self.agentVersion = agentVersion
        self.agentHash = agentHash
        self.runtimeVersion = runtimeVersion
    }
}

/// A stored host.
///
/// `cluster` nil is managed capacity: tasks of the FARGATE launch type run there and no caller sees the host.
/// Connection state is not here: it lives in memory only.
public struct ContainerInstanceRecord: Hashable, Codable, Sendable {
    public var id: ContainerInstanceID
    public var cluster: ClusterID?
    /// `.ec2` or `.external` in a cluster, `.fargate` for managed capacity.
    public var launchType: LaunchType
    public var status: ContainerInstanceStatus = .active
    /// Whose capacity the host is, in a cluster; only tasks of that provider's strategies and of the launch type run here.
    public var capacityProvider: String?
    public var resources: Resources
    /// Ports the host keeps for itself.
    public var reservedPorts: [Port] = []
    public var attributes: [Attribute] = []
    public var version: AgentVersion?
    public var registeredAt: Timestamp
    public var tags: [KeyValue] = []
    /// The part of the task address range leased to this host, such as `10.99.3.0/24`; kept until the host is deregistered.
    public var addressBlock: String?
    /// Where other hosts send packets for `addressBlock`; nil until the agent said it.
    public var nodeAddress: String?
    /// When the host was given up as silent; nil again after it came back.
    public var lostAt: Timestamp?
    /// When the host became INACTIVE; the record is forgotten some time later.
    public var deregisteredAt: Timestamp?
    /// What usage records hold of the host: nil until it is INACTIVE.
    public var counted: MeteredUsage?
    /// Grows with every change.
    public var changeCount: Int = 1

    public init(
        id: ContainerInstanceID, cluster: ClusterID?, launchType: LaunchType, resources: Resources,
        registeredAt: Timestamp
    ) {
        self.id = id
        self.cluster = cluster
        self.launchType = launchType
        self.resources = resources
        self.registeredAt = registeredAt
    }

    /// Managed hosts carry a reserved cluster name that no caller can create.
    public static let managedClusterName = "berth:managed"

    public var arn: String {
        ARN(scope: id.scope, type: "container-instance", path: [cluster?.name ?? Self.managedClusterName, id.id]).text
    }
}

extension ContainerInstanceRecord {
    /// The id of the EC2 instance that the host is shown as: the beginning of its own.
    public var ec2InstanceID: String { (launchType == .external ? "mi-" : "i-") + id.id.prefix(17) }
}
