import Domain
import Foundation
import Glibc
import TaskRuntime

/// The cgroup trees of this host: one per v1 controller, or the single v2 tree.
struct Cgroups: Sendable {
    /// The length of a scheduling period in microseconds: the kernel's default.
    private static let period = 100_000

    /// Mount points by v1 controller, named hierarchies and the hybrid v2 tree included.
    var v1: [String: String]
    /// The v2 tree when it is the host's only one.
    var v2: String?

    /// Reads what is mounted here.
    static func current() -> Cgroups {
        let mounts = (try? String(contentsOfFile: "/proc/self/mounts", encoding: .utf8)) ?? ""
        return Cgroups(mounts: mounts)
    }

    /// From the text of `/proc/self/mounts`.
    init(mounts: String) {
        v1 = [:]
        for line in mounts.split(separator: "\n") {
            let fields = line.split(separator: " ").map(String.init)
            guard fields.count > 3 else { continue }
            if fields[2] == "cgroup2" {
                if fields[1] == "/sys/fs/cgroup" { v2 = fields[1] } else { v1["unified"] = fields[1] }
            }
            guard fields[2] == "cgroup" else { continue }
            for option in fields[3].split(separator: ",") where Self.controllers.contains(String(option)) {
                v1[String(option)] = fields[1]
            }
            if fields[3].contains("name=systemd") { v1["systemd"] = fields[1] }
        }
    }

    private static let controllers: Set<String> = [
        "cpu", "cpuacct", "cpuset", "memory", "devices", "freezer", "blkio", "pids", "net_cls", "net_prio",
        "perf_event", "hugetlb", "rdma", "misc",
    ]

    /// Every tree's root, sorted.
    var roots: [String] { v2.map { [$0] } ?? Set(v1.values).sorted() }

    /// Makes `path` with a hard limit on processor time and memory. Repeating it sets the limits again.
    func prepare(_ path: String, limits: TaskLimits) throws(Failure) {
        if let v2 {
            try makeUnified(path, below: v2)
            try write(limits.cpu.map { "\(quota($0)) \(Self.period)" } ?? "max", v2 + path + "/cpu.max")
            try write(limits.memory.map { "\($0.bytes)" } ?? "max", v2 + path + "/memory.max")
            if limits.memory != nil { try? write("\(limits.swap?.bytes ?? 0)", v2 + path + "/memory.swap.max") }
            return
        }
        if let cpu = v1["cpu"] {
            try make(cpu + path)
            try write(limits.cpu.map { "\(quota($0))" } ?? "-1", cpu + path + "/cpu.cfs_quota_us")
        }
        if let memory = v1["memory"] {
            try make(memory + path)
            try setMemory(limits.memory?.bytes, swap: limits.swap?.bytes ?? 0, memory + path)
        }
    }

    /// The memory-and-swap limit may never be below the memory limit, whichever way both move.
    private func setMemory(_ bytes: Int64?, swap: Int64, _ directory: String) throws(Failure) {
        let both = directory + "/memory.memsw.limit_in_bytes"
        let hasSwap = access(both, F_OK) == 0
        if hasSwap { try? write("-1", both) }
        try write("\(bytes ?? -1)", directory + "/memory.limit_in_bytes")
        if hasSwap, let bytes { try write("\(bytes.addingReportingOverflow(swap).partialValue)", both) }
    }

    private func quota(_ cpu: CPUUnits) -> Int { max(1000, min(cpu.value, 1 << 30) * Self.period / 1024) }

    private func makeUnified(_ path: String, below root: String) throws(Failure) {
        var directory = root
        for part in path.split(separator: "/") {
            for controller in ["cpu", "memory", "pids", "cpuset", "io"] {
                try? write("+\(controller)", directory + "/cgroup.subtree_control")
            }
            directory += "/" + part
            try make(directory)
        }
        for controller in ["cpu", "memory", "pids", "cpuset", "io"] {
            try? write("+\(controller)", directory + "/cgroup.subtree_control")
        }
    }

    /// Puts a process into `path` of every tree, so that it shares no limit with whoever started it.
    func place(_ pid: Int32, in path: String) {
        for root in roots {
            guard (try? make(root + path)) != nil else { continue }
            for file in ["cpuset.cpus", "cpuset.mems"] {
                let parents = path.split(separator: "/")
                var directory = root
                for part in parents {
                    let inherited = try? String(contentsOfFile: directory + "/" + file, encoding: .utf8)
                    directory += "/" + part
                    if let inherited, v2 == nil { try? write(inherited, directory + "/" + file) }
                }
            }
            try? write("\(pid)", root + path + "/cgroup.procs")
        }
    }

