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
        ulimits = try (shape.ulimits ?? []).map { limit throws(ValidationFault) in
            guard let kind = limit.name, Self.ulimitNames.contains(kind), let soft = limit.softLimit,
                let hard = limit.hardLimit, soft <= hard || hard == -1, soft >= -1
            else {
                throw .client(
                    "Invalid ulimit '\(limit.name ?? "")' for container '\(name)': it needs a known name and a "
                        + "softLimit that is not above its hardLimit.")
            }
            return Ulimit(name: kind, soft: soft, hard: hard)
        }
        let linux = shape.linuxParameters
        addCapabilities = try Self.capabilities(linux?.capabilities?.add ?? [], of: name)
        dropCapabilities = try Self.capabilities(linux?.capabilities?.drop ?? [], of: name)
        tmpfs = try (linux?.tmpfs ?? []).map { mount throws(ValidationFault) in
            guard let path = mount.containerPath, path.hasPrefix("/"), let size = mount.size,
                (1...1_048_576).contains(size)
            else {
                throw .client("tmpfs of container '\(name)' needs an absolute containerPath and a size in MiB above 0.")
            }
            return TmpfsMount(containerPath: path, size: size, options: mount.mountOptions ?? [])
        }
        if let size = linux?.sharedMemorySize {
            guard (1...1_048_576).contains(size) else {
                throw .client("Invalid 'sharedMemorySize' setting for container '\(name)': \(size).")
            }
            sharedMemorySize = size
        }
        initProcessEnabled = linux?.initProcessEnabled
        readonlyRootFilesystem = shape.readonlyRootFilesystem
        privileged = shape.privileged
        pseudoTerminal = shape.pseudoTerminal
        interactive = shape.interactive
        systemControls = try (shape.systemControls ?? []).map { control throws(ValidationFault) in
            let key = control.namespace ?? ""
            let isNet = key.hasPrefix("net.") && mode != .host
            guard let value = control.value, isNet || Self.ipcControls.contains(key) || key.hasPrefix("fs.mqueue.")
            else {
                throw .client(
                    "systemControls namespace '\(key)' of container '\(name)' is not supported with network mode "
                        + "\(mode.rawValue), or has no value.")
            }
            return KeyValue(key: key, value: value)
        }
    }

    private static func capabilities(_ names: [String], of container: String) throws(ValidationFault) -> [String] {
        for name in names where !knownCapabilities.contains(name) {
            throw .client("Unknown capability '\(name.prefix(100))' for container '\(container)'.")
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
}
