import Balancer
import CLinux
import Foundation

/// The master of HAProxy: started here, left alive when this process ends, found again by the next.
struct HAProxyProcess: Hashable {
    var pid: Int32
    /// Clock ticks between the host's start and its own: an id alone may be someone else's later.
    var startTime: Int64

    static let program = "/usr/sbin/haproxy"

    /// The one that runs for these files; nil when none does.
    static func recorded(_ files: BalancerFiles) -> HAProxyProcess? {
        let fields = (files.read(files.process) ?? "").split(separator: " ")
        guard fields.count == 2, let pid = Int32(fields[0]), let start = Int64(fields[1]) else { return nil }
        let found = HAProxyProcess(pid: pid, startTime: start)
        return found.isAlive && found.serves(files) ? found : nil
    }

    /// The one that answers at the master's socket though it was never recorded: this process may end right after a start.
    static func answering(_ files: BalancerFiles) -> HAProxyProcess? {
        guard let pid = MasterSocket(path: files.master).knock()?.master else { return nil }
        let found = HAProxyProcess(pid: pid, startTime: clinux_process_start_time(pid))
        guard found.startTime >= 0, found.serves(files), (try? found.record(files)) != nil else { return nil }
        return found
    }

    private func record(_ files: BalancerFiles) throws { try files.write("\(pid) \(startTime)", to: files.process) }

    private func serves(_ files: BalancerFiles) -> Bool { Self.commandLine(of: pid).contains(files.configuration) }

    /// Starts HAProxy in a session of its own. It runs once its master socket answers.
    static func start(_ files: BalancerFiles) throws(BalancerError) -> HAProxyProcess {
        let log = open(files.log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard log >= 0 else { throw .failed("\(files.log): \(String(cString: strerror(errno)))") }
        defer { close(log) }
        // The pipe is opened for both, so that HAProxy never lacks a reader.
        let words = [
            "sh", "-c", "exec \"$@\" 1<>\"$0\"", files.pipe, program, "-W", "-S", files.master, "-f",
            files.configuration,
        ]
        let pid = withCStrings(words) { arguments in
            withCStrings(["PATH=/usr/sbin:/usr/bin:/sbin:/bin"]) { variables in
                clinux_spawn_detached("/bin/sh", arguments, variables, log, files.directory, nil)
            }
        }
        guard pid > 0 else { throw .failed("cannot start haproxy: \(String(cString: strerror(-pid)))") }
        let started = HAProxyProcess(pid: pid, startTime: clinux_process_start_time(pid))
        do {
            try started.record(files)
        } catch {
            started.signal(SIGKILL)
            throw .failed("\(files.process): \(error)")
        }
        return started
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

    /// Ends it with all its workers, by force after five seconds.
    func end() throws(BalancerError) {
        signal(SIGTERM)
        for turn in 0..<1500 where isAlive {
            if turn == 500 { signal(SIGKILL) }
            usleep(10_000)
        }
        if isAlive { throw .failed("haproxy, process \(pid), does not end") }
    }

    /// What is wrong with the configuration; nil when it is right.
    static func complaint(about files: BalancerFiles, _ path: String) throws(BalancerError) -> String? {
        guard access(program, X_OK) == 0 else {
            throw .failed("\(program) is missing: install Debian's package haproxy")
        }
        var output = clinux_output()
        defer { clinux_output_free(&output) }
        let failure = program.withCString { program in
            withCStrings([Self.program, "-c", "-f", path]) { arguments in
                withCStrings(["PATH=/usr/sbin:/usr/bin:/sbin:/bin"]) { variables in
                    var command = clinux_command(
                        path: program, argv: arguments, envp: variables, input: nil, input_length: 0,
                        timeout_ms: 30_000, held_fd: -1)
                    return clinux_run(&command, &output)
                }
            }
        }
        guard failure == 0 else { throw .failed("haproxy -c: \(String(cString: strerror(-failure)))") }
        guard output.status != 0 else { return nil }
        return output.err.map { String(decoding: Data(bytes: $0, count: output.err_length), as: UTF8.self) } ?? ""
    }

    private static func commandLine(of pid: Int32) -> [String] {
        (FileManager.default.contents(atPath: "/proc/\(pid)/cmdline") ?? Data()).split(separator: 0)
            .map { String(decoding: $0, as: UTF8.self) }
    }
}

/// Calls `body` with a NULL-terminated array of C strings.
private func withCStrings<Result>(
    _ strings: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result
) -> Result {
    var pointers = strings.map { strdup($0) }
    defer { pointers.forEach { free($0) } }
    pointers.append(nil)
    return pointers.withUnsafeBufferPointer { buffer in
        // The array has at least its terminator, so there is a first element.
        withUnsafePointer(to: nil as UnsafeMutablePointer<CChar>?) { end in body(buffer.baseAddress ?? end) }
    }
}
