import Foundation
import Glibc

extension HostFacts {
    /// Reads them from this host.
    static func current(initProgram: String?) -> HostFacts {
        var limit = rlimit()
        let known = getrlimit(__rlimit_resource_t(7), &limit) == 0
        return HostFacts(
            capabilities: boundingSet(), openFilesLimit: known ? UInt64(limit.rlim_max) : 1024,
            devices: devices(below: "/dev"), initProgram: initProgram)
    }

    private static func boundingSet() -> UInt64 {
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        for line in status.split(separator: "\n") where line.hasPrefix("CapBnd:") {
            return UInt64(line.dropFirst(7).trimmingCharacters(in: .whitespaces), radix: 16) ?? 0
        }
        return 0
    }

    /// Character and block devices, sorted; terminals and shared memory are each container's own.
    private static func devices(below directory: String) -> [OCISpec.Device] {
        let own: Set<String> = [
            "pts", "shm", "mqueue", "console", "ptmx", "fd", "null", "zero", "full", "random",
            "urandom", "tty",
        ]
        let names = ((try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []).sorted()
        var found: [OCISpec.Device] = []
        for name in names where !own.contains(name) {
            let path = directory + "/" + name
            var status = stat()
            guard lstat(path, &status) == 0 else { continue }
            if status.st_mode & S_IFMT == S_IFDIR { found += devices(below: path) }
            if let device = device(status, at: path) { found.append(device) }
        }
        return found
    }

    /// The device that a path of this host leads to; nil when it is none.
    static func device(at path: String) -> OCISpec.Device? {
        var status = stat()
        return stat(path, &status) == 0 ? device(status, at: path) : nil
    }

    private static func device(_ status: stat, at path: String) -> OCISpec.Device? {
        let kind = status.st_mode & S_IFMT
        guard kind == S_IFCHR || kind == S_IFBLK else { return nil }
        let number = status.st_rdev
        return .init(
            path: path, type: kind == S_IFCHR ? "c" : "b", major: Int64((number >> 8) & 0xFFF),
            minor: Int64((number & 0xFF) | ((number >> 12) & 0xFFF00)), fileMode: UInt32(status.st_mode & 0o777),
            uid: status.st_uid, gid: status.st_gid)
    }
}
