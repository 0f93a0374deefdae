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
    private static let initPath = "/dev/berth-init"

    var container: RuntimeContainer
    var image: ImageConfig
    var users: UserLookup
    var host: HostFacts
    /// The parent of this container's cgroup, absolute in each hierarchy.
    var taskCgroup: String

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
                rlimits: try resourceLimits(), noNewPrivileges: !isPrivileged),
            root: .init(readonly: definition.readonlyRootFilesystem ?? false),
            hostname: container.hostname ?? definition.hostname,
            mounts: try mounts(),
            annotations: ["io.containerd.runc.v2.group": container.task],
            linux: linux(capabilities: capabilities))
    }

    private var isPrivileged: Bool { container.definition.privileged ?? false }

    private func nonEmpty(_ text: String?) -> String? { text.flatMap { $0.isEmpty ? nil : $0 } }

    private func refuseWhatManagedCapacityForbids() throws(Failure) {
        guard container.isManaged else { return }
        if isPrivileged { throw .invalid("privileged is not supported on managed capacity") }
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
        guard definition.initProcessEnabled ?? false else { return words }
        guard host.initProgram != nil else { throw .invalid("initProcessEnabled: this host has no init program") }
        return [Self.initPath] + words
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
        let sharedMemory = definition.sharedMemorySize.map { "\($0)m" } ?? "65536k"
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
                destination: "/dev/shm", type: "tmpfs", source: "shm",
                options: ["nosuid", "noexec", "nodev", "mode=1777", "size=\(sharedMemory)"]),
            .init(
                destination: "/dev/mqueue", type: "mqueue", source: "mqueue", options: ["nosuid", "noexec", "nodev"]),
            .init(
                destination: "/sys", type: "sysfs", source: "sysfs", options: ["nosuid", "noexec", "nodev", system]),
            .init(
                destination: "/sys/fs/cgroup", type: "cgroup", source: "cgroup",
                options: ["nosuid", "noexec", "nodev", "relatime", system]),
        ]
        for mount in definition.tmpfs {
            mounts.append(
                .init(
                    destination: mount.containerPath, type: "tmpfs", source: "tmpfs",
                    options: (mount.options.isEmpty ? ["nosuid", "nodev", "noexec"] : mount.options)
                        + ["size=\(mount.size)m"]))
        }
        for mount in container.mounts {
            mounts.append(
                .init(
                    destination: mount.destination, type: "bind", source: mount.source,
                    options: ["rbind", "rprivate", mount.readOnly ? "ro" : "rw"]))
        }
        if definition.initProcessEnabled ?? false, let program = host.initProgram {
            mounts.append(
                .init(destination: Self.initPath, type: "bind", source: program, options: ["bind", "ro", "rprivate"]))
        }
        return mounts
    }

    private func linux(capabilities: [String]) -> OCISpec.Linux {
        let definition = container.definition
        var namespaces = ["pid", "ipc", "uts", "mount"].map { OCISpec.Namespace(type: $0) }
        if let path = container.networkNamespace { namespaces.append(.init(type: "network", path: path)) }
        var settings: [String: String] = [:]
        for control in definition.systemControls { settings[control.key] = control.value }
        return OCISpec.Linux(
            namespaces: namespaces, cgroupsPath: taskCgroup + "/" + container.id, resources: resources(),
            devices: isPrivileged ? host.devices : [],
            seccomp: isPrivileged ? nil : SeccompProfile.profile(capabilities: capabilities),
            maskedPaths: isPrivileged ? [] : Self.maskedPaths,
            readonlyPaths: isPrivileged ? [] : Self.readonlyPaths, sysctl: settings)
    }

    /// Memory and swap have one limit: a container does not swap. ECS turns 0 CPU units into 2 shares.
    private func resources() -> OCISpec.Resources {
        let definition = container.definition
        var memory: OCISpec.Memory?
        if definition.memory != nil || definition.memoryReservation != nil {
            memory = .init(
                limit: definition.memory?.bytes, reservation: definition.memoryReservation?.bytes,
                swap: definition.memory?.bytes)
        }
        let deny = OCISpec.DeviceRule(allow: isPrivileged, access: "rwm")
        return OCISpec.Resources(
            devices: [deny], memory: memory, cpu: .init(shares: UInt64(min(max(2, definition.cpu.value), 262_144))))
    }

    /// - Source: Docker's default, also containerd's.
    private static let maskedPaths = [
        "/proc/acpi", "/proc/asound", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/timer_list",
        "/proc/timer_stats", "/proc/sched_debug", "/proc/scsi", "/sys/firmware", "/sys/devices/virtual/powercap",
    ]
    private static let readonlyPaths = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"]
}
