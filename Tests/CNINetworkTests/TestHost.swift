import CLinux
import Domain
import Foundation
import Logging
import TaskNetwork
import Testing

@testable import CNINetwork

/// Whether this run may make network namespaces: asked for, and root.
let mayUseNamespaces = ProcessInfo.processInfo.environment["BERTH_REAL_RUNTIME"] == "1" && geteuid() == 0

/// A host for one test: a network namespace with one link and no default route, and directories of its own.
struct TestHost: Sendable {
    static let plan = HostNetworkPlan(taskRange: "10.99.0.0/16", block: "10.99.3.0/24")

    let directory: String
    let namespace: String
    let configuration: CNINetworkConfiguration

    /// The host that has its files in `directory`, made here or by another process.
    init(in directory: String, warm: Int) {
        self.directory = directory
        namespace = "\(directory)/host"
        var configuration = CNINetworkConfiguration(
            stateDirectory: "\(directory)/state", runDirectory: "\(directory)/run")
        configuration.hostNamespace = namespace
        configuration.hostMemoryDirectory = "\(directory)/memory"
        configuration.warmNamespaces = warm
        self.configuration = configuration
    }

    private init(warm: Int) throws {
        self.init(in: NSTemporaryDirectory() + "berth-net-\(UInt64.random(in: 0...UInt64.max))", warm: warm)
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        try #require(clinux_netns_create(namespace) == 0)
        try run("ip", "link", "add", "out0", "type", "veth", "peer", "name", "out1")
        try run("ip", "address", "add", "10.200.1.1/24", "dev", "out0")
        for link in ["out0", "out1"] {
            // No addresses that the kernel makes up, and checks for seconds, on its own.
            try run("ip", "link", "set", link, "addrgenmode", "none")
            try run("ip", "link", "set", link, "up")
        }
    }

    /// A host whose links have settled, so that its state stays comparable.
    static func settled(warm: Int = 0) async throws -> TestHost {
        let host = try TestHost(warm: warm)
        try await eventually("the links are up") {
            try host.run("ip", "-o", "link").components(separatedBy: "state UP").count == 3
        }
        return host
    }

    /// The driver as a fresh process would make it.
    func network() -> CNINetwork { CNINetwork(configuration, logger: Logger(label: "test")) }

    /// A second agent on the same host.
    func secondNetwork(bridge: String = "berth0b") -> CNINetwork {
        var second = CNINetworkConfiguration(
            stateDirectory: "\(directory)/state2", runDirectory: "\(directory)/run2")
        second.hostNamespace = namespace
        second.hostMemoryDirectory = configuration.hostMemoryDirectory
        second.bridge = bridge
        second.warmNamespaces = 0
        return CNINetwork(second, logger: Logger(label: "test"))
    }

    func remove() {
        for run in ["run", "run2"] {
            for name in (try? FileManager.default.contentsOfDirectory(atPath: "\(directory)/\(run)/netns")) ?? [] {
                _ = clinux_netns_remove("\(directory)/\(run)/netns/\(name)")
            }
        }
        _ = clinux_netns_remove(namespace)
        _ = try? FileManager.default.removeItem(atPath: directory)
    }

    /// What a program says inside a namespace (the host's when nil).
    @discardableResult
    func run(_ program: String, _ arguments: String..., inside: String? = nil) throws -> String {
        let result = try output(program, arguments, inside: inside)
        guard result.status == 0 else { throw NetworkError.failed("\(program) \(arguments): \(result.complaint)") }
        return result.outText
    }

    /// Whether a program ends well inside a namespace.
    func succeeds(_ program: String, _ arguments: String..., inside: String? = nil) throws -> Bool {
        try output(program, arguments, inside: inside).status == 0
    }

    private func output(_ program: String, _ arguments: [String], inside: String?) throws -> Program.Output {
        let result = Namespace.call(inside ?? namespace) {
            Result { try Program.output(of: program, arguments) }
        }
        return try #require(result).get()
    }

    /// Everything of the host that tearing down must leave as it was.
    func machineState() throws -> [String: String] {
        let noCounters = #"\[[0-9]+:[0-9]+\]"#
        func rules(_ program: String) throws -> String {
            try run(program).split(separator: "\n").filter { !$0.hasPrefix("#") }.joined(separator: "\n")
                .replacingOccurrences(of: noCounters, with: "", options: .regularExpression)
        }
        return [
            "links": try run("ip", "-d", "-o", "link"),
            "addresses": try run("ip", "-o", "address"),
            "routes": try run("ip", "route", "show", "table", "all"),
            "rules": try rules("iptables-save"),
            "rules6": try rules("ip6tables-save"),
            "settings": try run(
                "sh", "-c",
                "cd /proc/sys/net && grep -r . ipv4 ipv6 2>/dev/null | sort | grep -v -e stable_secret -e flush"),
            "mounts": try run("grep", "-c", directory, "/proc/self/mounts"),
        ]
    }
}

/// A program that runs inside a namespace until the test is over.
final class TestProgram {
    private let pid: pid_t

    init(_ path: String, _ arguments: [String], inside namespace: String) throws {
        var argv = cStrings([path] + arguments)
        defer { argv.forEach { free($0) } }
        var envp: [UnsafeMutablePointer<CChar>?] = [nil]
        pid = clinux_spawn_detached(path, &argv, &envp, -1, nil, namespace)
        try #require(pid > 0)
    }

    func stop() {
        kill(pid, SIGKILL)
        var status: Int32 = 0
        waitpid(pid, &status, 0)
    }
}

/// NULL-terminated, to be freed one by one.
func cStrings(_ strings: [String]) -> [UnsafeMutablePointer<CChar>?] {
    var pointers: [UnsafeMutablePointer<CChar>?] = strings.map { strdup($0) }
    pointers.append(nil)
    return pointers
}

/// Waits until `condition` holds.
///
/// - Throws: when it does not within ten seconds.
func eventually(_ what: String, _ condition: () async throws -> Bool) async throws {
    let deadline = ContinuousClock.now + .seconds(10)
    while !(try await condition()) {
        guard ContinuousClock.now < deadline else { throw NetworkError.failed("waited in vain until \(what)") }
        try await Task.sleep(for: .milliseconds(20))
    }
}
