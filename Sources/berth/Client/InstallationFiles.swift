import Foundation

/// Where an installation keeps things. Everything durable is under `data`, everything that dies with the machine's boot
/// under `run`.
struct InstallationFiles: Sendable {
    let data: String

    init(data: String) { self.data = URL(fileURLWithPath: data).standardizedFileURL.path }

    static let standard = "/var/lib/berth"

    var store: String { data + "/state.sqlite" }
    var metrics: String { data + "/metrics.sqlite" }
    var metricsToken: String { data + "/metrics.token" }
    /// Log groups and what is in them.
    var logs: String { data + "/logs.sqlite" }
    /// Endpoint, region and root key, for `berth env` and the other commands; mode 0600.
    var client: String { data + "/client.json" }
    /// Which process runs here now as `server` (`berth up` too) or as `agent`.
    func process(_ role: String) -> String { data + "/\(role).json" }

    /// What the command for missing capacity reads, and what it writes; mode 0600.
    var capacityNeeds: String { data + "/capacity-needed.json" }
    var capacityLog: String { data + "/capacity-needed.log" }
    /// Which process that command is, or was.
    var capacityProcess: String { data + "/capacity-process.json" }

    /// The folder of a node agent: `node` for managed capacity, `instance` for the registered container instance.
    func node(_ name: String) -> String { data + "/" + name }

    /// Sockets and namespaces. Short, because a socket's path holds 107 bytes at most; one per data directory.
    func run(_ name: String) -> String { "/run/berth/" + digest + "/" + name }

    /// Short, and another for every data directory.
    var digest: String {
        String(data.utf8.reduce(UInt64(0xcbf2_9ce4_8422_2325)) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }, radix: 36)
    }
}

/// What a client on this machine needs to talk to the control plane.
struct ClientFile: Codable, Sendable {
    var endpoint: String
    var region: String
    var accessKeyID: String
    var secretAccessKey: String
    /// Certificates to trust, where the endpoint is `https`.
    var certificateAuthority: String?

    /// - Throws: `CommandFailure` that says how to make the file when it is not there.
    static func read(_ files: InstallationFiles) throws -> ClientFile {
        guard let bytes = FileManager.default.contents(atPath: files.client) else {
            throw CommandFailure(
                "No key of a control plane at \(files.client). Start one with 'berth up' (as the same user), or say "
                    + "where its data is with --data-dir.")
        }
        do {
            return try JSONDecoder().decode(ClientFile.self, from: bytes)
        } catch {
            throw CommandFailure("\(files.client) is not readable as Berth wrote it; 'berth up' writes it anew.")
        }
    }

    func write(_ files: InstallationFiles) throws {
        try PrivateFile.write(try JSONEncoder().encode(self), to: files.client)
    }
}

/// Files that only their owner may read.
enum PrivateFile {
    /// Replaces the file in one step; its mode is 0600 before the first byte is in it.
    static func write(_ data: Data, to path: String) throws {
        let temporary = path + ".new"
        _ = unlink(temporary)
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw CommandFailure("Cannot write \(temporary): \(String(cString: strerror(errno))).")
        }
        let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        try handle.write(contentsOf: data)
        try handle.synchronize()
        guard rename(temporary, path) == 0 else {
            throw CommandFailure("Cannot write \(path): \(String(cString: strerror(errno))).")
        }
    }
}

/// A failure told to a person: one sentence, exit code 1.
struct CommandFailure: Error, CustomStringConvertible, Sendable {
    var description: String

    init(_ description: String) { self.description = description }
}
