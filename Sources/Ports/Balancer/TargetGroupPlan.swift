public struct TargetGroupPlan: Hashable, Codable, Sendable {
    public enum Transport: String, Hashable, Codable, Sendable {
        /// HTTP for an application load balancer, TCP for a network one.
        case plain
        /// The same in TLS; the target's certificate is not verified, as at ELB.
        case tls
    }
    public enum Version: String, Hashable, Codable, Sendable { case http1, http2, grpc }
    public enum Algorithm: String, Hashable, Codable, Sendable {
        case roundRobin, leastOutstandingRequests, random
    }
    public enum Stickiness: Hashable, Codable, Sendable {
        /// By the cookie `AWSALB`, which lives for so many seconds.
        case balancerCookie(seconds: Int)
        /// From the response in which the target sets the cookie `name`, by the cookie `AWSALBAPP-0` of so many seconds.
        case applicationCookie(name: String, seconds: Int)
        /// By the client's address; for network load balancers.
        case sourceIP
    }

    /// Unique among target groups. A group serves load balancers of one kind.
    public var id: String
    public var kind: LoadBalancerPlan.Kind
    public var transport: Transport
    /// What targets of an application load balancer speak.
    public var version: Version
    public var algorithm: Algorithm
    public var stickiness: Stickiness?
    /// Seconds in which a target that became healthy gets its full share; 0 for at once.
    public var slowStart: Int
    /// Whether the connections of a target end when it leaves the plan; else they go on until one side ends them.
    public var closesConnections: Bool
    /// Whether targets get the header of the PROXY protocol, version 2; for network load balancers.
    public var sendsProxyProtocol: Bool
    public var check: HealthCheckPlan
    /// At most one per address and port.
    public var targets: [TargetPlan]

    public init(
        id: String, kind: LoadBalancerPlan.Kind = .application, transport: Transport = .plain,
        version: Version = .http1, algorithm: Algorithm = .roundRobin, stickiness: Stickiness? = nil,
        slowStart: Int = 0,
        closesConnections: Bool = true, sendsProxyProtocol: Bool = false, check: HealthCheckPlan = HealthCheckPlan(),
        targets: [TargetPlan] = []
    ) {
        self.id = id
        self.kind = kind
        self.transport = transport
        self.version = version
        self.algorithm = algorithm
        self.stickiness = stickiness
        self.slowStart = slowStart
        self.closesConnections = closesConnections
        self.sendsProxyProtocol = sendsProxyProtocol
        self.check = check
        self.targets = targets
    }
}

/// A target is known by its address and port within its group; `id` is only repeated in observations.
public struct TargetPlan: Hashable, Codable, Sendable {
    public enum State: String, Hashable, Codable, Sendable {
        /// Takes traffic once a check succeeded.
        case active
        /// Takes no new request or connection, not even a sticky one; what is under way goes on. Whoever plans keeps it in
        /// the plan for the deregistration delay.
        case draining
    }

    /// Any text, such as an instance's id.
    public var id: String
    /// An IPv4 or IPv6 address.
    public var address: String
    /// 1 to 65,535.
    public var port: Int
    public var state: State

    public init(id: String = "", address: String, port: Int, state: State = .active) {
        self.id = id
        self.address = address
        self.port = port
        self.state = state
    }
}

/// How targets are found healthy. Defaults are ELB's.
///
/// A new target takes no traffic before one check succeeded. With no healthy target at all, all that are active take traffic.
/// - Source: Elastic Load Balancing API Reference, CreateTargetGroup
public struct HealthCheckPlan: Hashable, Codable, Sendable {
    public enum Kind: String, Hashable, Codable, Sendable { case http, https, tcp }

    public var kind: Kind
    /// With its query, if any. Not for TCP.
    public var path: String
    /// nil asks each target on its own port.
    public var port: Int?
    /// Seconds between two checks.
    public var interval: Int
    /// Seconds until a check without an answer has failed.
    public var timeout: Int
    /// Successes in a row that make an unhealthy target healthy.
    public var healthyThreshold: Int
    /// Failures in a row that make a healthy target unhealthy.
    public var unhealthyThreshold: Int
    /// Status codes of a healthy answer: HTTP's, or gRPC's for a group of that version.
    public var codes: [ClosedRange<Int>]

    public init(
        kind: Kind = .http, path: String = "/", port: Int? = nil, interval: Int = 30, timeout: Int = 5,
        healthyThreshold: Int = 5, unhealthyThreshold: Int = 2, codes: [ClosedRange<Int>] = [200...200]
    ) {
        self.kind = kind
        self.path = path
        self.port = port
        self.interval = interval
        self.timeout = timeout
        self.healthyThreshold = healthyThreshold
        self.unhealthyThreshold = unhealthyThreshold
        self.codes = codes
    }
}
