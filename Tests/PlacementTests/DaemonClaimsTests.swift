import Domain
import Identifiers
import Placement
import TestKit
import Testing

@Suite("Room kept for daemons")
struct DaemonClaimsTests {
    /// A daemon's task: half of the host's processor, and port 80.
    private func daemon(_ change: (inout TaskRecord) -> Void = { _ in }) -> TaskRecord {
        var task = TaskRecord.test("d", cpu: 512, memory: 128, mode: .host, group: "service:watch")
        task.hostPorts = [Port(80)]
        change(&task)
        return task
    }

    private func host(_ daemons: [TaskRecord], tasks: [TaskRecord] = [], zone: String = "a") -> PlacementHost {
        var host = PlacementHost(record: .test("h1", cpu: 1_024, zone: zone), isConnected: true, tasks: tasks)
        DaemonClaims(daemons).keepRoom(on: &host)
        return host
    }

    private func refusal(of host: PlacementHost, cpu: Int, ports: [Port] = [], pinned: Bool = false) -> String? {
        var task = TaskRecord.test("t", cpu: cpu, memory: 64)
        task.hostPorts = ports
        if pinned { task.pinnedTo = host.record.id }
        return PlacementSnapshot(hosts: [host]).rejections(of: task).first?.refusal.code
    }

    @Test("is not given to other tasks, but to those that may only run there")
    func kept() {
        let host = host([daemon()])
        #expect(refusal(of: host, cpu: 512) == nil)
        #expect(refusal(of: host, cpu: 513) == "RESOURCE:CPU")
        #expect(refusal(of: host, cpu: 1_024, pinned: true) == nil)
        #expect(refusal(of: host, cpu: 64, ports: [Port(80)]) == "RESOURCE:PORTS")
        #expect(refusal(of: host, cpu: 64, ports: [Port(80)], pinned: true) == nil)
    }

    @Test("is kept for each daemon that is missing")
    func several() {
        let other = daemon { $0.group = "daemon:logs" }
        #expect(refusal(of: host([daemon(), other]), cpu: 1) == "RESOURCE:CPU")
    }

    @Test("ends when the daemon's task is there, and comes back when that is gone")
    func released() {
        let there = daemon().placed(on: "h1")
        #expect(refusal(of: host([daemon()], tasks: [there]), cpu: 512) == nil)
        #expect(refusal(of: host([daemon()], tasks: [there]), cpu: 513) == "RESOURCE:CPU")
        #expect(refusal(of: host([daemon()], tasks: [there.observed(.stopped)]), cpu: 513) == "RESOURCE:CPU")
    }

    @Test("goes to the daemon's task when it is planned, once")
    func planned() {
        var snapshot = PlacementSnapshot(hosts: [host([daemon()])])
        var random = SeededGenerator(seed: 1)
        let pinned = daemon { $0.pinnedTo = .test("h1") }
        let half = TaskRecord.test("t", cpu: 512, memory: 64)
        #expect(snapshot.plan([half, pinned], using: &random).placements.map(\.task) == [half.id, pinned.id])
        #expect(snapshot.plan([.test("u", cpu: 1, memory: 1)], using: &random).placements.isEmpty)
    }

    @Test("is kept only where the daemon may run")
    func elsewhere() {
        let inZone = daemon { $0.placementConstraints = [.memberOf("attribute:ecs.availability-zone == b")] }
        #expect(refusal(of: host([inZone], zone: "a"), cpu: 1_024) == nil)
        #expect(refusal(of: host([inZone], zone: "b"), cpu: 1_024) == "RESOURCE:CPU")
        let ofProvider = daemon { $0.capacityProvider = "blue" }
        #expect(refusal(of: host([ofProvider]), cpu: 1_024) == nil)
        let otherCluster = daemon { $0.id.cluster.name = "other" }
        #expect(refusal(of: host([otherCluster]), cpu: 1_024) == nil)
    }

    @Test("is told by the explanation")
    func explained() throws {
        let explained = ExplainedHost(
            record: .test("h1", cpu: 1_024), isConnected: true, tasks: [], claims: DaemonClaims([daemon()]))
        var task = TaskRecord.test("t", cpu: 1_000, memory: 64)
        task.hostPorts = [Port(80)]
        let told = try #require(PlacementExplanation(of: task, on: [explained]).hosts.first)
        #expect(
            told.checks.compactMap(\.problem) == [
                "needs 1000 CPU units, 512 left of 1024, 512 kept for daemons", "port 80/tcp is kept for a daemon",
            ])
    }
}
