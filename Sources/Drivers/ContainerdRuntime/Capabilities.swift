import TaskRuntime

/// Which Linux capabilities a container has.
enum Capabilities {
    /// Docker's default set.
    static let standard = [
        "CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FSETID", "CAP_FOWNER", "CAP_MKNOD", "CAP_NET_RAW", "CAP_SETGID",
        "CAP_SETUID", "CAP_SETFCAP", "CAP_SETPCAP", "CAP_NET_BIND_SERVICE", "CAP_SYS_CHROOT", "CAP_KILL",
        "CAP_AUDIT_WRITE",
    ]

    /// The kernel's, in the order of their numbers.
    static let all = [
        "CHOWN", "DAC_OVERRIDE", "DAC_READ_SEARCH", "FOWNER", "FSETID", "KILL", "SETGID", "SETUID", "SETPCAP",
        "LINUX_IMMUTABLE", "NET_BIND_SERVICE", "NET_BROADCAST", "NET_ADMIN", "NET_RAW", "IPC_LOCK", "IPC_OWNER",
        "SYS_MODULE", "SYS_RAWIO", "SYS_CHROOT", "SYS_PTRACE", "SYS_PACCT", "SYS_ADMIN", "SYS_BOOT", "SYS_NICE",
        "SYS_RESOURCE", "SYS_TIME", "SYS_TTY_CONFIG", "MKNOD", "LEASE", "AUDIT_WRITE", "AUDIT_CONTROL", "SETFCAP",
        "MAC_OVERRIDE", "MAC_ADMIN", "SYSLOG", "WAKE_ALARM", "BLOCK_SUSPEND", "AUDIT_READ", "PERFMON", "BPF",
        "CHECKPOINT_RESTORE",
    ].map { "CAP_" + $0 }

    /// What managed capacity lets a task definition add.
    static let managedAdditions: Set<String> = ["CAP_SYS_PTRACE"]

    /// The set after additions and removals (`NET_ADMIN`, `CAP_NET_ADMIN` or `ALL`).
    ///
    /// - Parameter host: what this process may give away, as a bit mask by capability number.
    /// - Throws: `.invalid` for a name the kernel does not know.
    static func resolve(add: [String], drop: [String], privileged: Bool, host: UInt64) throws(Failure) -> [String] {
        let available = all.enumerated().filter { host >> UInt64($0.offset) & 1 == 1 }.map(\.element)
        if privileged { return available }
        let additions = try add.map(name)
        let removals = try drop.map(name)
        var chosen = Set(standard)
        if removals.contains("CAP_ALL") { chosen = [] }
        if additions.contains("CAP_ALL") { chosen = Set(available) }
        chosen.formUnion(additions.filter { $0 != "CAP_ALL" })
        chosen.subtract(removals)
        return all.filter { chosen.contains($0) && available.contains($0) }
    }

    private static func name(_ text: String) throws(Failure) -> String {
        let upper = text.uppercased()
        let full = upper.hasPrefix("CAP_") ? upper : "CAP_" + upper
        guard full == "CAP_ALL" || all.contains(full) else { throw .invalid("unknown capability \(text)") }
        return full
    }
}
