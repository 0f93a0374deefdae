import Balancer
import Foundation

/// HAProxy's master, which passes commands on to its workers.
///
/// Blocking, with a limit: callers are on a queue of their own.
struct MasterSocket {
    let path: String
    /// Longer than a busy worker takes; shorter would fail calls under load.
    static let limit: Double = 5
    /// Bytes of one line of commands, well within HAProxy's buffer.
    private static let line = 8192

    /// The answer to one line of commands.
    ///
    /// - Throws: `.failed` when nothing answers within the limit. During a reload nobody listens for some milliseconds.
    func ask(_ command: String) throws(BalancerError) -> String {
        let deadline = Self.now() + Self.limit
        while true {
            do throws(SocketFault) {
                return try exchange(command + "\n", until: deadline)
            } catch {
                guard error.mayPass, Self.now() < deadline else { throw .failed("HAProxy's socket: \(error.text)") }
                usleep(2000)
            }
        }
    }

    /// Commands for one worker, in their order. What it does not know it skips.
    ///
    /// - Returns: its answers, one after another.
    @discardableResult
    func tell(_ worker: Int32, _ commands: [String]) throws(BalancerError) -> String {
        var answers = ""
        var line = ""
        for command in commands {
            let next = "@!\(worker) \(command)"
            if line.utf8.count &+ next.utf8.count > Self.line {
                answers += try ask(line)
                line = ""
            }
            line += line.isEmpty ? next : "; " + next
        }
        if !line.isEmpty { answers += try ask(line) }
        return answers
    }

    /// Who runs under the master.
    func workers() throws(BalancerError) -> Workers {
        guard let workers = Workers(try ask("show proc")) else { throw .failed("HAProxy's master names no worker") }
        return workers
    }

    /// Who answers there at once; nil when nobody does.
    func knock() -> Workers? {
        guard access(path, F_OK) == 0 else { return nil }
        return (try? exchange("show proc\n", until: Self.now() + Self.limit)).flatMap(Workers.init)
    }

    private struct SocketFault: Error {
        var text: String
        var mayPass: Bool
    }

    private static func now() -> Double { Double(DispatchTime.now().uptimeNanoseconds) / 1e9 }

    private func exchange(_ text: String, until deadline: Double) throws(SocketFault) -> String {
        let handle = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard handle >= 0 else { throw SocketFault(text: String(cString: strerror(errno)), mayPass: false) }
        defer { close(handle) }
        try connect(handle)
        var wait = timeval(tv_sec: Int(Self.limit), tv_usec: 0)
        setsockopt(handle, SOL_SOCKET, SO_RCVTIMEO, &wait, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(handle, SOL_SOCKET, SO_SNDTIMEO, &wait, socklen_t(MemoryLayout<timeval>.size))
        let bytes = Array(text.utf8)
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes { send(handle, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { throw fault() }
            sent += count
        }
        // Without this the master waits for more and does not answer.
        shutdown(handle, Int32(SHUT_WR))
        var answer: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = recv(handle, &buffer, buffer.count, 0)
            if count == 0 { return String(decoding: answer, as: UTF8.self) }
            guard count > 0, Self.now() < deadline else { throw fault() }
            answer += buffer[..<count]
        }
    }

    private func connect(_ handle: Int32) throws(SocketFault) {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { bytes in
            bytes.copyBytes(from: Array(path.utf8).prefix(bytes.count - 1))
        }
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                Glibc.connect(handle, generic, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard result == 0 else { throw fault() }
    }

    private func fault() -> SocketFault {
        let code = errno
        let mayPass = [ECONNREFUSED, ECONNRESET, ENOENT, EPIPE].contains(code)
        return SocketFault(text: String(cString: strerror(code)), mayPass: mayPass)
    }
}

/// The master's answer to `show proc`.
struct Workers: Hashable {
    var master: Int32
    /// The one that takes new connections.
    var current: Int32
    /// Those of earlier configurations, which end when their connections do.
    var old: [Int32] = []
    /// Reloads that were tried, and those that failed.
    var reloads: Int
    var failed: Int

    var all: [Int32] { [current] + old }

    init?(_ text: String) {
        var found: [(pid: Int32, reloads: Int)] = []
        var head: (pid: Int32, reloads: Int, failed: Int)?
        for line in text.split(separator: "\n") {
            let words = line.split(whereSeparator: { $0 == " " || $0 == "\t" })
            guard words.count > 2, let pid = Int32(words[0]), let reloads = Int(words[2]) else { continue }
            if words[1] == "worker" { found.append((pid, reloads)) }
            if words[1] == "master" {
                let failed = words.count > 4 ? Int(words[4].prefix { $0.isNumber }) : nil
                head = (pid, reloads, failed ?? 0)
            }
        }
        guard let head, let newest = found.min(by: { $0.reloads < $1.reloads }) else { return nil }
        current = newest.pid
        old = found.map(\.pid).filter { $0 != newest.pid }
        (master, reloads, failed) = head
    }
}
