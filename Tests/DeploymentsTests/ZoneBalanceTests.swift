import Deployments
import Domain
import Identifiers
import TestKit
import Testing

@Suite("Spreading a service's tasks over the zones")
struct ZoneBalanceTests {
    private static let zones = ["h0": "a", "h1": "a", "h2": "b", "h3": "c"]

    private static let two = ["h0": "a", "h1": "a", "h2": "b", "h3": "b"]

    /// A service whose tasks are all healthy, on the hosts given.
    private static func steady(_ hosts: [String], minimum: Int = 100, maximum: Int = 200) -> ServiceWorld {
        var world = ServiceWorld(
            .test(
                desired: hosts.count, minimum: minimum, maximum: maximum,
                deployments: [.test(1, rollout: .completed)]))
        guard let primary = world.service.primary else { return world }
        world.zones = zones
        world.service.isSteady = true
        world.tasks = hosts.enumerated().map { number, host in
            .test("t\(number)", launchType: .fargate).of(world.service, primary).placed(on: host)
                .observed(.running, at: .test())
        }
        world.now = .test(100)
        return world
    }

    struct Row: Sendable, CustomTestStringConvertible {
        var name: String
        var hosts: [String]
        var minimum = 100
        var maximum = 200
        var full: Set<String> = []
        var draining: Set<String> = []
        var protected: [Int] = []
        var isDisabled = false
        /// Where the first new task goes.
        var goes: String?
        var testDescription: String { name }
    }

    static let rows = [
        Row(name: "the emptiest zone gets the first", hosts: ["h0", "h0", "h1", "h2"], goes: "c"),
        Row(name: "a difference of one is even", hosts: ["h0", "h1", "h2", "h3"]),
        Row(name: "zones in which no host has room do not count", hosts: ["h0", "h0", "h1"], full: ["h2", "h3"]),
        Row(name: "the next emptiest gets it then", hosts: ["h0", "h0", "h1"], full: ["h2"], goes: "c"),
        Row(name: "nothing moves to a draining host", hosts: ["h0", "h0", "h1"], draining: ["h2", "h3"]),
        Row(name: "nothing moves without room under the maximum", hosts: ["h0", "h0", "h1"], maximum: 133),
        Row(name: "protected tasks stay", hosts: ["h0", "h0", "h1"], protected: [0, 1, 2]),
        Row(name: "others move instead", hosts: ["h0", "h0", "h1"], protected: [0, 1], goes: "b"),
        Row(name: "who said no is left alone", hosts: ["h0", "h0", "h1"], isDisabled: true),
    ]

    @Test("starts one task where it is missing", arguments: rows)
    func starts(row: Row) {
        var world = Self.steady(row.hosts, minimum: row.minimum, maximum: row.maximum)
        world.full = row.full
        world.draining = row.draining
        world.service.availabilityZoneRebalancing = !row.isDisabled
        for index in row.protected { world.tasks[index].protection = TaskProtection(expiresAt: .test(9_999)) }
        let plan = reconcile(world.snapshot)
        #expect(plan.starts.map(\.zone) == (row.goes.map { [$0] } ?? []))
        #expect(plan.starts.allSatisfy { $0.count == 1 })
        #expect(plan.stops.isEmpty)
    }

