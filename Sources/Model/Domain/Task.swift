public import Identifiers

/// The network a caller asked for with `awsvpc`. Inert on Berth: accepted and reported.
public struct NetworkConfiguration: Hashable, Codable, Sendable {
    public var subnets: [String]
    public var securityGroups: [String]
    public var assignPublicIP: Bool

    public init(subnets: [String], securityGroups: [String] = [], assignPublicIP: Bool = false) {
        self.subnets = subnets
        self.securityGroups = securityGroups
        self.assignPublicIP = assignPublicIP
    }
}

public struct ContainerOverride: Hashable, Codable, Sendable {
    public var name: String
    public var command: [String]?
    public var environment: [KeyValue] = []
    public var cpu: CPUUnits?
    public var memory: MemoryMiB?
    public var memoryReservation: MemoryMiB?

    public init(name: String) { self.name = name }
}

/// What RunTask changes of a task definition for one task.
public struct TaskOverrides: Hashable, Codable, Sendable {
    public var containers: [ContainerOverride] = []
    public var cpu: CPUUnits?
    public var memory: MemoryMiB?
    public var taskRoleARN: String?
    public var executionRoleARN: String?
    public var ephemeralStorageGiB: Int?

    public init() {}
}

/// The host a task was given. Written once, by placement.
public struct TaskPlacement: Hashable, Codable, Sendable {
    public var instance: ContainerInstanceID
    public var placedAt: Timestamp

    public init(instance: ContainerInstanceID, placedAt: Timestamp) {
        self.instance = instance
        self.placedAt = placedAt
    }
}

/// That a task shall stop: once set, never unset, and the first cause stays.
public struct StopRequest: Hashable, Codable, Sendable {
    public var code: StopCode
    /// Shown as `stoppedReason`; at most 1,024 characters.
    public var reason: String
    public var at: Timestamp

    public init(code: StopCode, reason: String, at: Timestamp) {
        self.code = code
        self.reason = reason
        self.at = at
    }
}

/// What the control plane decided about a task.
public struct TaskVerdict: Hashable, Codable, Sendable {
    public var stop: StopRequest?
    /// Set when the host was silent too long and the task was given up; final for the task's status.
    public var lostAt: Timestamp?

    public init(stop: StopRequest? = nil, lostAt: Timestamp? = nil) {
        self.stop = stop
        self.lostAt = lostAt
    }
}

/// A host port that reaches a container port.
public struct NetworkBinding: Hashable, Codable, Sendable {
    public var bindIP: String
    public var containerPort: Int
    public var hostPort: Int
    public var transport: Port.Transport
    /// How many consecutive ports are bound, from these on; nil is one.
    public var portCount: Int?

    public init(
        bindIP: String = "0.0.0.0", containerPort: Int, hostPort: Int, transport: Port.Transport, portCount: Int? = nil
    ) {
        self.bindIP = bindIP
        self.containerPort = containerPort
        self.hostPort = hostPort
        self.transport = transport
        self.portCount = portCount
    }

    /// A binding for every single port.
    public var each: [NetworkBinding] {
        guard let portCount else { return [self] }
        return (0..<max(0, portCount)).map { offset in
            NetworkBinding(
                bindIP: bindIP, containerPort: containerPort + offset, hostPort: hostPort + offset,
                transport: transport)
        }
    }

    public var containerPortRange: PortRange? {
        portCount.map { PortRange(containerPort, containerPort + $0 - 1) }
    }

    public var hostPortRange: PortRange? { portCount.map { PortRange(hostPort, hostPort + $0 - 1) } }
}

/// The network interface of an awsvpc task.
public struct TaskInterface: Hashable, Codable, Sendable {
    public var address: String
    public var macAddress: String

    public init(address: String, macAddress: String) {
        self.address = address
        self.macAddress = macAddress
    }
}

/// What a node reported of one container.
public struct ObservedContainer: Hashable, Codable, Sendable {
    public var name: String
    public var status: ContainerStatus = .pending
    public var runtimeID: String?
    public var imageDigest: String?
    /// nil while it runs, and when it never ran.
    public var exitCode: Int?
    public var reason: String?
    public var health: HealthStatus = .unknown
    public var networkBindings: [NetworkBinding] = []

    public init(name: String) { self.name = name }
}

/// What the node said of a task's network interface. Nothing is said before it is attached, and nothing after detaching.
public enum AttachmentStatus: String, Hashable, Codable, Sendable { case attached, detached }

/// What the node reported of a task. Written only from the node's reports.
public struct ObservedTask: Hashable, Codable, Sendable {
    public var status: TaskStatus = .pending
    public var containers: [ObservedContainer] = []
    public var interface: TaskInterface?
    /// From agents that confirm attachments without naming the interface, as stock ones do.
    public var attachment: AttachmentStatus?
    /// The reason the node gave for a stop, as ECS words it.
    public var reason: String?
    public var stopCode: StopCode?
    public var pullStartedAt: Timestamp?
    public var pullStoppedAt: Timestamp?
    public var startedAt: Timestamp?
    public var executionStoppedAt: Timestamp?
    public var stoppedAt: Timestamp?

    public init() {}
}

/// A container's fixed identity within a task.
public struct TaskContainer: Hashable, Codable, Sendable {
    public var name: String
    /// UUID; the last part of the container's ARN.
    public var id: String

    public init(name: String, id: String) {
        self.name = name
        self.id = id
    }
}

