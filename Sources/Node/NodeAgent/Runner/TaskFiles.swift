import Domain
import Foundation
import Identifiers
import TaskNetwork
import TaskRuntime

/// The files and directories of one task: name resolution and volumes.
struct TaskFiles: Sendable {
    let directory: NodeDirectory

    struct Failure: Error, Hashable, Sendable, CustomStringConvertible {
        var reason: String
        var description: String { reason }
    }

    /// Makes the task's empty volumes; those of the host are checked when a container mounts them.
    func prepare(_ assignment: TaskAssignment) throws {
        let task = assignment.task.id
        for volume in assignment.volumes where volume.sourcePath == nil {
            let path = path(of: volume, task)
            guard volume.docker?.scope == .shared else {
                // Open to whatever user the container runs as, like Docker's own empty volumes.
                try makeDirectory(path, mode: 0o777)
                continue
            }
            guard volume.docker?.autoprovision == true || FileManager.default.fileExists(atPath: path) else {
                throw Failure(
                    reason: "this host has no shared volume named \(volume.name), and autoprovision is not set")
            }
            try makeSharedVolume(path)
        }
        try makeDirectory(directory.work(task), mode: 0o700)
    }

    /// Removes what `prepare` and `mounts` made; logs stay.
    func discard(_ task: String) throws {
        let path = directory.work(task)
        if FileManager.default.fileExists(atPath: path) { try FileManager.default.removeItem(atPath: path) }
    }

    /// Everything the container sees of the host, its files written.
    func mounts(
        for plan: ContainerPlan, of assignment: TaskAssignment, resolver: String
    ) throws -> [BindMount] {
        let definition = plan.assigned.definition
        let task = assignment.task.id
        let files = directory.files(task, definition.name)
        try makeDirectory(files, mode: 0o755)
        let hostname = Self.hostname(plan, assignment)
        let contents = [
            ("resolv.conf", ResolverFile.text(host: resolver, own: plan.attachment?.resolver, definition)),
            ("hosts", Self.hosts(hostname: hostname, plan)),
            ("hostname", "\(hostname)\n"),
        ]
        var mounts: [BindMount] = []
        for (name, text) in contents {
            try Data(text.utf8).write(to: URL(fileURLWithPath: "\(files)/\(name)"))
            mounts.append(BindMount(source: "\(files)/\(name)", destination: "/etc/\(name)"))
        }
        for point in Self.mountPoints(of: definition, in: assignment) { mounts.append(try bind(point, assignment)) }
        return mounts
    }

    /// The container's own, then those of the containers it takes volumes from; the first at a path counts.
    static func mountPoints(of definition: ContainerDefinition, in assignment: TaskAssignment) -> [MountPoint] {
        var points = definition.mountPoints
        // Named again a source brings nothing new, and the look at it may be long.
        var seen: Set<String> = []
        for source in definition.volumesFrom where seen.insert(source.container).inserted {
            guard let other = assignment.containers.first(where: { $0.definition.name == source.container }),
                other.definition.name != definition.name
            else { continue }
            for point in mountPoints(of: other.definition, in: assignment)
            where !points.contains(where: { $0.containerPath == point.containerPath }) {
                points.append(
                    MountPoint(
                        volume: point.volume, containerPath: point.containerPath,
                        readOnly: point.readOnly || source.readOnly))
            }
        }
        return points
    }

    private func path(of volume: VolumeDefinition, _ task: String) -> String {
        volume.docker?.scope == .shared ? directory.sharedVolume(volume.name) : directory.volume(task, volume.name)
    }

    private func bind(_ point: MountPoint, _ assignment: TaskAssignment) throws -> BindMount {
        guard let volume = assignment.volumes.first(where: { $0.name == point.volume }) else {
            throw Failure(reason: "the task has no volume named \(point.volume)")
        }
        if let source = volume.sourcePath {
            // As Docker does for host volumes: a path that is not there becomes a directory.
            if !FileManager.default.fileExists(atPath: source) { try makeDirectory(source, mode: 0o755) }
            return BindMount(source: source, destination: point.containerPath, readOnly: point.readOnly)
        }
        return BindMount(
            source: path(of: volume, assignment.task.id), destination: point.containerPath,
            readOnly: point.readOnly)
    }

