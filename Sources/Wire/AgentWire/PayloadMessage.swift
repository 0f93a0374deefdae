/// Tasks to start and to stop.
///
/// In one payload an agent applies stops before starts. Redelivery of a task it knows is harmless.
public struct PayloadMessage: WireMessage {
    public static let type = "PayloadMessage"
    public var clusterArn = ""
    public var containerInstanceArn = ""
    public var messageId = ""
    public var tasks: [PayloadTask] = []
    /// Milliseconds since 1970.
    public var generatedAt: Int64?
    public var seqNum: Int64?
    public var timeline: Int64?

    public init() {}

    public var missingMember: String? {
        if clusterArn.isEmpty { return "clusterArn" }
        if containerInstanceArn.isEmpty { return "containerInstanceArn" }
        return messageId.isEmpty ? "messageId" : nil
    }

    public static let members: [Member<PayloadMessage>] = [
        .always("clusterArn", \.clusterArn),
        .always("containerInstanceArn", \.containerInstanceArn),
        .always("messageId", \.messageId),
        .optional("seqNum", \.seqNum),
        .optional("timeline", \.timeline),
        .optional("generatedAt", \.generatedAt),
        .always("tasks", \.tasks),
    ]
}

/// A task as stock agents read it, with Berth's own form beside it.
public struct PayloadTask: WireShape {
    public var arn: String?
    public var taskClusterArn: String?
    public var family: String?
    /// The revision in decimal.
    public var version: String?
    /// `RUNNING` or `STOPPED`.
    public var desiredStatus: String?
    /// A JSON text; `{}` because overrides are merged by the server.
    public var overrides: String?
    /// vCPUs.
    public var cpu: Double?
    /// MiB.
    public var memory: Int?
    public var launchType: String?
    public var networkMode: String?
    public var pidMode: String?
    public var ipcMode: String?
    public var serviceName: String?
    public var group: String?
    public var roleCredentials: IAMRoleCredentials?
    public var executionRoleCredentials: IAMRoleCredentials?
    public var enableFaultInjection: Bool?
    public var volumes: [PayloadVolume] = []
    public var containers: [PayloadContainer] = []
    public var berth: TaskExtension?

    public init() {}

    /// A request to stop a task.
    public init(stopping arn: String, cluster: String) {
        self.arn = arn
        taskClusterArn = cluster
        desiredStatus = "STOPPED"
        overrides = "{}"
    }

    public static let members: [Member<PayloadTask>] = [
        .optional("arn", \.arn),
        .optional("taskClusterArn", \.taskClusterArn),
        .optional("family", \.family),
        .optional("version", \.version),
        .optional("desiredStatus", \.desiredStatus),
        .optional("overrides", \.overrides),
        .optional("cpu", \.cpu),
        .optional("memory", \.memory),
        .optional("launchType", \.launchType),
        .optional("networkMode", \.networkMode),
        .optional("pidMode", \.pidMode),
        .optional("ipcMode", \.ipcMode),
        .optional("serviceName", \.serviceName),
        .optional("group", \.group),
        .optional("roleCredentials", \.roleCredentials),
        .optional("executionRoleCredentials", \.executionRoleCredentials),
        .optional("enableFaultInjection", \.enableFaultInjection),
        .list("volumes", \.volumes),
        .always("containers", \.containers),
        .optional("berth", \.berth),
    ]
}

/// A volume of a task.
public struct PayloadVolume: WireShape {
    public var name: String?
    /// `host` (the default), `docker` and others.
    public var type: String?
    public var host: HostVolume?
    public var dockerVolumeConfiguration: DockerVolumeConfiguration?

    public init() {}

    public static let members: [Member<PayloadVolume>] = [
        .optional("name", \.name),
        .optional("type", \.type),
        .optional("host", \.host),
        .optional("dockerVolumeConfiguration", \.dockerVolumeConfiguration),
    ]
}

/// A directory of the host; without `sourcePath` an empty one that lives with the task.
public struct HostVolume: WireShape {
    public var sourcePath: String?

    public init() {}

    public static let members: [Member<HostVolume>] = [.optional("sourcePath", \.sourcePath)]
}

/// A volume that Docker keeps.
public struct DockerVolumeConfiguration: WireShape {
    /// `task` or `shared`.
    public var scope: String?
    public var autoprovision: Bool?
    public var driver: String?
    public var driverOpts: [String: String]?
    public var labels: [String: String]?

    public init() {}

    public static let members: [Member<DockerVolumeConfiguration>] = [
        .optional("scope", \.scope),
        .optional("autoprovision", \.autoprovision),
        .optional("driver", \.driver),
        .optional("driverOpts", \.driverOpts),
        .optional("labels", \.labels),
    ]
}
