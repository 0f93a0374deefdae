import Domain
import ECSShapes
public import JSONBytes

/// A setting of task definitions that AWS takes and Berth cannot act on yet.
public struct UnsupportedSetting: Hashable, Sendable {
    public let path: SettingPath
    /// Values that ask for nothing, or for what Berth does.
    public let harmless: [JSONValue]
    /// Why it is refused, as callers are told.
    public let reason: String

    init(_ path: String, _ harmless: [JSONValue] = [], _ reason: String) {
        self.path = SettingPath(path)
        self.harmless = harmless
        self.reason = reason
    }
}

/// The closed list of what a task definition may not ask for: ignored, it would change a task's correctness or security.
///
/// What is not on it is acted on, or inert and reported (`AcceptedSettings` in the front). AWS's own rules come first: a
/// definition that AWS refuses gets AWS's error.
public enum UnsupportedSettings {
    public static let all: [UnsupportedSetting] =
        task + volumes
        + container.map { setting in
            UnsupportedSetting("containerDefinitions[]." + setting.path.text, setting.harmless, setting.reason)
        }

    private static let task = [
        UnsupportedSetting(
            "requiresCompatibilities[]", ["EC2", "FARGATE", "EXTERNAL"], "Managed Instances are not built yet"),
        UnsupportedSetting(
            "runtimePlatform.operatingSystemFamily", ["LINUX"], "only Linux hosts can join an installation"),
        UnsupportedSetting("proxyConfiguration", "the App Mesh proxy is not built yet"),
        UnsupportedSetting("enableFaultInjection", [false], "fault injection is not built yet"),
    ]

    private static let volumes = [
        UnsupportedSetting(
            "volumes[].dockerVolumeConfiguration.driver", ["local"], "there are no Docker volume plugins"),
        UnsupportedSetting(
            "volumes[].dockerVolumeConfiguration.driverOpts", "volumes are plain directories of the host"),
        UnsupportedSetting("volumes[].efsVolumeConfiguration", "EFS volumes are not built yet"),
        UnsupportedSetting("volumes[].s3filesVolumeConfiguration", "S3 Files volumes are not built yet"),
        UnsupportedSetting(
            "volumes[].fsxWindowsFileServerVolumeConfiguration", "only Linux hosts can join an installation"),
        UnsupportedSetting("volumes[].configuredAtLaunch", [false], "EBS volumes are not built yet"),
    ]

    private static let container = [
        UnsupportedSetting("repositoryCredentials", "secrets are not built yet"),
        UnsupportedSetting("secrets", "secrets are not built yet"),
        UnsupportedSetting("environmentFiles", "there is no object store yet"),
        UnsupportedSetting("resourceRequirements", "GPUs are not scheduled yet"),
        UnsupportedSetting("firelensConfiguration", "FireLens is not built yet"),
        UnsupportedSetting("credentialSpecs", "there is no Active Directory integration"),
        UnsupportedSetting(
            "dockerSecurityOptions[]", ["no-new-privileges", "no-new-privileges:true", "no-new-privileges:false"],
            "AppArmor and SELinux profiles are not set"),
        UnsupportedSetting(
            "logConfiguration.logDriver", ["awslogs", "json-file"],
            "output is kept on the host and shown by 'berth logs TASK': use awslogs or json-file, or name no driver"),
        UnsupportedSetting("logConfiguration.secretOptions", "secrets are not built yet"),
    ]

    /// Most ports that one task may have mapped by ranges in network mode bridge: each is rules of the host's firewall, and
    /// the host's other tasks wait while they are made.
    static let mappedRangePorts = 256

    /// Refuses ranges so large that mapping them would hold up the host.
    static func refuseLargeRanges(_ definition: TaskDefinition) throws(ValidationFault) {
        guard definition.effectiveNetworkMode == .bridge else { return }
        let ports = definition.containers.flatMap(\.portMappings).reduce(0) { $0 + ($1.containerPortRange?.count ?? 0) }
        guard ports <= mappedRangePorts else {
            throw ValidationFault(
                .unsupported,
                "containerDefinitions[].portMappings[].containerPortRange is not supported for more than "
                    + "\(mappedRangePorts) ports of a task when networkMode=bridge, got \(ports).")
        }
    }

    /// Refuses a request that uses one of them, naming the place.
    static func refuse(_ request: ECSShapes.RegisterTaskDefinitionRequest) throws(ValidationFault) {
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONValue(jsonBytes: request.jsonBytes())
        } catch {
            throw .client("The task definition cannot be looked into: \(error).")
        }
        for setting in all {
            guard let place = setting.path.firstUse(in: value, harmless: setting.harmless) else { continue }
            throw ValidationFault(.unsupported, "\(place) is not supported: \(setting.reason).")
        }
    }
}

extension UnsupportedSetting {
    fileprivate init(_ path: String, _ reason: String) { self.init(path, [], reason) }
}