    /// Makes a volume that every user may write to; one that is there keeps the rights that somebody gave it.
    ///
    /// It begins with rights that nobody else gives, and that the umask leaves alone: a volume that still has them was not
    /// finished, and is now. Tasks may do this at once.
    private func makeSharedVolume(_ path: String) throws {
        try FileManager.default.createDirectory(
            atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
        guard mkdir(path, Self.unfinished) == 0 || errno == EEXIST else {
            throw DurableFile.Failure(path: path, call: "mkdir", code: errno)
        }
        var status = stat()
        guard stat(path, &status) == 0 else { throw DurableFile.Failure(path: path, call: "stat", code: errno) }
        guard status.st_mode & 0o1777 == Self.unfinished else { return }
        guard chmod(path, 0o777) == 0 else { throw DurableFile.Failure(path: path, call: "chmod", code: errno) }
    }

    /// The sticky bit and nothing else.
    static let unfinished: mode_t = 0o1000

    private func makeDirectory(_ path: String, mode: Int) throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        // Set apart from making it, so that the process's umask has no say.
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
    }

    /// The definition's host name, else the host's own in its network, else one made from the task's address or id.
    static func hostname(_ plan: ContainerPlan, _ assignment: TaskAssignment) -> String {
        if let name = plan.assigned.definition.hostname, !name.isEmpty { return name }
        switch assignment.networkMode {
        case .host: return ProcessInfo.processInfo.hostName
        case .awsvpc:
            let address = plan.attachment?.interface.address.split(separator: "/").first.map(String.init) ?? ""
            return address.isEmpty
                ? String(assignment.task.id.prefix(12)) : "ip-" + address.replacingOccurrences(of: ".", with: "-")
        case .bridge, .none: return String(assignment.task.id.prefix(12))
        }
    }

    static func hosts(hostname: String, _ plan: ContainerPlan) -> String {
        var lines = ["127.0.0.1\tlocalhost", "::1\tlocalhost ip6-localhost ip6-loopback"]
        let address = plan.attachment?.interface.address.split(separator: "/").first.map(String.init) ?? ""
        lines.append("\(address.isEmpty ? "127.0.1.1" : address)\t\(hostname)")
        lines += plan.links.map { link in
            let names = link.link.alias == nil ? [link.link.container] : [link.link.name, link.link.container]
            return "\(link.address)\t\(names.joined(separator: " "))"
        }
        lines += plan.assigned.definition.extraHosts.map { "\($0.value)\t\($0.key)" }
        return lines.joined(separator: "\n") + "\n"
    }
}

/// Writes a container's resolv.conf.
enum ResolverFile {
    /// The host's resolver configuration, without resolvers that only the host itself can reach.
    static func host() -> String {
        let stub = (try? String(contentsOfFile: "/etc/resolv.conf", encoding: .utf8)) ?? ""
        if !nameservers(stub).isEmpty { return stub }
        // systemd-resolved keeps its loopback address in /etc and the real servers here.
        return (try? String(contentsOfFile: "/run/systemd/resolve/resolv.conf", encoding: .utf8)) ?? stub
    }

    /// - Parameter own: the resolver of this host's tasks. Then it alone: of several, some libraries take who answers first.
    static func text(host: String, own: String? = nil, _ definition: ContainerDefinition) -> String {
        var lines: [String] = []
        let search = definition.dnsSearchDomains
        if !search.isEmpty {
            lines.append("search " + search.joined(separator: " "))
        } else {
            lines += fields(host, "search").map { "search \($0)" }
        }
        let servers = definition.dnsServers.isEmpty ? own.map { [$0] } ?? nameservers(host) : definition.dnsServers
        lines += servers.map { "nameserver \($0)" }
        lines += fields(host, "options").map { "options \($0)" }
        return lines.map { $0 + "\n" }.joined()
    }

    /// The resolvers that a task can reach: loopback ones are the host's alone.
    static func nameservers(_ text: String) -> [String] {
        fields(text, "nameserver").filter { !$0.hasPrefix("127.") && $0 != "::1" }
    }

    private static func fields(_ text: String, _ keyword: String) -> [String] {
        text.split(separator: "\n").compactMap { line in
            let parts = line.split(maxSplits: 1, whereSeparator: { $0 == " " || $0 == "\t" })
            guard parts.count == 2, parts[0] == keyword else { return nil }
            return String(parts[1]).trimmingCharacters(in: .whitespaces)
        }
    }
}