    @Test("says in ECS's words what is uneven, what starts, what stops, and when all is even")
    func words() {
        var world = Self.steady(["h0", "h0", "h1"])
        world.zones = Self.two
        world.settle()
        let task = world.tasks[3].id.id
        #expect(
            world.messages.suffix(2) == [
                "(service web) is not AZ balanced with 3 tasks in a, 0 tasks in b. AZ Rebalancing in progress.",
                "(service web) has started 1 tasks in b to AZ Rebalance: (task \(task)).",
            ])
        world.run(seconds: 120)
        let stopped = world.tasks.first { $0.verdict.stop != nil }
        #expect(stopped?.stopCode == .serviceSchedulerInitiated)
        #expect(stopped?.verdict.stop?.reason == "Scaling activity initiated by (deployment ecs-svc/1)")
        #expect(
            world.messages.suffix(3) == [
                "(service web) has stopped 1 running tasks in a due to AZ rebalancing: (task \(stopped?.id.id ?? "")).",
                "(service web) is AZ balanced with 2 tasks in a, 1 tasks in b.",
                "(service web) has reached a steady state.",
            ])
        #expect(world.service.rebalancing == nil)
    }

    @Test(
        "waits until the new task is healthy before another stops, and gives it up when the zone has no room after all")
    func waits() throws {
        var world = Self.steady(["h0", "h0", "h1"])
        world.zones = Self.two
        world.settle()
        #expect(world.live.count == 4)
        world.tasks[3] = world.tasks[3].observed(.running, at: world.now)
        world.now = world.now.adding(.seconds(39))
        world.settle()
        #expect(world.live.count == 4)
        world.now = world.now.adding(.seconds(1))
        world.settle()
        #expect(world.live.count == 3)

        var other = Self.steady(["h0", "h0", "h1"])
        other.settle()
        other.tasks[3].placement = nil
        #expect(reconcile(other.snapshot).stops.isEmpty)
        other.full = ["h2", "h3"]
        other.settle()
        #expect(other.live.count == 3)
        #expect(other.tasks[3].desiredStatus == .stopped)
        let wake = try #require(reconcile(other.snapshot).wakeAt)
        #expect(wake <= other.now.adding(.seconds(30)))
    }

    @Test(
        "a task that waits for the zone of a move that ended makes way for one that may go anywhere",
        arguments: [false, true])
    func taskOfEndedMove(isBlueGreen: Bool) throws {
        var world = Self.steady(["h0", "h0", "h1"])
        world.settle()
        world.tasks[3].placement = nil
        // The move's task is not one too many any more when another ended.
        world.tasks[0] = world.tasks[0].observed(.stopped, at: world.now)
        world.full = ["h2", "h3"]
        if isBlueGreen {
            world.service.configuration.strategy = .blueGreen
            world.deploy(revision: 2)
        }
        world.settle()
        #expect(world.tasks[3].desiredStatus == .stopped)
        #expect(world.service.rebalancing?.move == nil)
        let mine = world.live.filter { $0.deployment == world.tasks[3].deployment }
        #expect(mine.count == 3)
        #expect(reconcile(world.snapshot).stops.isEmpty)
    }

    @Test("a protected task of a move that ended stays until its protection ends")
    func protectedTaskOfEndedMove() {
        var world = Self.steady(["h0", "h0", "h1"])
        world.settle()
        world.tasks[3].placement = nil
        world.tasks[3].protection = TaskProtection(expiresAt: world.now.adding(.seconds(60)))
        world.tasks[0] = world.tasks[0].observed(.stopped, at: world.now)
        world.full = ["h2", "h3"]
        world.settle()
        #expect(world.tasks[3].desiredStatus == .running)
        world.now = world.now.adding(.seconds(61))
        world.settle()
        #expect(world.tasks[3].desiredStatus == .stopped)
    }

    @Test("a service that is left no room to move comes to a steady state", arguments: [(0, 200), (3, 100)])
    func noRoomLeft(desired: Int, maximum: Int) {
        var world = Self.steady(["h0", "h0", "h1"])
        world.settle()
        #expect(world.service.rebalancing?.move != nil)
        world.service = world.service.desiring(.update(count: desired))
        world.service.configuration.maximumPercent = maximum
        world.service.isSteady = false
        world.run(seconds: 120)
        #expect(world.live.count == desired)
        #expect(world.service.rebalancing == nil && world.service.isSteady)
    }

    @Test("a new deployment comes first: the move is given up")
    func deployment() {
        var world = Self.steady(["h0", "h0", "h1"])
        world.settle()
        world.deploy(revision: 2)
        world.settle()
        #expect(world.service.rebalancing == nil)
        world.run(seconds: 600)
        #expect(world.live.allSatisfy { $0.definition.revision == 2 })
        #expect(world.live.count == 3)
    }

    @Test("keeps within the bounds, ends, and leaves no zone two behind", arguments: 1...20)
    func holds(seed: UInt64) {
        var dice = SeededGenerator(seed: seed &* 7_919)
        let bounds = [(100, 200), (50, 150), (100, 150), (0, 200), (75, 125)]
        let (minimum, maximum) = bounds[Int(seed) % bounds.count]
        let hosts = (0..<Int.random(in: 2...9, using: &dice)).map { _ in "h\(Int.random(in: 0..<4, using: &dice))" }
        var world = Self.steady(hosts, minimum: minimum, maximum: maximum)
        for _ in 0..<60 {
            world.pass(Int.random(in: 1...30, using: &dice))
            switch Int.random(in: 0..<14, using: &dice) {
            case 0: world.crash()
            case 1: world.full = world.full.isEmpty ? ["h\(Int.random(in: 0..<4, using: &dice))"] : []
            case 2: world.draining = world.draining.isEmpty ? ["h\(Int.random(in: 0..<4, using: &dice))"] : []
            case 3: world.protect(seconds: Int.random(in: 0...200, using: &dice))
            default: break
            }
            step(&world)
        }
        world.draining = []
        world.full = []
        world.run(seconds: 2_000, step: 10)
        let desired = world.service.desiredCount
        #expect(world.live.count == desired)
        let counts = Set(world.zones.values).map { world.perZone[$0] ?? 0 }
        let hasRoom = world.service.configuration.maximum(of: desired) > desired
        if hasRoom { #expect((counts.max() ?? 0) - (counts.min() ?? 0) < 2, "\(world.perZone)") }
        let before = world.tasks.count
        world.run(seconds: 600, step: 10)
        #expect(world.tasks.count == before, "tasks move although all is even")
    }

    private func step(_ world: inout ServiceWorld) {
        for _ in 0..<8 {
            let snapshot = world.snapshot
            let plan = reconcile(snapshot)
            #expect(plan == reconcile(snapshot))
            let healthy = world.healthy
            world.apply(plan)
            let configuration = world.service.configuration
            let desired = world.service.desiredCount
            #expect(world.live.count <= configuration.maximum(of: desired))
            if world.healthy < healthy { #expect(world.healthy >= configuration.minimum(of: desired)) }
            if plan.starts.isEmpty, plan.stops.isEmpty { return }
        }
        Issue.record("plans at one moment do not come to rest")
    }
}
