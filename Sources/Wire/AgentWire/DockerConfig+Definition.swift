import Domain
import Identifiers
import JSONBytes

extension DockerConfig {
    /// What of a definition the typed members of `PayloadContainer` have no room for.
    init(_ definition: ContainerDefinition, networkMode: NetworkMode) {
        let config = Self.config(definition)
        self.config = config.isEmpty ? nil : Self.text(config)
        hostConfig = Self.text(Self.hostConfig(definition, networkMode: networkMode))
    }

    private static func text(_ members: [String: JSONValue]) -> String {
        String(decoding: JSONValue.object(members).jsonBytes(), as: UTF8.self)
    }

    /// A `Config` object of the Docker Engine API.
    private static func config(_ definition: ContainerDefinition) -> [String: JSONValue] {
        var config: [String: JSONValue] = [:]
        config["User"] = definition.user.map(JSONValue.string)
        config["WorkingDir"] = definition.workingDirectory.map(JSONValue.string)
        config["Hostname"] = definition.hostname.map(JSONValue.string)
        config["Tty"] = definition.pseudoTerminal.map(JSONValue.boolean)
        config["NetworkDisabled"] = definition.disableNetworking.map(JSONValue.boolean)
        config["OpenStdin"] = definition.interactive.map(JSONValue.boolean)
        config["Labels"] = map(definition.dockerLabels)
        config["Healthcheck"] = definition.healthCheck.map(healthcheck)
        return config
    }

    private static func healthcheck(_ check: HealthCheck) -> JSONValue {
        var members: [String: JSONValue] = [
            "Test": strings(check.command),
            "Interval": .integer(Duration.seconds(check.interval).nanoseconds),
            "Timeout": .integer(Duration.seconds(check.timeout).nanoseconds),
            "Retries": .integer(Int64(check.retries)),
        ]
        members["StartPeriod"] = check.startPeriod.map { .integer(Duration.seconds($0).nanoseconds) }
        return .object(members)
    }

    /// A `HostConfig` object of the Docker Engine API.
    private static func hostConfig(_ definition: ContainerDefinition, networkMode: NetworkMode) -> [String: JSONValue] {
        var config: [String: JSONValue] = [:]
        if networkMode != .awsvpc { config["NetworkMode"] = .string(networkMode.rawValue) }
        config["MemoryReservation"] = definition.memoryReservation.map { .integer($0.bytes) }
        config["LogConfig"] = definition.logConfiguration.map { log in
            ["Type": .string(log.driver), "Config": map(log.options) ?? [:]]
        }
        config["CapAdd"] = list(definition.addCapabilities)
        config["CapDrop"] = list(definition.dropCapabilities)
        config["Privileged"] = definition.privileged.map(JSONValue.boolean)
        config["ReadonlyRootfs"] = definition.readonlyRootFilesystem.map(JSONValue.boolean)
        config["Init"] = definition.initProcessEnabled.map(JSONValue.boolean)
        config["ShmSize"] = definition.sharedMemorySize.map { .integer(MemoryMiB($0).bytes) }
        config["Sysctls"] = map(definition.systemControls)
        config["Dns"] = list(definition.dnsServers)
        config["DnsSearch"] = list(definition.dnsSearchDomains)
        config["ExtraHosts"] = list(definition.extraHosts.map { "\($0.key):\($0.value)" })
        config["SecurityOpt"] = list(definition.dockerSecurityOptions)
        config["MemorySwap"] = definition.maxSwap.flatMap { swap in
            definition.memory.map { .integer(MemoryMiB($0.value + swap).bytes) }
        }
        if definition.maxSwap != nil {
            config["MemorySwappiness"] = definition.swappiness.map { .integer(Int64($0)) }
        }
        if !definition.devices.isEmpty { config["Devices"] = .array(definition.devices.map(device)) }
        config["Tmpfs"] = map(definition.tmpfs.map(tmpfs))
        if !definition.ulimits.isEmpty { config["Ulimits"] = .array(definition.ulimits.map(ulimit)) }
        return config
    }

    private static func tmpfs(_ mount: TmpfsMount) -> KeyValue {
        KeyValue(key: mount.containerPath, value: (["size=\(mount.size)m"] + mount.options).joined(separator: ","))
    }

    private static func device(_ device: DeviceMapping) -> JSONValue {
        let letters: [(DeviceMapping.Permission, String)] = [(.read, "r"), (.write, "w"), (.mknod, "m")]
        let asked = letters.filter { device.permissions.isEmpty || device.permissions.contains($0.0) }
        return [
            "PathOnHost": .string(device.hostPath),
            "PathInContainer": .string(device.containerPath ?? device.hostPath),
            "CgroupPermissions": .string(asked.map(\.1).joined()),
        ]
    }

    private static func ulimit(_ limit: Ulimit) -> JSONValue {
        ["Name": .string(limit.name), "Soft": .integer(Int64(limit.soft)), "Hard": .integer(Int64(limit.hard))]
    }

    private static func strings(_ values: [String]) -> JSONValue { .array(values.map(JSONValue.string)) }

    /// nil when there is nothing to say.
    private static func list(_ values: [String]) -> JSONValue? { values.isEmpty ? nil : strings(values) }

    /// nil when there is nothing to say.
    private static func map(_ pairs: [KeyValue]) -> JSONValue? {
        guard !pairs.isEmpty else { return nil }
        return .object(Dictionary(pairs.map { ($0.key, .string($0.value)) }, uniquingKeysWith: { $1 }))
    }
}
