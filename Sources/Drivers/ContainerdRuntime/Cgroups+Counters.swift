import Foundation
import TaskRuntime

/// Bytes that one container moved. What this host does not count is nil.
extension Cgroups {
    /// Adds what the container of the cgroup `path` read, wrote, received and sent.
    func count(_ path: String, in statistics: inout ContainerStatistics) {
        if let disk = disk(path) { (statistics.readBytes, statistics.writtenBytes) = disk }
        if let network = network(path) { (statistics.receivedBytes, statistics.sentBytes) = network }
    }

    /// All devices together.
    private func disk(_ path: String) -> (UInt64, UInt64)? {
        if let v2 {
            guard let text = contents(v2 + path + "/io.stat") else { return nil }
            return (Self.sum(of: "rbytes=", in: text), Self.sum(of: "wbytes=", in: text))
        }
        guard let root = v1["blkio"], let text = contents(root + path + "/blkio.throttle.io_service_bytes") else {
            return nil
        }
        return Self.serviceBytes(text)
    }

    /// Of `8:0 rbytes=1 wbytes=2 …` in each line.
    static func sum(of name: String, in text: String) -> UInt64 {
        text.split(whereSeparator: \.isWhitespace).reduce(0) { sum, word in
            word.hasPrefix(name) ? sum &+ (UInt64(word.dropFirst(name.count)) ?? 0) : sum
        }
    }

    /// Of `8:0 Read 1` and `8:0 Write 2` in lines of their own.
    static func serviceBytes(_ text: String) -> (UInt64, UInt64) {
        var (read, written) = (UInt64(0), UInt64(0))
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ")
            guard words.count == 3, let bytes = UInt64(words[2]) else { continue }
            if words[1] == "Read" { read &+= bytes }
            if words[1] == "Write" { written &+= bytes }
        }
        return (read, written)
    }

    /// As the container's first process sees its network, all interfaces but the loopback one together.
    private func network(_ path: String) -> (UInt64, UInt64)? {
        guard let root = v2 ?? v1["memory"], let members = contents(root + path + "/cgroup.procs"),
            let process = members.split(separator: "\n").first.flatMap({ Int32($0) }),
            let text = contents("/proc/\(process)/net/dev")
        else { return nil }
        return Self.interfaceBytes(text)
    }

    /// Of `  eth0: 1 …` in each line: the first number after the name is received, the ninth sent.
    static func interfaceBytes(_ text: String) -> (UInt64, UInt64) {
        var (received, sent) = (UInt64(0), UInt64(0))
        for line in text.split(separator: "\n") {
            guard let colon = line.firstIndex(of: ":") else { continue }
            let name = line[..<colon].trimmingCharacters(in: .whitespaces)
            let numbers = line[line.index(after: colon)...].split(separator: " ")
            guard name != "lo", numbers.count > 8 else { continue }
            received &+= UInt64(numbers[0]) ?? 0
            sent &+= UInt64(numbers[8]) ?? 0
        }
        return (received, sent)
    }

    private func contents(_ path: String) -> String? { try? String(contentsOfFile: path, encoding: .utf8) }
}
