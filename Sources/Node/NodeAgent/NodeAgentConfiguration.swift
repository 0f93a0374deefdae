public import Domain

/// Everything an agent must be told. Defaults live here.
public struct NodeAgentConfiguration: Sendable {
    /// To whom the host belongs.
    public enum Capacity: Hashable, Sendable {
        /// Tasks of the FARGATE launch type; no caller sees the host.
        case managed
        /// A container instance of a cluster; `.ec2` or `.external`. Only one for EC2 may be of a capacity provider.
        case own(cluster: String, launchType: LaunchType, capacityProvider: String? = nil)
    }

    /// Where the agent keeps its key, its tasks' records and their logs.
    public var dataDirectory: String
    /// The control plane, such as `http://127.0.0.1:4566`.
    public var controlPlane: String
    /// PEM file of the authority that signed the control plane's certificate; nil for the system's.
    public var authorityFile: String?
    /// One-time token, needed the first time only.
    public var joinToken: String?
    public var capacity: Capacity
    /// Where other hosts reach this one; nil leaves tasks here without routes from elsewhere.
    public var nodeAddress: String?
    public var availabilityZone: String = "local-1a"
    /// Attributes of the operator's own, beside those the agent knows.
    public var attributes: [Attribute] = []
    /// What tasks may take; nil is what the host has.
    public var resources: Resources?
    /// Ports of the host that no task gets.
    public var reservedPorts: [Port] = [Port(22)]
    public var version: String = "0.1.0"
    public var intervals = NodeIntervals()
    public var retention = NodeRetention()

    public init(dataDirectory: String, controlPlane: String, capacity: Capacity, joinToken: String? = nil) {
        self.dataDirectory = dataDirectory
        self.controlPlane = controlPlane
        self.capacity = capacity
        self.joinToken = joinToken
    }
}

/// How often and how long the agent waits.
public struct NodeIntervals: Hashable, Sendable {
    /// Silence after which a session is given up; as much again is added at random. ECS's agent takes 60 s.
    public var silence: Duration = .seconds(60)
    /// Between two looks at what containers use, as ECS's agent does.
    public var sample: Duration = .seconds(1)
    /// Between two telemetry frames, each of all samples since the one before. Longer than 10 s leaves holes in periods of
    /// that length; shorter costs more.
    public var telemetry: Duration = .seconds(5)
    /// Between two tellings of health that did not change, as ECS's agent does.
    public var health: Duration = .seconds(20)
    /// First and longest wait before connecting again.
    public var reconnectFirst: Duration = .milliseconds(250)
    /// Short enough that a control plane that comes back sees its hosts well within `--lost-after`.
    public var reconnectMost: Duration = .seconds(10)
    /// Longest wait before a report is sent again. Reports also go at once when a session opens.
    public var reportMost: Duration = .seconds(60)
    /// How long the control plane may take to confirm stop candidates before new tasks start all the same.
    public var verification: Duration = .seconds(10)
    /// Between two rounds of cleaning up.
    public var housekeeping: Duration = .seconds(60)
    /// How long a connection lives; a tenth more at random.
    public var session: Duration = .seconds(30 * 60)

    public init() {}
}

/// What the agent keeps of tasks that are over, and of images that nothing uses.
public struct NodeRetention: Hashable, Sendable {
    /// How long a finished task is remembered, so that a late payload does not start it again.
    public var finishedTasks: Duration = .seconds(3_600)
    /// Of how many finished tasks the output is kept.
    public var logTasks: Int = 200
    /// Bytes of output of finished tasks that are kept.
    public var logBytes: Int64 = 1 << 30
    /// Share of the data directory's disk in use above which unused images go.
    public var diskShare: Double = 0.85
    /// How long an image must have been unused.
    public var imageAge: Duration = .seconds(3_600)
    /// Whether imported images go too: no registry could bring one back.
    public var removesImportedImages = false

    public init() {}
}

/// Why an agent cannot go on. Texts are for people.
public enum NodeAgentError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The host has no key yet and no token to get one.
    case noJoinToken
    /// The control plane refused the token.
    case joinRefused(String)
    /// The control plane refused the registration for good.
    case registrationRefused(String)
    /// The host was deregistered: its tasks are stopped.
    case deregistered
    case configuration(String)
    case localState(String)

    public var description: String {
        switch self {
        case .noJoinToken: "this host has not joined yet: give it a token (berth token create)"
        case .joinRefused(let reason): "the control plane refused the join token: \(reason)"
        case .registrationRefused(let reason): "the control plane refused to register this host: \(reason)"
        case .deregistered: "this host was deregistered; its tasks were stopped"
        case .configuration(let reason): reason
        case .localState(let reason): "the agent's data directory cannot be used: \(reason)"
        }
    }
}
