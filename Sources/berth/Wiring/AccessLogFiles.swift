import Controllers
import Foundation
import Identifiers

/// The access logs of an installation: a folder for each load balancer, with a file that is written and older ones.
struct AccessLogFiles: AccessLogs {
    let directory: String

    /// Bytes of a file, and how many a load balancer has: 64 MiB in all. The oldest goes first.
    private static let most = 16 << 20
    private static let count = 4

    init(_ files: InstallationFiles) { directory = files.data + "/access-logs" }

    func append(_ lines: [String], of balancer: LoadBalancerID) throws {
        let folder = folder(of: balancer)
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        let path = folder + "/access.log"
        let handle = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard handle >= 0 else { throw CommandFailure("\(path): \(String(cString: strerror(errno)))") }
        let file = FileHandle(fileDescriptor: handle, closeOnDealloc: true)
        let end = try file.seekToEnd()
        try file.write(contentsOf: Data(lines.map { $0 + "\n" }.joined().utf8))
        if end > Self.most { try rotate(path) }
    }

    private func rotate(_ path: String) throws {
        for number in (1..<Self.count).reversed() {
            let source = number == 1 ? path : "\(path).\(number - 1)"
            guard rename(source, "\(path).\(number)") == 0 || errno == ENOENT else {
                throw CommandFailure("\(source): \(String(cString: strerror(errno)))")
            }
        }
    }

    func keep(only balancers: Set<LoadBalancerID>) throws {
        guard FileManager.default.fileExists(atPath: directory) else { return }
        let kept = Set(balancers.map(Self.name))
        for name in try FileManager.default.contentsOfDirectory(atPath: directory) where !kept.contains(name) {
            try FileManager.default.removeItem(atPath: "\(directory)/\(name)")
        }
    }

    // MARK: Reading

    /// The folders of load balancers of that name; several where accounts or regions share it.
    func folders(named name: String) -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
        // What tells of several gives their folders: one of these says which.
        let folder = name.split(separator: "/").last.map(String.init) ?? name
        return names.filter { $0 == folder || $0.split(separator: ".").dropFirst(3).first.map(String.init) == name }
            .sorted()
            .map { "\(directory)/\($0)" }
    }

    /// The files of a folder, the oldest first; the last is the one that is written.
    func files(in folder: String) -> [String] {
        let path = folder + "/access.log"
        return (1..<Self.count).reversed().map { "\(path).\($0)" }.filter(FileManager.default.fileExists) + [path]
    }

    private func folder(of balancer: LoadBalancerID) -> String { "\(directory)/\(Self.name(balancer))" }

    /// None of the parts has a dot.
    private static func name(_ id: LoadBalancerID) -> String {
        [id.scope.account, id.scope.region, id.kind.rawValue, id.name, id.suffix].joined(separator: ".")
    }
}

/// Shows an access log and, when asked, what is added to it.
struct AccessLogReader {
    let logs: AccessLogFiles
    let folder: String

    func show(follow: Bool, _ write: (Data) -> Void) async throws {
        let path = folder + "/access.log"
        for older in logs.files(in: folder) where older != path {
            if let file = FileHandle(forReadingAtPath: older) { try copy(file, write) }
        }
        var current = open(path)
        if let file = current?.file { try copy(file, write) }
        while follow, FileManager.default.fileExists(atPath: folder) {
            if let next = open(path), next.number != current?.number {
                // The rest of the one that was renamed meanwhile.
                if let file = current?.file { try copy(file, write) }
                current = next
            }
            if let file = current?.file { try copy(file, write) }
            try await Task.sleep(for: .milliseconds(200))
        }
    }

    /// The file with what tells it from the one before; nil while there is none, or it is being renamed.
    private func open(_ path: String) -> (file: FileHandle, number: Int)? {
        let before = number(path)
        guard let file = FileHandle(forReadingAtPath: path), let before, before == number(path) else { return nil }
        return (file, before)
    }

    private func number(_ path: String) -> Int? {
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        return (attributes?[.systemFileNumber] as? NSNumber)?.intValue
    }

    private func copy(_ file: FileHandle, _ write: (Data) -> Void) throws {
        while let data = try file.read(upToCount: 1 << 16), !data.isEmpty { write(data) }
    }
}
