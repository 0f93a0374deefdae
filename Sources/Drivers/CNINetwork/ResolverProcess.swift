import CLinux
import Foundation
import TaskNetwork

/// The resolver of this host's tasks: a process of its own, which goes on while the agent is away and is found again by the
/// next.
struct ResolverProcess {
    /// The program with its first arguments; the address, the range of those who may ask, the file of names and the file by
    /// which it says that it serves follow.
    let program: [String]
    let directory: String
    /// Of the file that this agent was started from: one that replaces it meanwhile is the next agent's.
    private let version: String

    init(program: [String], directory: String) {
        self.program = program
        self.directory = directory
        version = Self.version(of: program.first ?? "")
    }

    private struct Record: Codable {
        var pid: Int32
        /// Clock ticks between the host's start and its own.
        var startTime: Int64
        var address: String
        var range: String
        /// Of the file that it was started from, so that a new version of it takes over.
        var version: String
    }

    /// Seconds in which it begins to serve.
    private static let limit = 10.0

    private var recordFile: String { "\(directory)/resolver.json" }
    private var namesFile: String { "\(directory)/resolver.names" }
    private var readyFile: String { "\(directory)/resolver.ready" }
    private var logFile: String { "\(directory)/resolver.log" }

    /// Makes names known, to the running process too.
    func write(_ names: [TaskName]) throws(NetworkError) {
        let lines = names.filter { !$0.names.isEmpty }.map { "\($0.address) \($0.names.joined(separator: " "))\n" }
        try JSONFile.makeDirectory(directory)
        do {
            try Data(lines.joined().utf8).write(to: URL(fileURLWithPath: namesFile), options: .atomic)
        } catch {
            throw .failed("could not write \(namesFile): \(error.localizedDescription)")
        }
    }

    /// The address at which it serves; nil when it does not run.
    func servedAddress() throws(NetworkError) -> String? { try running()?.address }

    /// Starts it unless it runs as it shall.
    ///
    /// - Throws: `.failed` with its own words when it cannot serve, such as on a port that another program has.
    func ensure(address: String, range: String) throws(NetworkError) {
        if let record = try running() {
            if record.address == address, record.range == range, record.version == version { return }
            try end()
        }
        endUnrecorded()
        try JSONFile.remove(readyFile)
        try? FileManager.default.removeItem(atPath: logFile)
        let log = open(logFile, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        defer { if log >= 0 { close(log) } }
        let words = program + [address, range, namesFile, readyFile]
        let pid = withCStrings(words) { arguments in
            withCStrings(["PATH=/usr/sbin:/usr/bin:/sbin:/bin"]) { variables in
                clinux_spawn_detached(words[0], arguments, variables, log, "/", nil)
            }
        }
        guard pid > 0 else { throw .failed("the tasks' resolver cannot be started: \(Program.errorText(pid))") }
        let record = Record(
            pid: pid, startTime: clinux_process_start_time(pid), address: address, range: range, version: version)
        try JSONFile.write(record, to: recordFile)
        let deadline = Date().addingTimeInterval(Self.limit)
        while !FileManager.default.fileExists(atPath: readyFile) {
            guard Self.isAlive(record), Date() < deadline else {
                try end()
                let text = (try? String(contentsOfFile: logFile, encoding: .utf8)) ?? ""
                throw .failed("the tasks' resolver does not serve: \(text.suffix(500))")
            }
            usleep(5000)
        }
    }

    /// Ends one that serves and that an agent, which was killed just then, did not write down.
    private func endUnrecorded() {
        guard let text = try? String(contentsOfFile: readyFile, encoding: .utf8), let pid = Int32(text), pid > 1,
            let line = try? String(contentsOfFile: "/proc/\(pid)/cmdline", encoding: .utf8),
            line.split(separator: "\0").contains(where: { $0 == namesFile })
        else { return }
        kill(pid, SIGKILL)
    }

    /// Ends it; what is absent is fine.
    func end() throws(NetworkError) {
        defer { endUnrecorded() }
        if let record = try JSONFile.read(Record.self, from: recordFile), Self.isAlive(record) {
            kill(record.pid, SIGKILL)
            for _ in 0..<500 where Self.isAlive(record) { usleep(10_000) }
            guard !Self.isAlive(record) else {
                throw .failed("the tasks' resolver, process \(record.pid), does not end")
            }
        }
        try JSONFile.remove(recordFile)
    }

    private func running() throws(NetworkError) -> Record? {
        guard let record = try JSONFile.read(Record.self, from: recordFile), Self.isAlive(record),
            FileManager.default.fileExists(atPath: readyFile)
        else { return nil }
        return record
    }

    private static func version(of program: String) -> String {
        var status = stat()
        guard stat(program, &status) == 0 else { return "" }
        return "\(status.st_dev)-\(status.st_ino)-\(status.st_mtim.tv_sec)"
    }

    /// Reaps it when it was our child.
    private static func isAlive(_ record: Record) -> Bool {
        var status: Int32 = 0
        if waitpid(record.pid, &status, WNOHANG) == record.pid { return false }
        return record.startTime >= 0 && clinux_process_start_time(record.pid) == record.startTime
    }
}
