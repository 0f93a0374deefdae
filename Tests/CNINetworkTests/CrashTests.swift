import CLinux
import Domain
import Foundation
import TaskNetwork
import Testing

@testable import CNINetwork

/// Directory of the host that this process shall work on until it is killed; nil in an ordinary test run.
private let crashDirectory = ProcessInfo.processInfo.environment["BERTH_CRASH_DIRECTORY"]

@Suite("A killed agent's network", .enabled(if: mayUseNamespaces && crashDirectory == nil), .serialized)
struct CrashTests {
    @Test("is whole after kill -9 at any moment, and leaves nothing in the end")
    func survives() async throws {
        let host = try await TestHost.settled(warm: 2)
        defer { host.remove() }
        let before = try host.machineState()
        var generator = SystemRandomNumberGenerator()
        for round in 1...8 {
            let worker = try startWorker(on: host)
            let files = StateFiles(directory: host.configuration.stateDirectory)
            do {
                try await eventually("round \(round) works") { try files.slots().contains { $0.phase == .attached } }
                // The moment of the kill is the point here; nothing is waited for.
                try await Task.sleep(for: .milliseconds(Int.random(in: 0...400, using: &generator)))
            } catch {
                kill(worker, SIGKILL)
                throw error
            }
            kill(worker, SIGKILL)
            var status: Int32 = 0
            waitpid(worker, &status, 0)
            try await checkWhole(host)
        }
        try await host.network().tearDown()
        let after = try host.machineState()
        for (what, state) in before { #expect(after[what] == state, "\(what)") }
    }

    /// What the files say, the kernel says too, and nothing more.
    private func checkWhole(_ host: TestHost) async throws {
        let attached = try await host.network().attachments()
        let slots = try StateFiles(directory: host.configuration.stateDirectory).slots()
        #expect(slots.allSatisfy { $0.phase == .ready || $0.phase == .attached })
        #expect(Set(slots.compactMap(\.id)) == Set(attached))
        let links = try host.run("ip", "-o", "link", "show", "master", "berth0").split(separator: "\n")
        #expect(links.count == slots.count)
        let addresses = slots.compactMap { $0.result?.taskInterface?.interface.address }
        #expect(try Set(reservedAddresses(on: host)) == Set(addresses))
        #expect(try JSONFile.names(in: "\(host.configuration.runDirectory)/netns") == slots.map(\.name).sorted())
        let rules = try host.run("iptables-save", "-t", "nat").split(separator: "\n")
        let mapped = Set(
            rules.filter { $0.contains("-j DNAT") }.compactMap { rule in
                rule.split(separator: " ").drop { $0 != "--dport" }.dropFirst().first.map(String.init)
            })
        #expect(mapped == Set(slots.flatMap(\.bindings).map { "\($0.hostPort)" }))
    }

    /// This test program again, in the part of the worker below.
    private func startWorker(on host: TestHost) throws -> pid_t {
        let program = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        var argv = cStrings([program, "--testing-library", "swift-testing", "--filter", "CrashWorker"])
        defer { argv.forEach { free($0) } }
        let variables = ProcessInfo.processInfo.environment.merging(["BERTH_CRASH_DIRECTORY": host.directory]) { $1 }
        var envp = cStrings(variables.map { "\($0.key)=\($0.value)" })
        defer { envp.forEach { free($0) } }
        let pid = clinux_spawn_detached(program, &argv, &envp, -1, nil, nil)
        try #require(pid > 0)
        return pid
    }
}

/// No test of its own: what the process does that the suite above starts and kills.
@Suite("Crash worker", .enabled(if: crashDirectory != nil))
struct CrashWorker {
    @Test("attaches and detaches until it is killed")
    func works() async throws {
        let network = TestHost(in: try #require(crashDirectory), warm: 2).network()
        try await network.prepare(TestHost.plan)
        for id in try await network.attachments() { try await network.detach(id) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await network.keepWarm() }
            for turn in 0..<10_000 {
                let port = 20_000 + turn % 1_000
                _ = try await network.attach(NetworkRequest(id: "turn-\(turn)", bindings: [binding(80, port)]))
                if turn >= 3 { try await network.detach("turn-\(turn - 3)") }
            }
            group.cancelAll()
        }
    }
}
