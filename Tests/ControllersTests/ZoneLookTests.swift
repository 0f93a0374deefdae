import Controllers
import Domain
import Identifiers
import Placement
import StateStore
import TestKit
import Testing

@Suite("Zones that a service may move to")
struct ZoneLookTests {
    private static func host(_ id: String, _ zone: String, cpu: Int = 4096) -> ContainerInstanceRecord {
        .test(id, launchType: .fargate, cpu: cpu, zone: zone)
    }

    /// Four tasks at rest in zone `a`.
    private func world() -> StepsWorld {
        var world = StepsWorld(hosts: [Self.host("h1", "a")], service: .test(desired: 4))
        world.settle()
        world.pass(1)
        world.settle()
        world.pass(60)
        world.settle()
        return world
    }

    private func zones(_ world: StepsWorld) -> [String] {
        world.tasks.filter { $0.desiredStatus == .running }.compactMap { $0.placement?.instance.id }.sorted()
    }

    @Test("a host that comes in another zone gets its share, one task at a time, and then nothing moves")
    func comes() {
        var world = world()
        #expect(world.service?.isSteady == true)
        let second = Self.host("h2", "b")
        world.state = world.state.applying { $0.put(second) }
        world.connected.insert(second.id)
        let commits = world.services.step(
            [.instance(second.id)], world.state, connected: world.connected, now: world.now, ids: world.ids)
        #expect(commits.map(\.started) == [1] && commits.map(\.stopped) == [0])
        var most = 0
        for _ in 0..<10 {
            world.settle()
            most = max(most, zones(world).count)
            world.pass(20)
        }
        world.settle()
        #expect(most == 5)
        #expect(zones(world) == ["h1", "h1", "h2", "h2"])
        #expect(world.service?.isSteady == true && world.service?.rebalancing == nil)
        #expect(world.tasks.count == 6)
    }

    @Test(
        "a host that cannot take a task gives its zone none: silent, lost, draining, full, of another kind",
        arguments: ["silent", "lost", "draining", "full", "own"])
    func cannot(why: String) {
        var world = world()
        var second = Self.host("h2", "b", cpu: why == "full" ? 100 : 4096)
        if why == "own" { second = .test("h2", zone: "b") }
        if why == "lost" { second.lostAt = world.now }
        if why == "draining" { second.status = .draining }
        world.state = world.state.applying { [second] in $0.put(second) }
        if why != "silent" { world.connected.insert(second.id) }
        for _ in 0..<5 {
            world.settle()
            world.pass(30)
        }
        #expect(world.tasks.count == 4)
    }

    @Test("is asked again after a while, for room comes without a change of the service")
    func again() throws {
        var world = world()
        let second = Self.host("h2", "b")
        world.state = world.state.applying { $0.put(second) }
        world.settle()
        #expect(world.tasks.count == 4)
        let wake = try #require(world.services.wakeAt)
        #expect(wake <= world.now.adding(.seconds(30)))
        world.connected.insert(second.id)
        world.now = wake
        let commits = world.services.step(
            [], world.state, connected: world.connected, now: world.now, ids: world.ids)
        #expect(commits.map(\.started) == [1])
    }
}
