import Domain
import ECSShapes

extension ContainerDefinition {
    /// Bounds that keep every later sum far from overflow and refuse typing mistakes.
    private static let cpuRange = 0...262_144
    private static let memoryRange = 4...67_108_864

    init(validating shape: ECSShapes.ContainerDefinition, mode: NetworkMode) throws(ValidationFault) {
        guard let name = shape.name, !name.isEmpty else {
            throw .client("Container.name should not be null or empty.")
        }
        guard isName(name) else {
            throw .client("Container.name contains invalid characters: '\(name.prefix(300))'.")
        }
        guard let image = shape.image, !image.isEmpty else {
            throw .client("Container.image should not be null or empty.")
        }
        try Self.check(image: image)
        self.init(name: name, image: image)
        try readSizes(shape)
        essential = shape.essential ?? true
        command = shape.command?.isEmpty == true ? nil : shape.command
        entryPoint = shape.entryPoint?.isEmpty == true ? nil : shape.entryPoint
        environment = try (shape.environment ?? []).map { pair throws(ValidationFault) in
            guard let key = pair.name, !key.isEmpty else {
                throw .client("Environment variable names of container '\(name)' cannot be empty.")
            }
            return KeyValue(key: key, value: pair.value ?? "")
        }
        user = shape.user
        workingDirectory = shape.workingDirectory
        portMappings = try Self.portMappings(shape.portMappings ?? [], container: name, mode: mode)
        mountPoints = try (shape.mountPoints ?? []).map { point throws(ValidationFault) in
            guard let volume = point.sourceVolume, let path = point.containerPath, path.hasPrefix("/") else {
                throw .client("Mount points of container '\(name)' need a sourceVolume and an absolute containerPath.")
            }
            return MountPoint(volume: volume, containerPath: path, readOnly: point.readOnly ?? false)
        }
        try readNames(shape, mode: mode)
        try readLifecycle(shape)
        try readKernelSettings(shape, mode: mode)
        logConfiguration = try shape.logConfiguration.map { log throws(ValidationFault) in
            try LogConfiguration(validating: log)
        }
    }

    private mutating func readSizes(_ shape: ECSShapes.ContainerDefinition) throws(ValidationFault) {
        let units = shape.cpu ?? 0
        guard Self.cpuRange.contains(units) else {
            throw .client("Invalid 'cpu' setting for container '\(name)': \(units).")
        }
        cpu = CPUUnits(units)
        memory = try Self.memory(shape.memory, "memory", of: name)
        memoryReservation = try Self.memory(shape.memoryReservation, "memoryReservation", of: name)
        if let memory, let memoryReservation, memory < memoryReservation {
            throw .client(
                "Invalid setting for container '\(name)'. 'memory' (\(memory.value)) must not be less than "
                    + "'memoryReservation' (\(memoryReservation.value)).")
        }
    }

    private static func memory(_ value: Int?, _ member: String, of name: String) throws(ValidationFault) -> MemoryMiB? {
        guard let value else { return nil }
        guard memoryRange.contains(value) else {
            throw .client("Invalid '\(member)' setting for container '\(name)'.")
        }
        return MemoryMiB(value)
    }

    private mutating func readNames(_ shape: ECSShapes.ContainerDefinition, mode: NetworkMode) throws(ValidationFault) {
        if mode == .awsvpc || mode == .host {
            let set = [
                ("hostname", shape.hostname != nil), ("extraHosts", shape.extraHosts?.isEmpty == false),
                ("dnsServers", shape.dnsServers?.isEmpty == false),
                ("dnsSearchDomains", shape.dnsSearchDomains?.isEmpty == false),
            ]
            let forbidden = set.filter { $0.1 && (mode == .awsvpc || $0.0 == "hostname") }
            if let first = forbidden.first {
                throw .client("\(first.0) is not supported on container when networkMode=\(mode.rawValue).")
            }
        }
        hostname = shape.hostname
        extraHosts = try (shape.extraHosts ?? []).map { entry throws(ValidationFault) in
            guard let host = entry.hostname, let address = entry.ipAddress else {
                throw .client("extraHosts of container '\(name)' need a hostname and an ipAddress.")
            }
            return KeyValue(key: host, value: address)
        }
        dnsServers = shape.dnsServers ?? []
        dnsSearchDomains = shape.dnsSearchDomains ?? []
        dockerLabels = (shape.dockerLabels ?? [:]).sorted { $0.key < $1.key }.map { KeyValue(key: $0, value: $1) }
        versionConsistency = shape.versionConsistency
    }

    /// The tag form is limited to 255 characters; a digest is `sha256:` and 64 hexadecimal digits.
    private static func check(image: String) throws(ValidationFault) {
        let parts = image.split(separator: "@", omittingEmptySubsequences: false)
        let digest = parts.count == 2 ? parts[1] : nil
        let isDigest =
            digest.map { $0.hasPrefix("sha256:") && $0.utf8.count == 71 && $0.dropFirst(7).allSatisfy(\.isHexDigit) }
            ?? true
        let isClean = image.utf8.allSatisfy { $0 > 32 && $0 < 127 }
        guard parts.count <= 2, isDigest, isClean, !parts[0].isEmpty, parts[0].utf8.count <= 255 else {
            throw .client("Container.image contains invalid characters or is too long: '\(image.prefix(300))'.")
        }
    }
}
