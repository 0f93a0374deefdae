import Domain
import ECSShapes

extension ContainerDefinition {
    private static let ulimitNames: Set<String> = [
        "core", "cpu", "data", "fsize", "locks", "memlock", "msgqueue", "nice", "nofile", "nproc", "rss", "rtprio",
        "rttime", "sigpending", "stack",
    ]
    /// Kernel settings that live in the container's own IPC namespace.
    private static let ipcControls: Set<String> = [
        "kernel.msgmax", "kernel.msgmnb", "kernel.msgmni", "kernel.sem", "kernel.shmall", "kernel.shmmax",
        "kernel.shmmni", "kernel.shm_rmid_forced",
    ]

    /// Limits, capabilities, mounts made by the kernel, and privileges.
    mutating func readKernelSettings(
        _ shape: ECSShapes.ContainerDefinition, mode: NetworkMode
    ) throws(ValidationFault) {
        ulimits = try (shape.ulimits ?? []).map { limit throws(ValidationFault) in try Self.ulimit(limit, of: name) }
        try readLinuxParameters(shape.linuxParameters ?? ECSShapes.LinuxParameters())
        readonlyRootFilesystem = shape.readonlyRootFilesystem
        privileged = shape.privileged
        pseudoTerminal = shape.pseudoTerminal
        interactive = shape.interactive
        systemControls = try (shape.systemControls ?? []).map { control throws(ValidationFault) in
            try Self.systemControl(control, of: name, mode: mode)
        }
        dockerSecurityOptions = try (shape.dockerSecurityOptions ?? []).map { option throws(ValidationFault) in
            let known = ["no-new-privileges", "no-new-privileges:true", "no-new-privileges:false"]
            let prefixes = ["apparmor:", "label:", "credentialspec:"]
            guard known.contains(option) || prefixes.contains(where: { option.hasPrefix($0) && option != $0 }) else {
                throw .client(
                    "Invalid 'dockerSecurityOptions' setting for container '\(name)': '\(option.prefix(100))'. Valid "
                        + "values are [no-new-privileges, apparmor:PROFILE, label:VALUE, credentialspec:FILE].")
            }
            return option
        }
    }

    private static func ulimit(_ shape: ECSShapes.Ulimit, of name: String) throws(ValidationFault) -> Ulimit {
        guard let kind = shape.name, ulimitNames.contains(kind), let soft = shape.softLimit, let hard = shape.hardLimit,
            soft >= -1, hard >= -1
        else {
            throw .client(
                "Invalid 'ulimits' setting for container '\(name)': '\(shape.name ?? "")' needs a known name, a softLimit "
                    + "and a hardLimit.")
        }
        // -1 is without limit.
        guard hard == -1 || (soft != -1 && soft <= hard) else {
            throw .client(
                "Soft limit exceeds hard limit for ulimit \(kind) of container '\(name)': \(soft) and \(hard).")
        }
        return Ulimit(name: kind, soft: soft, hard: hard)
    }

    private mutating func readLinuxParameters(_ linux: ECSShapes.LinuxParameters) throws(ValidationFault) {
        addCapabilities = try Self.capabilities(linux.capabilities?.add ?? [], of: name)
        dropCapabilities = try Self.capabilities(linux.capabilities?.drop ?? [], of: name)
        tmpfs = try (linux.tmpfs ?? []).map { mount throws(ValidationFault) in try Self.tmpfs(mount, of: name) }
        devices = try (linux.devices ?? []).map { device throws(ValidationFault) in
            guard let path = device.hostPath, path.hasPrefix("/"), device.containerPath?.hasPrefix("/") ?? true else {
                throw .client(
                    "Invalid 'devices' setting for container '\(name)': an absolute hostPath is needed, and an absolute "
                        + "containerPath or none.")
            }
            return DeviceMapping(
                hostPath: path, containerPath: device.containerPath,
                permissions: (device.permissions ?? []).compactMap(DeviceMapping.Permission.init(rawValue:)))
        }
        sharedMemorySize = try Self.checked(linux.sharedMemorySize, "sharedMemorySize", 1...1_048_576, of: name)
        maxSwap = try Self.checked(linux.maxSwap, "maxSwap", 0...67_108_864, of: name)
        swappiness = try Self.checked(linux.swappiness, "swappiness", 0...100, of: name)
        if maxSwap != nil, memory == nil {
            throw .client("Invalid 'maxSwap' setting for container '\(name)': it needs a 'memory' setting.")
        }
        initProcessEnabled = linux.initProcessEnabled
    }

