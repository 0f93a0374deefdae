import Foundation
import TaskNetwork

/// Kernel settings of the host's network namespace that forwarding needs or changes.
enum HostSettings {
    private static let root = "/proc/sys/"
    private static let forwarding = "net/ipv4/ip_forward"

    /// The kernel's id of this boot.
    static func boot() throws(NetworkError) -> String { try read("kernel/random/boot_id") }

    /// Everything that turning forwarding on touches: the kernel resets per-interface settings with it.
    static func recorded() throws(NetworkError) -> [String: String] {
        var settings: [String: String] = [:]
        for name in try [forwarding, "net/ipv4/conf/all/accept_redirects"] + perInterface() {
            settings[name] = try read(name)
        }
        return settings
    }

    static func turnForwardingOn() throws(NetworkError) {
        if try read(forwarding) != "1" { try write("1", to: forwarding) }
    }

    /// Puts recorded settings back; those of interfaces that are gone are left out.
    static func restore(_ settings: [String: String]) throws(NetworkError) {
        // The switch first: it resets the others.
        let order = settings.sorted { ($0.key == forwarding ? 0 : 1, $0.key) < ($1.key == forwarding ? 0 : 1, $1.key) }
        for (name, value) in order where FileManager.default.fileExists(atPath: root + name) {
            if try read(name) != value { try write(value, to: name) }
        }
    }

    private static func perInterface() throws(NetworkError) -> [String] {
        do {
            return try FileManager.default.contentsOfDirectory(atPath: "\(root)net/ipv4/conf").sorted()
                .map { "net/ipv4/conf/\($0)/forwarding" }
        } catch {
            throw .failed("could not list the interfaces' settings: \(error.localizedDescription)")
        }
    }

    private static func read(_ name: String) throws(NetworkError) -> String {
        guard let file = FileHandle(forReadingAtPath: root + name) else {
            throw .failed("could not read \(root)\(name)")
        }
        do {
            let bytes = try file.read(upToCount: 4096) ?? Data()
            try file.close()
            return String(decoding: bytes, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        } catch {
            throw .failed("could not read \(root)\(name): \(error.localizedDescription)")
        }
    }

    private static func write(_ value: String, to name: String) throws(NetworkError) {
        guard let file = FileHandle(forWritingAtPath: root + name) else {
            throw .failed("could not write \(root)\(name)")
        }
        do {
            try file.write(contentsOf: Data(value.utf8))
            try file.close()
        } catch {
            throw .failed("could not set \(root)\(name) to \(value): \(error.localizedDescription)")
        }
    }
}