    /// Removes `path` and what is below it from every tree. What still holds a process stays.
    ///
    /// - Throws: `.failed` when something stays.
    func remove(_ path: String) throws(Failure) {
        for root in roots { try removeTree(root + path) }
    }

    private func removeTree(_ directory: String) throws(Failure) {
        guard access(directory, F_OK) == 0 else { return }
        let names = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
        for name in names {
            var status = stat()
            if lstat(directory + "/" + name, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
                try removeTree(directory + "/" + name)
            }
        }
        if rmdir(directory) != 0, errno != ENOENT { throw .failed("\(directory): \(describe(errno))") }
    }

    /// The names of what is directly below `path`, in any tree.
    func children(of path: String) -> Set<String> {
        var found: Set<String> = []
        for root in roots {
            for name in (try? FileManager.default.contentsOfDirectory(atPath: root + path)) ?? [] {
                var status = stat()
                if lstat(root + path + "/" + name, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
                    found.insert(name)
                }
            }
        }
        return found
    }

    /// The processes in `path` and below it, in any tree.
    func members(of path: String) -> Set<Int32> {
        var found: Set<Int32> = []
        for root in roots {
            let below = FileManager.default.enumerator(atPath: root + path)?.compactMap { $0 as? String } ?? []
            for file in below where file == "cgroup.procs" || file.hasSuffix("/cgroup.procs") {
                let text = (try? String(contentsOfFile: root + path + "/" + file, encoding: .utf8)) ?? ""
                found.formUnion(text.split(separator: "\n").compactMap { Int32($0) })
            }
        }
        return found.filter { $0 > 1 && $0 != getpid() }
    }

    /// Processor time and memory of one container.
    func statistics(of path: String) throws(Failure) -> ContainerStatistics {
        if let v2 {
            let used = try field("usage_usec", v2 + path + "/cpu.stat")
            let memory = try number(v2 + path + "/memory.current")
            let cache = (try? field("inactive_file", v2 + path + "/memory.stat")) ?? 0
            return .init(cpuNanoseconds: used &* 1000, memoryBytes: memory - min(memory, cache))
        }
        guard let cpu = v1["cpuacct"], let memory = v1["memory"] else { throw .failed("no cgroup controllers") }
        let used = try number(cpu + path + "/cpuacct.usage")
        let bytes = try number(memory + path + "/memory.usage_in_bytes")
        let cache = (try? field("total_inactive_file", memory + path + "/memory.stat")) ?? 0
        return .init(cpuNanoseconds: used, memoryBytes: bytes - min(bytes, cache))
    }

    /// Processes of one container that the kernel killed for memory; 0 also where the cgroup is gone.
    func outOfMemoryKills(in path: String) -> UInt64 {
        let file = v2.map { $0 + path + "/memory.events" } ?? v1["memory"].map { $0 + path + "/memory.oom_control" }
        guard let file else { return 0 }
        return (try? field("oom_kill", file)) ?? 0
    }

    private func make(_ directory: String) throws(Failure) {
        do {
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        } catch {
            throw .failed("\(directory): \(error)")
        }
    }

    private func write(_ text: String, _ path: String) throws(Failure) {
        let file = open(path, O_WRONLY | O_CLOEXEC)
        guard file >= 0 else { throw .failed("\(path): \(describe(errno))") }
        defer { close(file) }
        let written = Array(text.utf8).withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
        if written < 0 { throw .failed("\(path): \(describe(errno))") }
    }

    private func text(_ path: String) throws(Failure) -> String {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { throw .notFound(path) }
        return text
    }

    private func number(_ path: String) throws(Failure) -> UInt64 {
        UInt64(try text(path).trimmingCharacters(in: .whitespacesAndNewlines)) ?? 0
    }

    private func field(_ name: String, _ path: String) throws(Failure) -> UInt64 {
        for line in try text(path).split(separator: "\n") where line.hasPrefix(name + " ") {
            return UInt64(line.dropFirst(name.count + 1)) ?? 0
        }
        return 0
    }
}

/// The C library's words for an error number.
func describe(_ code: Int32) -> String { String(cString: strerror(code)) }
