import Foundation

/// The agent's files on disk.
///
/// `node.json` the host's key, `tasks/` one record per task, `work/` volumes and files of live tasks, `volumes/` those
/// that tasks share and leave behind, `logs/` output.
struct NodeDirectory: Sendable {
    let root: String

    var nodeFile: String { "\(root)/node.json" }
    var tasks: String { "\(root)/tasks" }
    var logs: String { "\(root)/logs" }
    func work(_ task: String) -> String { "\(root)/work/\(task)" }
    func volume(_ task: String, _ name: String) -> String { "\(work(task))/volumes/\(name)" }
    func sharedVolume(_ name: String) -> String { "\(root)/volumes/\(name)" }
    func files(_ task: String, _ container: String) -> String { "\(work(task))/files/\(container)" }
    func logs(_ task: String, _ container: String) -> String { "\(logs)/\(task)/\(container)" }

    /// Makes the directories, readable by the agent's user only.
    func prepare() throws {
        for path in [root, tasks, logs, "\(root)/work"] {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        }
    }
}

/// Writes files that are either the old or the new content whenever the machine stops.
enum DurableFile {
    struct Failure: Error, CustomStringConvertible {
        var path: String
        var call: String
        var code: Int32
        var description: String { "\(call) \(path): \(String(cString: strerror(code)))" }
    }

    /// Writes beside the file, syncs, renames over it and syncs the directory.
    static func write(_ bytes: [UInt8], to path: String, mode: mode_t = 0o600) throws {
        let temporary = path + ".new"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw Failure(path: temporary, call: "open", code: errno) }
        do {
            try writeAll(bytes, to: descriptor, path: temporary)
            guard fsync(descriptor) == 0 else { throw Failure(path: temporary, call: "fsync", code: errno) }
        } catch {
            close(descriptor)
            throw error
        }
        close(descriptor)
        guard rename(temporary, path) == 0 else { throw Failure(path: path, call: "rename", code: errno) }
        try syncDirectory(of: path)
    }

    private static func writeAll(_ bytes: [UInt8], to descriptor: Int32, path: String) throws {
        var done = 0
        while done < bytes.count {
            let count = bytes[done...].withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw Failure(path: path, call: "write", code: errno) }
            done += count
        }
    }

    /// Removes the file; absent is fine.
    static func remove(_ path: String) throws {
        guard unlink(path) == 0 || errno == ENOENT else { throw Failure(path: path, call: "unlink", code: errno) }
    }

    private static func syncDirectory(of path: String) throws {
        let directory = (path as NSString).deletingLastPathComponent
        let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Failure(path: directory, call: "open", code: errno) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw Failure(path: directory, call: "fsync", code: errno) }
    }
}
