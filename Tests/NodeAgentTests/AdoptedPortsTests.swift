import Domain
import Identifiers
import Logging
import Synchronization
import TestKit
import Testing

@testable import NodeAgent

@Suite("Host ports after a restart of the agent")
struct AdoptedPortsTests {
    private static func web(_ id: String) -> TaskAssignment {
        .of(
            [.named("web") { $0.portMappings = [PortMapping(containerPort: 80, hostPort: 8080)] }], id: id,
            mode: .bridge)
    }

    /// The ports of a host whose agent takes up a task with port 8080.
    private static func adopt(_ change: (inout TaskRunnerRecord) -> Void) async throws -> HostPorts {
        let temporary = try TemporaryDirectory()
        let directory = NodeDirectory(root: temporary.path)
        try directory.prepare()
        let tools = NodeTools(
            runtime: FakeRuntime(), network: FakeNetwork(), reporter: SilentReporter(), directory: directory,
            clock: SystemNodeClock(), logger: Logger(label: "test"))
        var record = TaskRunnerRecord(assignment: web("old"))
        record.hasPorts = true
        record.containers[0].bindings = [NetworkBinding(containerPort: 80, hostPort: 8080, transport: .tcp)]
        change(&record)
        try tools.store.save(record)
        let host = RunnerHost(tools: tools, capacity: Resources(cpu: CPUUnits(1024), memory: MemoryMiB(1024)))
        try await host.adopt()
        return tools.ports.withLock { $0 }
    }

    @Test("a task that runs keeps its ports")
    func running() async throws {
        var ports = try await Self.adopt { _ in }
        #expect(throws: HostPorts.Conflict.self) { try ports.reserve(for: Self.web("new"), listening: [], seed: 0) }
    }

    @Test("a task that stopped has given them back, though its last report still waits")
    func stopped() async throws {
        var ports = try await Self.adopt { record in
            record.stopRequested = true
            record.stoppedAt = Timestamp(milliseconds: 1)
        }
        let bindings = try ports.reserve(for: Self.web("new"), listening: [], seed: 0)
        #expect(bindings["web"]?.map(\.hostPort) == [8080])
    }
}

/// Never gets an answer.
private struct SilentReporter: TaskReporter {
    func submit(_ report: ObservedTask, of assignment: TaskAssignment) async throws {
        try await Task.sleep(for: .seconds(3_600))
    }
}
