import CLinux
import TaskRuntime
import Foundation
import Glibc

/// A process that outlives this one, known by its id and the moment it started: an id alone may be someone else's later.
struct DetachedProcess: Hashable, Sendable {
    var pid: Int32
    /// Clock ticks between the host's start and the process's.
    var startTime: Int64

    /// Starts `arguments` in a session of its own, output appended to `log`, no descriptor of ours inherited.
    static func spawn(_ arguments: [String], path: String, log: String) throws(Failure) -> DetachedProcess {
        var attributes = posix_spawnattr_t()
        var actions = posix_spawn_file_actions_t()
        posix_spawnattr_init(&attributes)
        posix_spawn_file_actions_init(&actions)
        defer {
            posix_spawnattr_destroy(&attributes)
            posix_spawn_file_actions_destroy(&actions)
        }
        var none = sigset_t()
        var all = sigset_t()
        sigemptyset(&none)
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF) | 0x80)
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, log, O_WRONLY | O_CREAT | O_APPEND, 0o640)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        keepDescriptors()
        var words: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        var environment: [UnsafeMutablePointer<CChar>?] = [strdup("PATH=\(path)"), nil]
        defer { (words + environment).forEach { free($0) } }
        var pid: pid_t = 0
        let program = arguments.first ?? ""
        let code = posix_spawnp(&pid, program, &actions, &attributes, &words, &environment)
        guard code == 0 else { throw .failed("\(program): \(describe(code))") }
        let start = clinux_process_start_time(pid)
        guard start >= 0 else { throw .failed("\(program) ended at once, see \(log)") }
        return DetachedProcess(pid: pid, startTime: start)
    }

    /// No descriptor of this process reaches a program it starts.
    private static func keepDescriptors() {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
        for descriptor in names.compactMap({ Int32($0) }) where descriptor > 2 {
            _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        }
    }

    /// Whether it still runs: the same process, not a zombie. Reaps it when it was our child.
    var isAlive: Bool {
        var status: Int32 = 0
        if waitpid(pid, &status, WNOHANG) == pid { return false }
        return clinux_process_start_time(pid) == startTime
    }

    func signal(_ number: Int32) {
        if isAlive { kill(pid, number) }
    }

    /// The words a process was started with; empty when it is gone.
    static func commandLine(of pid: Int32) -> [String] {
        guard let bytes = try? Data(contentsOf: URL(fileURLWithPath: "/proc/\(pid)/cmdline")) else { return [] }
        return bytes.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
    }

    /// Ids of all processes whose words satisfy `matches`.
    static func all(where matches: ([String]) -> Bool) -> [Int32] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return names.compactMap { Int32($0) }.filter { matches(commandLine(of: $0)) }.sorted()
    }
}
