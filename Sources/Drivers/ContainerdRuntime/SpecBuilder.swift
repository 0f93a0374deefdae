import Domain
import Foundation
import TaskRuntime

/// What of this host a container's specification depends on.
struct HostFacts: Sendable {
    /// Capabilities that this process may give away, as a bit mask by number.
    var capabilities: UInt64
    /// Most open files a process here may be allowed.
    var openFilesLimit: UInt64
    /// Nodes below `/dev`, for privileged containers.
    var devices: [OCISpec.Device]
    /// The program that is both logger and `init`; nil when it cannot run inside a container.
    var initProgram: String?

    /// What the owner of this host should know about open files; nil when managed capacity gets what it expects.
    var openFilesNotice: String? {
        guard openFilesLimit < SpecBuilder.managedOpenFiles else { return nil }
        return "tasks on managed capacity get \(openFilesLimit) open files instead of \(SpecBuilder.managedOpenFiles): "
            + "this host's hard limit is lower"
    }
}

/// Turns a container of the port into the OCI specification that runc gets.
struct SpecBuilder {
    /// Fargate's default of open files.
    /// - Source: Amazon ECS API Reference, Ulimit
    static let managedOpenFiles: UInt64 = 65_535
    private static let defaultPath = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    static let initPath = "/dev/berth-init"

    var container: RuntimeContainer
    var image: ImageConfig
    var users: UserLookup
    var host: HostFacts
    /// The parent of this container's cgroup, absolute in each hierarchy.
    var taskCgroup: String
    /// What the task's containers share; nil when the container shares nothing.
    var shared: SharedNamespaces?
    /// The host's devices that the definition names, in its order.
    var devices: [OCISpec.Device] = []

    /// - Throws: `.invalid` when the definition asks for what cannot be.
    func spec() throws(Failure) -> OCISpec {
        try refuseWhatManagedCapacityForbids()
        let definition = container.definition
        let capabilities = try Capabilities.resolve(
            add: definition.addCapabilities, drop: definition.dropCapabilities, privileged: isPrivileged,
            host: host.capabilities)
        return OCISpec(
            process: OCISpec.Process(
                terminal: definition.pseudoTerminal ?? false,
                user: try users.resolve(definition.user ?? image.config?.User ?? ""),
                args: try arguments(), env: environment(),
                cwd: nonEmpty(definition.workingDirectory) ?? nonEmpty(image.config?.WorkingDir) ?? "/",
                capabilities: .init(bounding: capabilities, effective: capabilities, permitted: capabilities),
                rlimits: try resourceLimits(), noNewPrivileges: refusesNewPrivileges),
            root: .init(readonly: definition.readonlyRootFilesystem ?? false),
            hostname: container.hostname ?? definition.hostname,
            mounts: try mounts(),
            annotations: ["io.containerd.runc.v2.group": container.task],
            linux: linux(capabilities: capabilities))
    }

    private var isPrivileged: Bool { container.definition.privileged ?? false }

    /// Setuid programs give privileges only where the definition says so; a privileged container has them all.
    private var refusesNewPrivileges: Bool {
        let options = container.definition.dockerSecurityOptions
        if options.contains("no-new-privileges:false") { return false }
        return !isPrivileged || options.contains { ["no-new-privileges", "no-new-privileges:true"].contains($0) }
    }

    private func nonEmpty(_ text: String?) -> String? { text.flatMap { $0.isEmpty ? nil : $0 } }

    private func refuseWhatManagedCapacityForbids() throws(Failure) {
        guard container.isManaged else { return }
        if isPrivileged { throw .invalid("privileged is not supported on managed capacity") }
        if container.pidMode == .host { throw .invalid("pidMode host is not supported on managed capacity") }
        if container.ipcMode == .host { throw .invalid("ipcMode host is not supported on managed capacity") }
        if !devices.isEmpty { throw .invalid("devices are not supported on managed capacity") }
        for name in container.definition.addCapabilities {
            let full = name.hasPrefix("CAP_") ? name : "CAP_" + name
            if !Capabilities.managedAdditions.contains(full) {
                throw .invalid("capability \(name) may not be added on managed capacity")
            }
        }
    }

