import Foundation

/// Where the driver keeps what HAProxy reads and writes. All of it is for its owner only.
struct BalancerFiles: Hashable {
    /// An absolute path of plain characters, short enough for sockets in it.
    let directory: String

    init(directory: String) throws(Unwritable) {
        guard directory.hasPrefix("/"), try Word.escaped(directory) == directory else {
            throw Unwritable("\(directory.debugDescription) is not an absolute path of letters, digits, -, _, . and /")
        }
        guard directory.utf8.count <= 60 else { throw Unwritable("\(directory) is longer than 60 bytes") }
        self.directory = directory
    }

    var configuration: String { directory + "/haproxy.cfg" }
    /// The loaded configuration without its targets, to see after a restart whether it is still the right one.
    var skeleton: String { directory + "/skeleton.cfg" }
    var weights: String { directory + "/weights.map" }
    var serverState: String { directory + "/servers.state" }
    var statistics: String { directory + "/statistics.json" }
    var process: String { directory + "/haproxy.pid" }
    var master: String { directory + "/master.sock" }
    /// What HAProxy says about itself.
    var log: String { directory + "/haproxy.log" }
    /// The pipe of its lines about requests.
    var pipe: String { directory + "/requests.pipe" }
    var made: String { directory + "/made" }

    /// Where a listener takes what came to shared addresses.
    func socket(_ balancer: String, _ listener: String) -> String {
        "\(directory)/l-\(Word.mark(balancer + "\n" + listener)).sock"
    }
    /// Where an old worker finds its successor, without TLS.
    func again(_ balancer: String, _ listener: String) -> String {
        "\(directory)/a-\(Word.mark(balancer + "\n" + listener)).sock"
    }
    func certificate(_ name: String) -> String { "\(made)/\(name)" }
    func body(_ mark: String) -> String { "\(made)/body-\(mark)" }

    func prepare() throws {
        for path in [directory, made] {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        }
    }

    /// The old text or the new, never half of one.
    func write(_ text: String, to path: String) throws {
        let temporary = path + ".new"
        let handle = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard handle >= 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
        let file = FileHandle(fileDescriptor: handle, closeOnDealloc: true)
        try file.write(contentsOf: Data(text.utf8))
        try file.close()
        guard rename(temporary, path) == 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
    }

    func read(_ path: String) -> String? {
        FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) }
    }

    /// Writes the files that a configuration reads; those that exist are right, for their names are made from their text.
    func writeMade(_ files: [String: String]) throws {
        for (path, text) in files where access(path, F_OK) != 0 { try write(text, to: path) }
    }

    /// Removes files that the loaded configuration does not read.
    func removeMade(except kept: some Collection<String>) {
        let kept = Set(kept)
        for name in (try? FileManager.default.contentsOfDirectory(atPath: made)) ?? [] {
            let path = "\(made)/\(name)"
            if !kept.contains(path) { unlink(path) }
        }
    }
}
