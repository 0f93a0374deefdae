import Domain
import ECSShapes

extension ContainerDefinition {
    /// Bounds that keep every later sum far from overflow and refuse typing mistakes.
    private static let cpuRange = 0...262_144
    private static let memoryRange = 4...67_108_864

    /// Checks one container as far as it can be seen alone.
    ///
    /// - Parameter mode: the task's effective network mode.
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
        try readProcess(shape)
        portMappings = try Self.portMappings(shape.portMappings ?? [], container: name, mode: mode)
        try readVolumes(shape)
        try readNames(shape, mode: mode)
        try readLifecycle(shape)
        try readKernelSettings(shape, mode: mode)
        logConfiguration = try shape.logConfiguration.map { log throws(ValidationFault) in
            try LogConfiguration(validating: log, container: name)
        }
    }

    private mutating func readSizes(_ shape: ECSShapes.ContainerDefinition) throws(ValidationFault) {
        cpu = try Self.units(shape.cpu, of: name) ?? CPUUnits(0)
        memory = try Self.memory(shape.memory, "memory", of: name)
        memoryReservation = try Self.memory(shape.memoryReservation, "memoryReservation", of: name)
        if let memory, let memoryReservation, memory < memoryReservation {
            throw .client(
                "Invalid setting for container '\(name)'. 'memory' must be greater than or equal to "
                    + "'memoryReservation': \(memory.value) and \(memoryReservation.value).")
        }
    }

    static func units(_ value: Int?, of name: String) throws(ValidationFault) -> CPUUnits? {
        guard let value else { return nil }
        guard cpuRange.contains(value) else {
            throw .client("Invalid 'cpu' setting for container '\(name)': \(value).")
        }
        return CPUUnits(value)
    }

    static func memory(_ value: Int?, _ member: String, of name: String) throws(ValidationFault) -> MemoryMiB? {
        guard let value else { return nil }
        guard memoryRange.contains(value) else {
            throw .client("Invalid '\(member)' setting for container '\(name)'.")
        }
        return MemoryMiB(value)
    }

    private mutating func readProcess(_ shape: ECSShapes.ContainerDefinition) throws(ValidationFault) {
        essential = shape.essential ?? true
        command = shape.command?.isEmpty == true ? nil : shape.command
        entryPoint = shape.entryPoint?.isEmpty == true ? nil : shape.entryPoint
        environment = try (shape.environment ?? []).map { pair throws(ValidationFault) in
            guard let key = pair.name, !key.isEmpty else {
                throw .client("Invalid 'environment' setting for container '\(name)': a variable needs a name.")
            }
            return KeyValue(key: key, value: pair.value ?? "")
        }
        if let user = shape.user, !user.isEmpty {
            guard Self.isUser(user) else {
                throw .client(
                    "Invalid 'user' setting for container '\(name)': '\(user.prefix(100))'. It is user, user:group, uid "
                        + "or uid:gid.")
            }
            self.user = user
        }
        workingDirectory = shape.workingDirectory
        versionConsistency = shape.versionConsistency
        dockerLabels = (shape.dockerLabels ?? [:]).sorted { $0.key < $1.key }.map { KeyValue(key: $0, value: $1) }
    }

    /// One or two names or numbers; what is all digits must fit the kernel's 32 bits.
    private static func isUser(_ text: String) -> Bool {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        return parts.count <= 2
            && parts.allSatisfy { part in
                let isNumber = part.utf8.allSatisfy { (48...57).contains($0) }
                let isWord = part.utf8.first != UInt8(ascii: "-") && part.utf8.allSatisfy { $0 > 32 && $0 != 127 }
                return !part.isEmpty && isWord && (!isNumber || UInt32(part) != nil)
            }
    }

    private mutating func readVolumes(_ shape: ECSShapes.ContainerDefinition) throws(ValidationFault) {
        mountPoints = try (shape.mountPoints ?? []).map { point throws(ValidationFault) in
            guard let volume = point.sourceVolume, let path = point.containerPath, path.hasPrefix("/") else {
                throw .client(
                    "Invalid 'mountPoints' setting for container '\(name)': a sourceVolume and an absolute "
                        + "containerPath are needed.")
            }
            var mount = MountPoint(volume: volume, containerPath: path, readOnly: point.readOnly ?? false)
            mount.isReadOnlySaid = point.readOnly != nil
            return mount
        }
        volumesFrom = try (shape.volumesFrom ?? []).map { source throws(ValidationFault) in
            guard let container = source.sourceContainer, !container.isEmpty else {
                throw .client("Invalid 'volumesFrom' setting for container '\(name)': a sourceContainer is needed.")
            }
            return VolumesFrom(container: container, readOnly: source.readOnly ?? false)
        }
        if let double = TaskDefinition.firstDouble(volumesFrom.map(\.container)) {
            throw .client("Invalid 'volumesFrom' setting for container '\(name)': '\(double)' is named twice.")
        }
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