    /// An entry point of the definition drops the image's command, as Docker does.
    func arguments() throws(Failure) -> [String] {
        let definition = container.definition
        let entryPoint = definition.entryPoint ?? image.config?.Entrypoint ?? []
        let command = definition.command ?? (definition.entryPoint == nil ? image.config?.Cmd : nil) ?? []
        let words = entryPoint + command
        if words.isEmpty { throw .invalid("no command specified") }
        guard needsInitProgram else { return words }
        guard host.initProgram != nil else {
            throw .invalid("initProcessEnabled and interactive: this host has no init program")
        }
        let reaper = definition.initProcessEnabled ?? false ? [Self.initPath, "reap"] : []
        return (needsOpenInput ? [Self.initPath, "open-input"] : []) + reaper + words
    }

    private var needsInitProgram: Bool { container.definition.initProcessEnabled ?? false || needsOpenInput }

    /// Standard input that never ends, though nobody writes to it. A terminal is like that by itself.
    private var needsOpenInput: Bool {
        container.definition.interactive ?? false && !(container.definition.pseudoTerminal ?? false)
    }

    /// Later wins: defaults, the image, Berth, the definition.
    func environment() -> [String] {
        var order: [String] = []
        var values: [String: String] = [:]
        func put(_ name: String, _ value: String) {
            if values.updateValue(value, forKey: name) == nil { order.append(name) }
        }
        func put(_ pair: String) {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            put(String(parts.first ?? ""), parts.count > 1 ? String(parts[1]) : "")
        }
        put(Self.defaultPath)
        if let hostname = container.hostname ?? container.definition.hostname { put("HOSTNAME", hostname) }
        if container.definition.pseudoTerminal ?? false { put("TERM", "xterm") }
        image.config?.Env?.forEach { put($0) }
        container.environment.forEach { put($0.key, $0.value) }
        container.definition.environment.forEach { put($0.key, $0.value) }
        return order.map { "\($0)=\(values[$0] ?? "")" }
    }

    private func resourceLimits() throws(Failure) -> [OCISpec.Rlimit] {
        var limits: [OCISpec.Rlimit] = []
        for limit in container.definition.ulimits {
            let hard = limit.hard < 0 ? UInt64.max : UInt64(limit.hard)
            let soft = limit.soft < 0 ? UInt64.max : UInt64(limit.soft)
            limits.append(.init(type: "RLIMIT_\(limit.name.uppercased())", soft: soft, hard: hard))
        }
        if container.isManaged, !limits.contains(where: { $0.type == "RLIMIT_NOFILE" }) {
            let files = min(Self.managedOpenFiles, host.openFilesLimit)
            limits.append(.init(type: "RLIMIT_NOFILE", soft: files, hard: files))
        }
        return limits
    }

