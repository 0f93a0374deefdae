/// A container as stock agents read it.
public struct PayloadContainer: WireShape {
    public var name: String?
    public var containerArn: String?
    public var image: String?
    public var essential: Bool?
    public var command: [String]?
    public var entryPoint: [String]?
    public var environment: [String: String] = [:]
    /// Docker CPU shares: 1,024 are one vCPU.
    public var cpu: Int?
    /// MiB, the hard limit.
    public var memory: Int?
    public var portMappings: [PayloadPortMapping] = []
    public var mountPoints: [PayloadMountPoint] = []
    public var volumesFrom: [PayloadVolumeFrom] = []
    /// `name` or `name:alias`.
    public var links: [String]?
    /// A JSON text of which agents read only `command`.
    public var overrides: String?
    public var dockerConfig: DockerConfig?
    /// `docker` when `dockerConfig.config` holds a health check.
    public var healthCheckType: String?
    public var dependsOn: [PayloadDependency] = []
    /// Seconds.
    public var startTimeout: Int?
    /// Seconds.
    public var stopTimeout: Int?
    public var restartPolicy: PayloadRestartPolicy?
    public var privileged: Bool?

    public init() {}

    public static let members: [Member<PayloadContainer>] = [
        .optional("name", \.name),
        .optional("containerArn", \.containerArn),
        .optional("image", \.image),
        .optional("essential", \.essential),
        .optional("command", \.command),
        .optional("entryPoint", \.entryPoint),
        .map("environment", \.environment),
        .optional("cpu", \.cpu),
        .optional("memory", \.memory),
        .list("portMappings", \.portMappings),
        .list("mountPoints", \.mountPoints),
        .list("volumesFrom", \.volumesFrom),
        .optional("links", \.links),
        .optional("overrides", \.overrides),
        .optional("dockerConfig", \.dockerConfig),
        .optional("healthCheckType", \.healthCheckType),
        .list("dependsOn", \.dependsOn),
        .optional("startTimeout", \.startTimeout),
        .optional("stopTimeout", \.stopTimeout),
        .optional("restartPolicy", \.restartPolicy),
        .optional("privileged", \.privileged),
    ]
}

/// Docker Engine API objects as JSON texts, laid over what an agent builds from the other members.
public struct DockerConfig: WireShape {
    /// The Docker API version to use, such as `1.21`.
    public var version: String?
    /// The text of a `Config` object.
    public var config: String?
    /// The text of a `HostConfig` object.
    public var hostConfig: String?

    public init() {}

    public static let members: [Member<DockerConfig>] = [
        .optional("version", \.version),
        .optional("config", \.config),
        .optional("hostConfig", \.hostConfig),
    ]
}

/// A port of a container; `hostPort` absent or 0 asks for a dynamic one.
public struct PayloadPortMapping: WireShape {
    public var containerPort: Int?
    public var hostPort: Int?
    public var `protocol`: String?
    /// Such as `8000-8010`, instead of the other two.
    public var containerPortRange: String?

    public init() {}

    public static let members: [Member<PayloadPortMapping>] = [
        .optional("containerPortRange", \.containerPortRange),
        .optional("containerPort", \.containerPort),
        .optional("hostPort", \.hostPort),
        .optional("protocol", \.protocol),
    ]
}

/// Where a volume appears in a container.
public struct PayloadMountPoint: WireShape {
    public var sourceVolume: String?
    public var containerPath: String?
    public var readOnly: Bool?

    public init() {}

    public static let members: [Member<PayloadMountPoint>] = [
        .optional("sourceVolume", \.sourceVolume),
        .optional("containerPath", \.containerPath),
        .optional("readOnly", \.readOnly),
    ]
}

/// Whose volumes a container mounts too.
public struct PayloadVolumeFrom: WireShape {
    public var sourceContainer: String?
    public var readOnly: Bool?

    public init() {}

    public static let members: [Member<PayloadVolumeFrom>] = [
        .optional("sourceContainer", \.sourceContainer),
        .optional("readOnly", \.readOnly),
    ]
}

/// What must be true of another container first.
public struct PayloadDependency: WireShape {
    public var containerName: String?
    /// `START`, `COMPLETE`, `SUCCESS` or `HEALTHY`.
    public var condition: String?

    public init() {}

    public static let members: [Member<PayloadDependency>] = [
        .optional("containerName", \.containerName),
        .optional("condition", \.condition),
    ]
}

/// When an agent starts a container again in place.
public struct PayloadRestartPolicy: WireShape {
    public var enabled: Bool?
    public var ignoredExitCodes: [Int]?
    /// Seconds.
    public var restartAttemptPeriod: Int?

    public init() {}

    public static let members: [Member<PayloadRestartPolicy>] = [
        .optional("enabled", \.enabled),
        .optional("ignoredExitCodes", \.ignoredExitCodes),
        .optional("restartAttemptPeriod", \.restartAttemptPeriod),
    ]
}
