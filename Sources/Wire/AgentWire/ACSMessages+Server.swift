/// Asks for a sign of life.
public struct HeartbeatMessage: WireMessage {
    public static let type = "HeartbeatMessage"
    public var messageId: String?
    public var healthy: Bool?
    /// What only Berth's own agent reads.
    public var berth: HeartbeatExtension?

    public init() {}

    public init(messageId: String, berth: HeartbeatExtension? = nil) {
        self.messageId = messageId
        healthy = true
        self.berth = berth
    }

    public static let members: [Member<HeartbeatMessage>] = [
        .optional("messageId", \.messageId),
        .optional("healthy", \.healthy),
        .optional("berth", \.berth),
    ]
}

/// New credentials of a role that a task uses.
public struct IAMRoleCredentialsMessage: WireMessage {
    public static let type = "IAMRoleCredentialsMessage"
    public var messageId = ""
    public var taskArn = ""
    public var taskClusterArn: String?
    /// `TaskApplication` or `TaskExecution`.
    public var roleType = ""
    public var roleCredentials: IAMRoleCredentials?

    public init() {}

    public var missingMember: String? {
        if messageId.isEmpty { return "messageId" }
        if taskArn.isEmpty { return "taskArn" }
        if roleType.isEmpty { return "roleType" }
        return roleCredentials == nil ? "roleCredentials" : nil
    }

    public static let members: [Member<IAMRoleCredentialsMessage>] = [
        .always("messageId", \.messageId),
        .always("taskArn", \.taskArn),
        .optional("taskClusterArn", \.taskClusterArn),
        .always("roleType", \.roleType),
        .optional("roleCredentials", \.roleCredentials),
    ]
}

/// Temporary credentials of a role.
public struct IAMRoleCredentials: WireShape {
    /// Chosen by the server; the key under which a container fetches them.
    public var credentialsId: String?
    public var roleArn: String?
    public var accessKeyId: String?
    public var secretAccessKey: String?
    public var sessionToken: String?
    /// ISO 8601, echoed to the container as it is.
    public var expiration: String?
    public var credentialScope: String?

    public init() {}

    public static let members: [Member<IAMRoleCredentials>] = [
        .optional("credentialsId", \.credentialsId),
        .optional("roleArn", \.roleArn),
        .optional("accessKeyId", \.accessKeyId),
        .optional("secretAccessKey", \.secretAccessKey),
        .optional("sessionToken", \.sessionToken),
        .optional("expiration", \.expiration),
        .optional("credentialScope", \.credentialScope),
    ]
}

/// Every task that the control plane knows on a host, sent when it connects.
public struct TaskManifestMessage: WireMessage {
    public static let type = "TaskManifestMessage"
    public var clusterArn: String?
    public var containerInstanceArn: String?
    public var messageId = ""
    /// Milliseconds since 1970.
    public var generatedAt: Int64?
    /// Shares its counter with `PayloadMessage.seqNum`; an agent discards one that did not grow.
    public var timeline: Int64?
    public var tasks: [TaskIdentifier] = []

    public init() {}

    public var missingMember: String? { messageId.isEmpty ? "messageId" : nil }

    public static let members: [Member<TaskManifestMessage>] = [
        .optional("clusterArn", \.clusterArn),
        .optional("containerInstanceArn", \.containerInstanceArn),
        .always("messageId", \.messageId),
        .optional("generatedAt", \.generatedAt),
        .optional("timeline", \.timeline),
        .always("tasks", \.tasks),
    ]
}

/// Names the stop candidates that must really die.
public struct TaskStopVerificationAck: WireMessage {
    public static let type = "TaskStopVerificationAck"
    /// The manifest's.
    public var messageId = ""
    /// Milliseconds since 1970.
    public var generatedAt: Int64?
    public var stopTasks: [TaskIdentifier] = []

    public init() {}

    public init(messageId: String, generatedAt: Int64, stopTasks: [TaskIdentifier]) {
        self.messageId = messageId
        self.generatedAt = generatedAt
        self.stopTasks = stopTasks
    }

    public var missingMember: String? { messageId.isEmpty ? "messageId" : nil }

    public static let members: [Member<TaskStopVerificationAck>] = [
        .always("messageId", \.messageId),
        .optional("generatedAt", \.generatedAt),
        .always("stopTasks", \.stopTasks),
    ]
}

/// Where a new agent is to be fetched from.
public struct UpdateInfo: WireShape {
    public var location: String?
    public var signature: String?

    public init() {}

    public static let members: [Member<UpdateInfo>] = [
        .optional("location", \.location),
        .optional("signature", \.signature),
    ]
}

/// Asks the agent to fetch a new version of itself.
public struct StageUpdateMessage: WireMessage {
    public static let type = "StageUpdateMessage"
    public var clusterArn: String?
    public var containerInstanceArn: String?
    public var messageId = ""
    public var updateInfo: UpdateInfo?

    public init() {}

    public static let members: [Member<StageUpdateMessage>] = [
        .optional("clusterArn", \.clusterArn),
        .optional("containerInstanceArn", \.containerInstanceArn),
        .always("messageId", \.messageId),
        .optional("updateInfo", \.updateInfo),
    ]
}

/// Asks the agent to become the version it fetched.
public struct PerformUpdateMessage: WireMessage {
    public static let type = "PerformUpdateMessage"
    public var clusterArn: String?
    public var containerInstanceArn: String?
    public var messageId = ""
    public var updateInfo: UpdateInfo?

    public init() {}

    public static let members: [Member<PerformUpdateMessage>] = [
        .optional("clusterArn", \.clusterArn),
        .optional("containerInstanceArn", \.containerInstanceArn),
        .always("messageId", \.messageId),
        .optional("updateInfo", \.updateInfo),
    ]
}

/// Announces that the server closes the session.
public struct CloseMessage: WireMessage {
    public static let type = "CloseMessage"
    public var message: String?

    public init() {}

    public init(message: String) { self.message = message }

    public static let members: [Member<CloseMessage>] = [.optional("message", \.message)]
}

/// Says what went wrong on the server.
public struct ErrorMessage: WireMessage {
    public static let type = "ErrorMessage"
    public var message: String?

    public init() {}

    public init(message: String) { self.message = message }

    public static let members: [Member<ErrorMessage>] = [.optional("message", \.message)]
}
