/// Says that metrics arrived.
public struct AckPublishMetric: WireMessage {
    public static let type = "AckPublishMetric"
    public var message: String?

    public init() {}

    public static let members: [Member<AckPublishMetric>] = [.optional("message", \.message)]
}

/// Says that health arrived.
public struct AckPublishHealth: WireMessage {
    public static let type = "AckPublishHealth"
    public var message: String?

    public init() {}

    public static let members: [Member<AckPublishHealth>] = [.optional("message", \.message)]
}

/// Says that instance statuses arrived.
public struct AckPublishInstanceStatus: WireMessage {
    public static let type = "AckPublishInstanceStatus"
    public var message: String?

    public init() {}

    public static let members: [Member<AckPublishInstanceStatus>] = [.optional("message", \.message)]
}

/// Asks the agent to end its telemetry session.
public struct StopTelemetrySessionMessage: WireMessage {
    public static let type = "StopTelemetrySessionMessage"
    public var message: String?

    public init() {}

    public static let members: [Member<StopTelemetrySessionMessage>] = [.optional("message", \.message)]
}

/// What the control plane says over TCS.
public enum TCSServerMessage: Hashable, Sendable {
    /// Why a telemetry frame was refused, by the names that agents know.
    public enum Refusal: String, Hashable, Sendable {
        case server = "ServerException"
        case badRequest = "BadRequestException"
        case resourceValidation = "ResourceValidationException"
        case invalidParameter = "InvalidParameterException"
    }

    case metricsAck(AckPublishMetric)
    case healthAck(AckPublishHealth)
    case instanceStatusAck(AckPublishInstanceStatus)
    case heartbeat(HeartbeatMessage)
    case stop(StopTelemetrySessionMessage)
    case refusal(Refusal, ErrorMessage)
    /// A type that this version does not know; to be ignored.
    case unknown(type: String)

    /// Reads one text frame.
    public init(frame text: String) throws(FrameError) {
        let envelope = try Envelope(Array(text.utf8))
        switch envelope.type {
        case AckPublishMetric.type: self = .metricsAck(try envelope.read())
        case AckPublishHealth.type: self = .healthAck(try envelope.read())
        case AckPublishInstanceStatus.type: self = .instanceStatusAck(try envelope.read())
        case HeartbeatMessage.type: self = .heartbeat(try envelope.read())
        case StopTelemetrySessionMessage.type: self = .stop(try envelope.read())
        default:
            if let refusal = Refusal(rawValue: envelope.type) {
                self = .refusal(refusal, try envelope.read())
            } else {
                self = .unknown(type: envelope.type)
            }
        }
    }

    /// The text frame; nil for a message of an unknown type.
    public var frame: String? {
        switch self {
        case .metricsAck(let message): message.frame()
        case .healthAck(let message): message.frame()
        case .instanceStatusAck(let message): message.frame()
        case .heartbeat(let message): message.frame()
        case .stop(let message): message.frame()
        case .refusal(let refusal, let message): message.frame(named: refusal.rawValue)
        case .unknown: nil
        }
    }
}