    private static func tmpfs(_ shape: ECSShapes.Tmpfs, of name: String) throws(ValidationFault) -> TmpfsMount {
        guard let path = shape.containerPath, path.hasPrefix("/"), let size = shape.size, (1...1_048_576).contains(size)
        else {
            throw .client(
                "Invalid 'tmpfs' setting for container '\(name)': an absolute containerPath and a size in MiB above 0 "
                    + "are needed.")
        }
        let options = shape.mountOptions ?? []
        for option in options {
            let word = String(option.prefix { $0 != "=" })
            guard (option == word ? tmpfsFlags : tmpfsValues).contains(word) else {
                throw .client(
                    "Invalid 'mountOptions' setting for tmpfs of container '\(name)': '\(option.prefix(100))'.")
            }
        }
        return TmpfsMount(containerPath: path, size: size, options: options)
    }

    private static func systemControl(
        _ shape: ECSShapes.SystemControl, of name: String, mode: NetworkMode
    ) throws(ValidationFault) -> KeyValue {
        let key = shape.namespace ?? ""
        let isNet = key.hasPrefix("net.")
        if isNet, mode == .host {
            throw .client(
                "Invalid 'systemControls' setting for container '\(name)': '\(key)' is not supported when "
                    + "networkMode=host.")
        }
        guard let value = shape.value, isNet || ipcControls.contains(key) || key.hasPrefix("fs.mqueue.") else {
            throw .client(
                "Invalid 'systemControls' setting for container '\(name)': '\(key.prefix(100))' has no value or is not "
                    + "a setting that a container has for itself.")
        }
        return KeyValue(key: key, value: value)
    }

    private static func capabilities(_ names: [String], of container: String) throws(ValidationFault) -> [String] {
        for name in names where !knownCapabilities.contains(name) {
            throw .client("Invalid 'capabilities' setting for container '\(container)': '\(name.prefix(100))'.")
        }
        return names
    }

    private static let knownCapabilities: Set<String> = [
        "ALL", "AUDIT_CONTROL", "AUDIT_WRITE", "BLOCK_SUSPEND", "CHOWN", "DAC_OVERRIDE", "DAC_READ_SEARCH", "FOWNER",
        "FSETID", "IPC_LOCK", "IPC_OWNER", "KILL", "LEASE", "LINUX_IMMUTABLE", "MAC_ADMIN", "MAC_OVERRIDE", "MKNOD",
        "NET_ADMIN", "NET_BIND_SERVICE", "NET_BROADCAST", "NET_RAW", "SETFCAP", "SETGID", "SETPCAP", "SETUID",
        "SYS_ADMIN", "SYS_BOOT", "SYS_CHROOT", "SYS_MODULE", "SYS_NICE", "SYS_PACCT", "SYS_PTRACE", "SYS_RAWIO",
        "SYS_RESOURCE", "SYS_TIME", "SYS_TTY_CONFIG", "SYSLOG", "WAKE_ALARM",
    ]

    /// - Source: Amazon ECS API Reference, Tmpfs.mountOptions
    private static let tmpfsFlags: Set<String> = [
        "defaults", "ro", "rw", "suid", "nosuid", "dev", "nodev", "exec", "noexec", "sync", "async", "dirsync",
        "remount", "mand", "nomand", "atime", "noatime", "diratime", "nodiratime", "bind", "rbind", "unbindable",
        "runbindable", "private", "rprivate", "shared", "rshared", "slave", "rslave", "relatime", "norelatime",
        "strictatime", "nostrictatime",
    ]
    private static let tmpfsValues: Set<String> = ["mode", "uid", "gid", "nr_inodes", "nr_blocks", "mpol"]
}
