import Deployments
import Domain
import Identifiers
import TestKit
import Testing

@Suite("A service with the DAEMON strategy")
struct DaemonUpdateTests {
    func world(hosts: Int, minimum: Int = 0, seed: UInt64 = 1) -> ServiceWorld {
        var service = ServiceRecord.test(desired: 0, minimum: minimum, maximum: 100)
        service.schedulingStrategy = .daemon
        var world = ServiceWorld(service, seed: seed)
        world.daemonHosts = Set((0..<hosts).map { "h\($0)" })
        return world
    }

    func hosts(_ world: ServiceWorld) -> [String] { world.live.compactMap { $0.placement?.instance.id }.sorted() }

    @Test("has one task on every eligible host, and as many desired")
    func one() {
        var world = world(hosts: 3)
        world.settle()
        #expect(hosts(world) == ["h0", "h1", "h2"])
        #expect(world.live.allSatisfy { $0.pinnedTo == $0.placement?.instance })
        #expect(world.service.desiredCount == 3)
        world.run(seconds: 120)
        #expect(world.service.isSteady)
        #expect(world.service.primary?.rolloutState == .completed)
    }

    @Test("follows hosts that come, and leaves those that are not eligible any more")
    func follows() {
        var world = world(hosts: 2)
        world.run(seconds: 120)
        world.daemonHosts = ["h1", "h3"]
        world.settle()
        #expect(hosts(world) == ["h1", "h3"])
        #expect(world.service.desiredCount == 2)
        world.daemonHosts = []
        world.settle()
        #expect(world.live.isEmpty)
        #expect(world.service.desiredCount == 0)
    }

    @Test("leaves a draining host last")
    func draining() {
        var world = world(hosts: 2)
        world.run(seconds: 120)
        world.daemonHosts = ["h1"]
        world.draining = ["h0"]
        world.busy = ["h0"]
        world.settle()
        #expect(hosts(world) == ["h0", "h1"])
        #expect(reconcile(world.snapshot).wakeAt.map { $0 <= world.now.adding(.seconds(5)) } == true)
        world.busy = []
        world.settle()
        #expect(hosts(world) == ["h1"])
    }

    @Test("updates all hosts at once at a minimum of 0, one of two at 50", arguments: [(0, 2), (50, 1)])
    func update(minimum: Int, count: Int) {
        var world = world(hosts: 2, minimum: minimum)
        world.run(seconds: 120)
        world.deploy(revision: 2)
        let plan = reconcile(world.snapshot)
        #expect(plan.stops.count == count)
        #expect(plan.starts.count == count)
        world.run(seconds: 300)
        #expect(world.live.allSatisfy { $0.definition.revision == 2 })
        #expect(world.service.deployments.count == 1)
    }

    @Test("says so when the minimum forbids every move")
    func stuck() {
        var world = world(hosts: 1, minimum: 50)
        world.run(seconds: 120)
        world.deploy(revision: 2)
        world.settle()
        #expect(world.live.allSatisfy { $0.definition.revision == 1 })
        #expect(world.messages.contains { $0.contains("was unable to stop or start tasks during a deployment") })
    }

    @Test("leaves a protected task until its protection is over")
    func protected() {
        var world = world(hosts: 2)
        world.run(seconds: 120)
        world.tasks[0].protection = TaskProtection(expiresAt: world.now.adding(.seconds(600)))
        world.deploy(revision: 2)
        world.run(seconds: 300)
        #expect(Set(world.live.map(\.definition.revision)) == [1, 2])
        #expect(world.messages.contains { $0.contains("The number of protected tasks") })
        world.run(seconds: 600)
        #expect(world.live.allSatisfy { $0.definition.revision == 2 })
    }

    @Test("replaces a dead task on its host, and slows down when starts fail")
    func failures() {
        var world = world(hosts: 2)
        world.run(seconds: 120)
        world.crash()
        world.settle()
        #expect(hosts(world) == ["h0", "h1"])
        world.badRevisions = [2]
        world.deploy(revision: 2)
        world.run(seconds: 3_600, step: 5)
        #expect(world.startCounts[2, default: 0] < 40)
        #expect(world.service.primary?.failedTasks ?? 0 > 3)
    }

    @Test("never has two tasks on a host, and converges", arguments: 1...20)
    func holds(seed: UInt64) {
        var dice = SeededGenerator(seed: seed &* 77)
        var world = world(hosts: 3, minimum: [0, 50, 66][Int(seed) % 3], seed: seed)
        var revision = 1
        for _ in 0..<80 {
            world.pass(Int.random(in: 1...15, using: &dice))
            switch Int.random(in: 0..<10, using: &dice) {
            case 0: world.crash()
            case 1: world.daemonHosts = Set((0..<4).filter { _ in Bool.random(using: &dice) }.map { "h\($0)" })
            case 2:
                revision += 1
                world.deploy(revision: revision)
            default: break
            }
            world.settle()
            #expect(Set(hosts(world)).count == hosts(world).count)
            #expect(world.service.desiredCount == world.daemonHosts?.count)
        }
        world.run(seconds: 900, step: 5)
        #expect(hosts(world) == world.daemonHosts?.sorted())
        let count = world.service.desiredCount
        // Where the minimum is all there is, ECS does not move either.
        guard world.service.configuration.minimum(of: count) < count else { return }
        #expect(world.live.allSatisfy { $0.definition.revision == revision })
        #expect(world.service.isSteady)
    }
}
