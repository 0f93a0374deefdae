/// Says whom a telemetry frame is from and which frames belong together.
public struct TelemetryMetadata: WireShape {
    public var cluster: String?
    public var containerInstance: String?
    public var messageId: String?
    /// Of instance statuses, in place of `messageId`.
    public var requestId: String?
    /// Whether no task runs.
    public var idle: Bool?
    /// Whether this is the last frame with this `messageId`.
    public var fin: Bool?

    public init() {}

    public static let members: [Member<TelemetryMetadata>] = [
        .optional("cluster", \.cluster),
        .optional("containerInstance", \.containerInstance),
        .optional("messageId", \.messageId),
        .optional("requestId", \.requestId),
        .optional("idle", \.idle),
        .optional("fin", \.fin),
    ]
}

/// How tasks use their host, every 20 seconds.
public struct PublishMetricsRequest: WireMessage {
    public static let type = "PublishMetricsRequest"
    public var metadata: TelemetryMetadata?
    public var taskMetrics: [TaskMetric] = []
    /// Seconds since 1970, fractional.
    public var timestamp: Double?

    public init() {}

    public static let members: [Member<PublishMetricsRequest>] = [
        .optional("metadata", \.metadata),
        .list("taskMetrics", \.taskMetrics),
        .optional("timestamp", \.timestamp),
    ]
}

/// Whether the checked containers are well.
public struct PublishHealthRequest: WireMessage {
    public static let type = "PublishHealthRequest"
    public var metadata: TelemetryMetadata?
    public var tasks: [TaskHealth] = []
    /// Seconds since 1970, fractional.
    public var timestamp: Double?

    public init() {}

    public static let members: [Member<PublishHealthRequest>] = [
        .optional("metadata", \.metadata),
        .always("tasks", \.tasks),
        .optional("timestamp", \.timestamp),
    ]
}

/// The health of the containers of one task.
public struct TaskHealth: WireShape {
    public var taskArn: String?
    public var clusterArn: String?
    public var taskDefinitionFamily: String?
    public var taskDefinitionVersion: String?
    public var containers: [ContainerHealth] = []

    public init() {}

    public static let members: [Member<TaskHealth>] = [
        .optional("taskArn", \.taskArn),
        .optional("clusterArn", \.clusterArn),
        .optional("taskDefinitionFamily", \.taskDefinitionFamily),
        .optional("taskDefinitionVersion", \.taskDefinitionVersion),
        .always("containers", \.containers),
    ]
}

/// The health of one container.
public struct ContainerHealth: WireShape {
    public var containerName: String?
    /// `HEALTHY`, `UNHEALTHY` or `UNKNOWN`.
    public var healthStatus: String?
    /// Seconds since 1970, fractional.
    public var statusSince: Double?
    public var statusMessage: String?

    public init() {}

    public static let members: [Member<ContainerHealth>] = [
        .optional("containerName", \.containerName),
        .optional("healthStatus", \.healthStatus),
        .optional("statusSince", \.statusSince),
        .optional("statusMessage", \.statusMessage),
    ]
}

/// Whether the host's container runtime is well.
public struct PublishInstanceStatusRequest: WireMessage {
    public static let type = "PublishInstanceStatusRequest"
    public var metadata: TelemetryMetadata?
    public var statuses: [InstanceStatus] = []
    /// Seconds since 1970, fractional.
    public var timestamp: Double?

    public init() {}

    public static let members: [Member<PublishInstanceStatusRequest>] = [
        .optional("metadata", \.metadata),
        .always("statuses", \.statuses),
        .optional("timestamp", \.timestamp),
    ]
}

/// The state of one part of a host.
public struct InstanceStatus: WireShape {
    /// `ContainerRuntime`.
    public var type: String?
    /// `OK`, `IMPAIRED`, `INSUFFICIENT_DATA` or `INITIALIZING`.
    public var status: String?
    public var statusReason: String?
    /// Seconds since 1970, fractional.
    public var lastUpdated: Double?
    /// Seconds since 1970, fractional.
    public var lastStatusChange: Double?

    public init() {}

    public static let members: [Member<InstanceStatus>] = [
        .optional("type", \.type),
        .optional("status", \.status),
        .optional("statusReason", \.statusReason),
        .optional("lastUpdated", \.lastUpdated),
        .optional("lastStatusChange", \.lastStatusChange),
    ]
}

/// What an agent says over TCS.
public enum TCSAgentMessage: Hashable, Sendable {
    case metrics(PublishMetricsRequest)
    case health(PublishHealthRequest)
    case instanceStatus(PublishInstanceStatusRequest)
    /// A type that this version does not know; to be ignored.
    case unknown(type: String)

    /// Reads the JSON part of a frame; `TCSFrame` splits off the header block first.
    public init(json: String) throws(FrameError) {
        let envelope = try Envelope(Array(json.utf8))
        switch envelope.type {
        case PublishMetricsRequest.type: self = .metrics(try envelope.read())
        case PublishHealthRequest.type: self = .health(try envelope.read())
        case PublishInstanceStatusRequest.type: self = .instanceStatus(try envelope.read())
        default: self = .unknown(type: envelope.type)
        }
    }

    /// The JSON part of the frame; nil for a message of an unknown type.
    public var json: String? {
        switch self {
        case .metrics(let message): message.frame()
        case .health(let message): message.frame()
        case .instanceStatus(let message): message.frame()
        case .unknown: nil
        }
    }
}
