import CLinux
import Foundation

/// A process on record, so that whoever comes later ends or waits for it and nothing else.
struct RunningProcess: Codable, Sendable {
    var pid: Int32
    /// The kernel's start time of the process: a number used again later is another process.
    var startTime: Int64

    /// A control plane and an agent may share a data directory.
    enum Role: String, CaseIterable { case agent, server }

    /// How long a process may take to end by itself: its services get ten seconds.
    private static let patience = Duration.seconds(20)

    /// Puts this process on record as what runs an installation.
    static func announce(_ role: Role, _ files: InstallationFiles) throws {
        let pid = getpid()
        let startTime = clinux_process_start_time(pid)
        guard startTime >= 0 else { throw CommandFailure("Cannot read /proc/\(pid)/stat.") }
        try FileManager.default.createDirectory(
            atPath: files.data, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o711])
        try RunningProcess(pid: pid, startTime: startTime).note(in: files.process(role.rawValue))
    }

    func note(in path: String) throws { try PrivateFile.write(try JSONEncoder().encode(self), to: path) }

    /// The process on record in a file; nil when there is none.
    static func noted(in path: String) -> RunningProcess? {
        FileManager.default.contents(atPath: path).flatMap {
            try? JSONDecoder().decode(RunningProcess.self, from: $0)
        }
    }

    /// Ends the processes that run the installation, if any do, and waits for their end.
    static func endAll(_ files: InstallationFiles) async throws {
        for role in Role.allCases { try await end(files.process(role.rawValue)) }
    }

    private static func end(_ path: String) async throws {
        guard let noted = noted(in: path), noted.isAlive else { return }
        kill(noted.pid, SIGTERM)
        let deadline = ContinuousClock.now + patience
        while noted.isAlive {
            guard ContinuousClock.now < deadline else {
                throw CommandFailure(
                    "Process \(noted.pid) runs this installation and did not end within 20 seconds of SIGTERM.")
            }
            try await Task.sleep(for: .milliseconds(50))
        }
        try? FileManager.default.removeItem(atPath: path)
    }

    var isAlive: Bool { clinux_process_start_time(pid) == startTime }
}
