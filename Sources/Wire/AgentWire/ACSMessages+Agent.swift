/// Says that a message arrived.
public struct AckRequest: WireMessage {
    public static let type = "AckRequest"
    public var cluster: String?
    public var containerInstance: String?
    public var messageId = ""

    public init() {}

    public init(cluster: String?, containerInstance: String?, messageId: String) {
        self.cluster = cluster
        self.containerInstance = containerInstance
        self.messageId = messageId
    }

    public var missingMember: String? { messageId.isEmpty ? "messageId" : nil }

    public static let members: [Member<AckRequest>] = [
        .optional("cluster", \.cluster),
        .optional("containerInstance", \.containerInstance),
        .always("messageId", \.messageId),
    ]
}

/// Says that a message arrived and will not be followed.
public struct NackRequest: WireMessage {
    public static let type = "NackRequest"
    public var cluster: String?
    public var containerInstance: String?
    public var messageId = ""
    public var reason: String?

    public init() {}

    public var missingMember: String? { messageId.isEmpty ? "messageId" : nil }

    public static let members: [Member<NackRequest>] = [
        .optional("cluster", \.cluster),
        .optional("containerInstance", \.containerInstance),
        .always("messageId", \.messageId),
        .optional("reason", \.reason),
    ]
}

/// Answers a heartbeat.
public struct HeartbeatAckRequest: WireMessage {
    public static let type = "HeartbeatAckRequest"
    public var messageId: String?

    public init() {}

    public init(messageId: String?) { self.messageId = messageId }

    public static let members: [Member<HeartbeatAckRequest>] = [.optional("messageId", \.messageId)]
}

/// Says that role credentials arrived.
public struct IAMRoleCredentialsAckRequest: WireMessage {
    public static let type = "IAMRoleCredentialsAckRequest"
    public var messageId: String?
    /// Echo of the credentials' own `expiration`.
    public var expiration: String?
    public var credentialsId: String?

    public init() {}

    public init(messageId: String?, expiration: String?, credentialsId: String?) {
        self.messageId = messageId
        self.expiration = expiration
        self.credentialsId = credentialsId
    }

    public static let members: [Member<IAMRoleCredentialsAckRequest>] = [
        .optional("messageId", \.messageId),
        .optional("expiration", \.expiration),
        .optional("credentialsId", \.credentialsId),
    ]
}

/// Asks which of the tasks that the manifest did not name shall really stop.
public struct TaskStopVerificationMessage: WireMessage {
    public static let type = "TaskStopVerificationMessage"
    /// The manifest's.
    public var messageId = ""
    public var stopCandidates: [TaskIdentifier] = []

    public init() {}

    public init(messageId: String, stopCandidates: [TaskIdentifier]) {
        self.messageId = messageId
        self.stopCandidates = stopCandidates
    }

    public var missingMember: String? { messageId.isEmpty ? "messageId" : nil }

    public static let members: [Member<TaskStopVerificationMessage>] = [
        .always("messageId", \.messageId),
        .always("stopCandidates", \.stopCandidates),
    ]
}

/// Names a task with what is wanted of it.
public struct TaskIdentifier: WireShape {
    public var taskArn: String?
    public var taskClusterArn: String?
    /// `RUNNING` or `STOPPED`.
    public var desiredStatus: String?

    public init() {}

    public init(taskArn: String, taskClusterArn: String?, desiredStatus: String) {
        self.taskArn = taskArn
        self.taskClusterArn = taskClusterArn
        self.desiredStatus = desiredStatus
    }

    public static let members: [Member<TaskIdentifier>] = [
        .optional("taskArn", \.taskArn),
        .optional("taskClusterArn", \.taskClusterArn),
        .optional("desiredStatus", \.desiredStatus),
    ]
}

/// What an agent says over ACS.
public enum ACSAgentMessage: Hashable, Sendable {
    case ack(AckRequest)
    case nack(NackRequest)
    case heartbeatAck(HeartbeatAckRequest)
    case credentialsAck(IAMRoleCredentialsAckRequest)
    case stopVerification(TaskStopVerificationMessage)
    /// A type that this version does not know; to be ignored.
    case unknown(type: String)

    /// Reads one text frame.
    public init(frame text: String) throws(FrameError) {
        let envelope = try Envelope(Array(text.utf8))
        switch envelope.type {
        case AckRequest.type: self = .ack(try envelope.read())
        case NackRequest.type: self = .nack(try envelope.read())
        case HeartbeatAckRequest.type: self = .heartbeatAck(try envelope.read())
        case IAMRoleCredentialsAckRequest.type: self = .credentialsAck(try envelope.read())
        case TaskStopVerificationMessage.type: self = .stopVerification(try envelope.read())
        default: self = .unknown(type: envelope.type)
        }
    }

    /// The text frame; nil for a message of an unknown type.
    public var frame: String? {
        switch self {
        case .ack(let message): message.frame()
        case .nack(let message): message.frame()
        case .heartbeatAck(let message): message.frame()
        case .credentialsAck(let message): message.frame()
        case .stopVerification(let message): message.frame()
        case .unknown: nil
        }
    }
}
