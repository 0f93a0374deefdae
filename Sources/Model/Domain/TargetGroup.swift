public import Identifiers

/// How targets are named.
public enum TargetType: String, Codable, Sendable {
    /// By the id of a host.
    case instance
    /// By an IPv4 address.
    case ip
}

/// What is spoken over HTTP with targets.
public enum TargetProtocolVersion: String, Codable, Sendable {
    case http1, http2, grpc
}

/// How it is found out whether a target can take traffic.
public struct TargetHealthCheck: Hashable, Codable, Sendable {
    /// HTTP, HTTPS or TCP.
    public var `protocol`: TrafficProtocol
    /// nil: the port on which the target gets its traffic.
    public var port: Int?
    /// nil for TCP.
    public var path: String?
    /// Seconds, 5 to 300.
    public var interval: Int
    /// Seconds, 2 to 120, less than the interval.
    public var timeout: Int
    /// Successes in a row, 2 to 10.
    public var healthyThreshold: Int
    /// Failures in a row, 2 to 10.
    public var unhealthyThreshold: Int
    /// Statuses that count as success, such as `200,202` or `200-299`: of gRPC in a group that speaks it. nil for TCP.
    public var matcher: String?

    public init(
        protocol: TrafficProtocol, port: Int?, path: String?, interval: Int, timeout: Int, healthyThreshold: Int,
        unhealthyThreshold: Int, matcher: String?
    ) {
        self.protocol = `protocol`
        self.port = port
        self.path = path
        self.interval = interval
        self.timeout = timeout
        self.healthyThreshold = healthyThreshold
        self.unhealthyThreshold = unhealthyThreshold
        self.matcher = matcher
    }
}

/// A stored target group. Written by the API front alone; its targets are records of their own.
public struct TargetGroupRecord: Hashable, Codable, Sendable {
    public var id: TargetGroupID
    public var type: TargetType
    public var `protocol`: TrafficProtocol
    /// nil unless the protocol is HTTP or HTTPS.
    public var protocolVersion: TargetProtocolVersion?
    /// Of targets that are registered without one.
    public var port: Int
    /// As it was given; on one's own machines it says nothing.
    public var vpc: String
    public var healthCheck: TargetHealthCheck
    /// What was set by its name, as it was written. What is not here has its default (`LoadBalancing`).
    public var attributes: [String: String] = [:]
    public var tags: [KeyValue] = []
    public var createdAt: Timestamp

    public init(
        id: TargetGroupID, type: TargetType, protocol: TrafficProtocol, protocolVersion: TargetProtocolVersion?,
        port: Int, vpc: String, healthCheck: TargetHealthCheck, createdAt: Timestamp
    ) {
        self.id = id
        self.type = type
        self.protocol = `protocol`
        self.protocolVersion = protocolVersion
        self.port = port
        self.vpc = vpc
        self.healthCheck = healthCheck
        self.createdAt = createdAt
    }
}

/// A stored target of a group.
///
/// Made by who registers it (API front, services controller), who also sets `drainingSince`; deleted by the balancing
/// controller when its delay is over.
public struct TargetRecord: Hashable, Codable, Sendable {
    public var id: TargetID
    /// As it was given: a zone, or `all`.
    public var zone: String?
    /// Of a target that is registered again, when it was so last.
    public var registeredAt: Timestamp
    /// Since when it gets no new traffic; nil while it is registered.
    public var drainingSince: Timestamp?
    /// Of a target that is a service's task; nil for one that a caller registered.
    public var task: TaskID?

    public init(id: TargetID, zone: String? = nil, registeredAt: Timestamp) {
        self.id = id
        self.zone = zone
        self.registeredAt = registeredAt
    }
}

/// What the data plane sees of a target.
public enum TargetHealthState: String, Codable, Sendable {
    case initial, healthy, unhealthy, unused, draining, unavailable
}

/// Why a target is not healthy.
public enum TargetHealthReason: String, Codable, Sendable {
    case registrationInProgress, initialHealthChecking, internalError
    case responseCodeMismatch, timeout, failedHealthChecks
    case notRegistered, notInUse, deregistrationInProgress, invalidState, ipUnusable, healthCheckDisabled
}

/// The health of one target, as callers and controllers are told.
public struct TargetHealth: Hashable, Codable, Sendable {
    public var state: TargetHealthState
    /// nil when it is healthy.
    public var reason: TargetHealthReason?
    /// For people; nil when it is healthy.
    public var description: String?

    public init(_ state: TargetHealthState, _ reason: TargetHealthReason? = nil, _ description: String? = nil) {
        self.state = state
        self.reason = reason
        self.description = description
    }
}