/// A stored task.
///
/// Writers: `placement` by the placement controller, or by the front for RunTask; `refusals` by the placement controller;
/// `verdict` only through `requestingStop`, `givenUp` and `deregistered`; `observed` by the agent gateway; `tags` and
/// `protection` by the front; `traffic` by the targets controller; `counted` and `version` by `Transaction.put`. Everything else is written once, at creation.
/// `lastStatus` is derived.
public struct TaskRecord: Hashable, Codable, Sendable {
    public var id: TaskID
    public var definition: TaskDefinitionID
    public var containers: [TaskContainer]
    public var createdAt: Timestamp
    public var launchType: LaunchType
    /// What placement reserves on the host.
    public var reservation: Resources
    /// Static host ports that placement reserves; dynamic ones are the node's.
    public var hostPorts: [Port] = []
    public var networkMode: NetworkMode
    public var group: String
    public var startedBy: String?
    public var service: ServiceID?
    public var deployment: DeploymentID?
    /// Of a task of a daemon: what it was made from.
    public var daemonRevision: DaemonRevisionID?
    public var capacityProvider: String?
    public var platformVersion: String?
    public var networkConfiguration: NetworkConfiguration?
    public var overrides: TaskOverrides = TaskOverrides()
    public var placementConstraints: [PlacementConstraint] = []
    public var placementStrategy: [PlacementStrategy] = []
    public var requiresAttributes: [String] = []
    /// UUID of the network interface attachment of an awsvpc task.
    public var attachmentID: String?
    public var enableExecuteCommand: Bool = false
    public var tags: [KeyValue] = []
    /// The only host that may run it; nil for any. Written at creation.
    public var pinnedTo: ContainerInstanceID?
    public var placement: TaskPlacement?
    /// Of a service's task that was protected, expired or not.
    public var protection: TaskProtection?
    /// Why no host admits the task now: reason (an ECS code such as `RESOURCE:MEMORY`) and number of hosts, sorted.
    public var refusals: [PlacementRefusalCount] = []
    public var verdict: TaskVerdict = TaskVerdict()
    public var observed: ObservedTask?
    /// What usage records hold of the task: nil until it has stopped, and when it never began.
    public var counted: MeteredUsage?
    /// nil for none.
    private var ports: [ServiceLoadBalancer]?
    /// nil while it has no targets and had none.
    public var traffic: TaskTraffic?
    /// Starts at 1 and grows with every change.
    public var version: Int = 1

    public init(
        id: TaskID, definition: TaskDefinitionID, containers: [TaskContainer], createdAt: Timestamp,
        launchType: LaunchType, reservation: Resources, networkMode: NetworkMode, group: String
    ) {
        self.id = id
        self.definition = definition
        self.containers = containers
        self.createdAt = createdAt
        self.launchType = launchType
        self.reservation = reservation
        self.networkMode = networkMode
        self.group = group
    }

    /// Of a service's task: which of its ports are behind target groups. Written at creation.
    public var loadBalancers: [ServiceLoadBalancer] {
        get { ports ?? [] }
        set { ports = newValue.isEmpty ? nil : newValue }
    }
}

/// How many hosts refused a task for one reason.
public struct PlacementRefusalCount: Hashable, Codable, Sendable {
    /// An ECS failure code: `RESOURCE:CPU`, `RESOURCE:MEMORY`, `RESOURCE:PORTS`, `ATTRIBUTE`, `AGENT`, …
    public var reason: String
    public var hosts: Int

    public init(reason: String, hosts: Int) {
        self.reason = reason
        self.hosts = hosts
    }
}

extension TaskRecord {
    public var desiredStatus: DesiredStatus { verdict.stop == nil && verdict.lostAt == nil ? .running : .stopped }

    /// Where the task is, derived from what the node observed and what the control plane decided.
    ///
    /// After `lost` a late report is history only. A stop of a task that no host ever had ends it at once.
    public var lastStatus: TaskStatus {
        if verdict.lostAt != nil { return .stopped }
        guard placement != nil else { return verdict.stop == nil ? .provisioning : .stopped }
        guard let observed else {
            return networkMode == .awsvpc ? .provisioning : .pending
        }
        if observed.status == .running, verdict.stop != nil { return isHeldByTraffic ? .deactivating : .stopping }
        return observed.status
    }

    /// Whether the task still takes room on its host.
    public var isLive: Bool { lastStatus != .stopped }

    /// The stop code shown to callers; nil while nothing asked or made it stop.
    ///
    /// The first cause wins: a task that ended by itself before the stop request was seen by the node keeps its own.
    public var stopCode: StopCode? { observed?.stopCode ?? verdict.stop?.code }

    public var stoppedReason: String? {
        if observed?.stopCode != nil, let reason = observed?.reason { return reason }
        return verdict.stop?.reason ?? observed?.reason
    }

    /// When the task became STOPPED, if it did.
    public var stoppedAt: Timestamp? {
        guard lastStatus == .stopped else { return nil }
        return verdict.lostAt ?? observed?.stoppedAt ?? verdict.stop?.at
    }

    /// UNHEALTHY if any essential checked container is, then UNKNOWN, then HEALTHY; UNKNOWN without any check.
    public func healthStatus(in definition: TaskDefinition) -> HealthStatus {
        let checked = definition.containers.filter { $0.essential && $0.healthCheck != nil }.map(\.name)
        guard !checked.isEmpty, let observed else { return .unknown }
        let states = checked.map { name in observed.containers.first { $0.name == name }?.health ?? .unknown }
        if states.contains(.unhealthy) { return .unhealthy }
        return states.contains(.unknown) ? .unknown : .healthy
    }
}
