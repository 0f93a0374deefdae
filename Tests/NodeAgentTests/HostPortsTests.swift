import Domain
import Identifiers
import Testing

@testable import NodeAgent

@Suite("Host ports")
struct HostPortsTests {
    static func task(_ id: String, _ mappings: [PortMapping], mode: NetworkMode = .bridge) -> TaskAssignment {
        .of([.named("web") { $0.portMappings = mappings }], id: id, mode: mode)
    }

    @Test("a dynamic port comes from Linux's ephemeral range and skips what is taken")
    func dynamic() throws {
        var ports = HostPorts(reserved: [Port(32768)])
        let bindings = try ports.reserve(
            for: Self.task("a", [PortMapping(containerPort: 80)]), listening: [Port(32769)], seed: 0)
        #expect(bindings["web"]?.map(\.hostPort) == [32770])
        #expect(bindings["web"]?.map(\.containerPort) == [80])
    }

    static let refusals: [(reason: String, listening: Set<Port>, reserved: [Port])] = [
        ("host port 80/tcp is already in use by task a", [], []),
        ("host port 80/tcp is already in use on the host", [Port(80)], []),
        ("host port 80/tcp is reserved by the host", [], [Port(80)]),
    ]

    @Test("a static port is refused with its owner", arguments: refusals)
    func refused(reason: String, listening: Set<Port>, reserved: [Port]) throws {
        var ports = HostPorts(reserved: reserved)
        let mapping = PortMapping(containerPort: 8080, hostPort: 80)
        if listening.isEmpty, reserved.isEmpty {
            _ = try ports.reserve(for: Self.task("a", [mapping]), listening: [], seed: 0)
        }
        #expect(throws: HostPorts.Conflict(reason: reason)) {
            try ports.reserve(for: Self.task("b", [mapping]), listening: listening, seed: 0)
        }
    }

    @Test("a range gets as many consecutive ports, past what is taken, and gives them back")
    func ranges() throws {
        var ports = HostPorts(reserved: [Port(32770)])
        let mapping = PortMapping(range: PortRange(8000, 8002))
        let first = try ports.reserve(for: Self.task("a", [mapping]), listening: [], seed: 0)
        #expect(first["web"] == [NetworkBinding(containerPort: 8000, hostPort: 32771, transport: .tcp, portCount: 3)])
        #expect(first["web"]?.first?.hostPortRange == PortRange(32771, 32773))
        let second = try ports.reserve(for: Self.task("b", [mapping]), listening: [Port(32775)], seed: 0)
        #expect(second["web"]?.map(\.hostPort) == [32776])
        ports.release("a")
        var other = HostPorts(reserved: [Port(32770)])
        other.restore(first["web"] ?? [], of: "a")
        let third = try other.reserve(for: Self.task("c", [mapping]), listening: [], seed: 0)
        #expect(third["web"]?.map(\.hostPort) == [32774])
    }

    @Test("a range does not reach around the end, and one that fits nowhere is refused")
    func rangeEnds() throws {
        var ports = HostPorts()
        let near = HostPorts.dynamicRange.count - 1
        let mapping = PortMapping(range: PortRange(1, 3))
        let bindings = try ports.reserve(for: Self.task("a", [mapping]), listening: [], seed: near)
        #expect(bindings["web"]?.map(\.hostPort) == [32768])
        let large = PortMapping(range: PortRange(1, HostPorts.dynamicRange.count + 1))
        #expect(throws: HostPorts.Conflict.self) {
            try ports.reserve(for: Self.task("b", [large]), listening: [], seed: 5)
        }
    }

    @Test("tcp and udp are different ports, and a release frees them")
    func transports() throws {
        var ports = HostPorts()
        let tcp = PortMapping(containerPort: 53, hostPort: 53)
        let udp = PortMapping(containerPort: 53, hostPort: 53, transport: .udp)
        _ = try ports.reserve(for: Self.task("a", [tcp, udp]), listening: [], seed: 0)
        ports.release("a")
        _ = try ports.reserve(for: Self.task("b", [tcp, udp]), listening: [], seed: 0)
    }

    @Test("host mode takes the container's own ports, awsvpc none of the host's")
    func modes() throws {
        var ports = HostPorts()
        let mapping = PortMapping(containerPort: 9090)
        let host = try ports.reserve(for: Self.task("a", [mapping], mode: .host), listening: [], seed: 0)
        #expect(host["web"]?.map(\.hostPort) == [9090])
        let awsvpc = try ports.reserve(for: Self.task("b", [mapping], mode: .awsvpc), listening: [], seed: 0)
        #expect(awsvpc.isEmpty)
    }

    @Test("listening ports are read from the kernel's table, connections are not")
    func listeningPorts() {
        let table = """
              sl  local_address rem_address   st tx_queue
               0: 0100007F:0050 00000000:0000 0A 00000000:00000000
               1: 0100007F:0051 0100007F:9999 01 00000000:00000000
            """
        #expect(ListeningPorts.parse(table, .tcp) == [Port(80)])
    }
}

@Suite("Admission to the host")
struct HostAdmissionTests {
    static func task(_ id: String, cpu: Int) -> TaskAssignment {
        .of([.named("web") { $0.cpu = CPUUnits(cpu) }], id: id)
    }

    @Test("tasks start while there is room, then wait in order")
    func waits() {
        var admission = HostAdmission(capacity: Resources(cpu: CPUUnits(100), memory: MemoryMiB(1000)))
        for (id, cpu) in [("a", 60), ("b", 60), ("c", 10)] { admission.enqueue(Self.task(id, cpu: cpu)) }
        #expect(admission.startable().map(\.task.id) == ["a"])
        #expect(admission.waiting.map(\.id) == ["b", "c"])
        admission.ended(Self.task("a", cpu: 60).task)
        #expect(admission.startable().map(\.task.id) == ["b", "c"])
    }

    @Test("nothing starts while stop candidates are verified, nor before the given-up tasks have ended")
    func verification() {
        var admission = HostAdmission(capacity: Resources(cpu: CPUUnits(100), memory: MemoryMiB(1000)))
        let old = Self.task("old", cpu: 10)
        admission.adopt(old)
        admission.beginVerification()
        admission.enqueue(Self.task("new", cpu: 10))
        #expect(admission.startable().isEmpty)
        admission.endVerification(stopping: [old.task])
        #expect(admission.startable().isEmpty)
        admission.ended(old.task)
        #expect(admission.startable().map(\.task.id) == ["new"])
    }
}