    private func mounts() throws(Failure) -> [OCISpec.Mount] {
        let definition = container.definition
        let system = isPrivileged ? "rw" : "ro"
        var mounts: [OCISpec.Mount] = [
            .init(destination: "/proc", type: "proc", source: "proc", options: ["nosuid", "noexec", "nodev"]),
            .init(
                destination: "/dev", type: "tmpfs", source: "tmpfs",
                options: ["nosuid", "strictatime", "mode=755", "size=65536k"]),
            .init(
                destination: "/dev/pts", type: "devpts", source: "devpts",
                options: ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"]),
            .init(
                destination: "/dev/mqueue", type: "mqueue", source: "mqueue", options: ["nosuid", "noexec", "nodev"]),
            .init(
                destination: "/sys", type: "sysfs", source: "sysfs", options: ["nosuid", "noexec", "nodev", system]),
            .init(
                destination: "/sys/fs/cgroup", type: "cgroup", source: "cgroup",
                options: ["nosuid", "noexec", "nodev", "relatime", system]),
        ]
        mounts += try sharedMemory()
        for mount in definition.tmpfs {
            let options = mount.options.filter { $0 != "defaults" }
            mounts.append(
                .init(
                    destination: mount.containerPath, type: "tmpfs", source: "tmpfs",
                    options: (options.isEmpty ? ["nosuid", "nodev", "noexec"] : options) + ["size=\(mount.size)m"]))
        }
        for mount in container.mounts {
            mounts.append(
                .init(
                    destination: mount.destination, type: "bind", source: mount.source,
                    options: ["rbind", "rprivate", mount.readOnly ? "ro" : "rw"]))
        }
        if needsInitProgram || container.isHolder, let program = host.initProgram {
            mounts.append(
                .init(destination: Self.initPath, type: "bind", source: program, options: ["bind", "ro", "rprivate"]))
        }
        return mounts
    }

    /// `/dev/shm`, which belongs to the IPC namespace.
    private func sharedMemory() throws(Failure) -> [OCISpec.Mount] {
        let size = container.definition.sharedMemorySize.map { "\($0)m" } ?? "65536k"
        switch container.ipcMode {
        case nil:
            return [
                .init(
                    destination: "/dev/shm", type: "tmpfs", source: "shm",
                    options: ["nosuid", "noexec", "nodev", "mode=1777", "size=\(size)"])
            ]
        case .some(.none): return []
        case .host: return [Self.bind("/dev/shm")]
        case .task:
            guard let shared else { throw .failed("the task's shared memory is not there") }
            return [Self.bind(shared.memoryDirectory)]
        }
    }

    private static func bind(_ source: String) -> OCISpec.Mount {
        .init(destination: "/dev/shm", type: "bind", source: source, options: ["rbind", "rprivate", "rw"])
    }

    private func namespaces() -> [OCISpec.Namespace] {
        var namespaces = [OCISpec.Namespace(type: "uts"), OCISpec.Namespace(type: "mount")]
        switch container.pidMode {
        case .host: break
        case .task: namespaces.append(.init(type: "pid", path: shared?.path(of: "pid")))
        case nil: namespaces.append(.init(type: "pid"))
        }
        switch container.ipcMode {
        case .host: break
        case .task: namespaces.append(.init(type: "ipc", path: shared?.path(of: "ipc")))
        case nil, .some(.none): namespaces.append(.init(type: "ipc"))
        }
        return namespaces
    }

    private func linux(capabilities: [String]) -> OCISpec.Linux {
        let definition = container.definition
        var namespaces = namespaces()
        if let path = container.networkNamespace { namespaces.append(.init(type: "network", path: path)) }
        var settings: [String: String] = [:]
        for control in definition.systemControls { settings[control.key] = control.value }
        return OCISpec.Linux(
            namespaces: namespaces, cgroupsPath: taskCgroup + "/" + container.id, resources: resources(),
            devices: (isPrivileged ? host.devices : []) + mappedDevices(),
            seccomp: isPrivileged ? nil : SeccompProfile.profile(capabilities: capabilities),
            maskedPaths: isPrivileged ? [] : Self.maskedPaths,
            readonlyPaths: isPrivileged ? [] : Self.readonlyPaths, sysctl: settings)
    }

    /// The definition's devices under their names in the container.
    private func mappedDevices() -> [OCISpec.Device] {
        zip(container.definition.devices, devices).map { mapping, device in
            var device = device
            device.path = mapping.containerPath ?? mapping.hostPath
            return device
        }
    }

    private func deviceRules() -> [OCISpec.DeviceRule] {
        zip(container.definition.devices, devices).map { mapping, device in
            let letters: [(DeviceMapping.Permission, String)] = [(.read, "r"), (.write, "w"), (.mknod, "m")]
            let asked = letters.filter { mapping.permissions.isEmpty || mapping.permissions.contains($0.0) }
            return OCISpec.DeviceRule(
                allow: true, type: device.type, major: device.major, minor: device.minor,
                access: asked.map(\.1).joined())
        }
    }

    /// Without `maxSwap`, memory and swap have one limit: a container does not swap. ECS turns 0 CPU units into 2 shares.
    private func resources() -> OCISpec.Resources {
        let definition = container.definition
        var memory: OCISpec.Memory?
        if definition.memory != nil || definition.memoryReservation != nil {
            memory = .init(
                limit: definition.memory?.bytes, reservation: definition.memoryReservation?.bytes,
                swap: definition.memory.map { MemoryMiB($0.value + (definition.maxSwap ?? 0)).bytes },
                swappiness: definition.maxSwap == nil ? nil : definition.swappiness.map { UInt64($0) })
        }
        let deny = OCISpec.DeviceRule(allow: isPrivileged, access: "rwm")
        return OCISpec.Resources(
            devices: [deny] + deviceRules(), memory: memory,
            cpu: .init(shares: UInt64(min(max(2, definition.cpu.value), 262_144))))
    }

    /// - Source: Docker's default, also containerd's.
    private static let maskedPaths = [
        "/proc/acpi", "/proc/asound", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/timer_list",
        "/proc/timer_stats", "/proc/sched_debug", "/proc/scsi", "/sys/firmware", "/sys/devices/virtual/powercap",
    ]
    private static let readonlyPaths = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"]
}
