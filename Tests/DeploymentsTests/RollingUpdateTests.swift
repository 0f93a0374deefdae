import Deployments
import Domain
import Identifiers
import TestKit
import Testing

@Suite("A rolling update")
struct RollingUpdateTests {
    struct Row: Sendable, CustomTestStringConvertible {
        var name: String
        var desired: Int
        var minimum = 100
        var maximum = 200
        /// Tasks of the old and the new deployment: `p` pending, `s` running and settling, `h` healthy.
        var old = ""
        var new = ""
        var starts: Int
        var stops: [String]
        var testDescription: String { name }
    }

    static let rows = [
        Row(name: "starts what a new service lacks", desired: 3, starts: 3, stops: []),
        Row(name: "does nothing when all is there", desired: 2, new: "hp", starts: 0, stops: []),
        Row(name: "starts the new before it stops the old", desired: 1, old: "h", starts: 1, stops: []),
        Row(name: "waits while the new one settles", desired: 1, old: "h", new: "s", starts: 0, stops: []),
        Row(name: "stops the old once the new is healthy", desired: 1, old: "h", new: "h", starts: 0, stops: ["o0"]),
        Row(
            name: "stops then starts at 0/100", desired: 1, minimum: 0, maximum: 100, old: "h", starts: 1, stops: ["o0"]
        ),
        Row(
            name: "75 % of two is two: nothing can stop", desired: 2, minimum: 75, maximum: 100, old: "hh", starts: 0,
            stops: []),
        Row(
            name: "125 % of three is three: nothing can start", desired: 3, minimum: 100, maximum: 125, old: "hhh",
            starts: 0, stops: []),
        Row(
            name: "50/100 stops half, then starts half", desired: 4, minimum: 50, maximum: 100, old: "hhhh", starts: 2,
            stops: ["o3", "o2"]),
        Row(name: "old ones that never ran go at once", desired: 2, old: "pp", starts: 2, stops: ["o1", "o0"]),
        Row(name: "scale-in takes pending ones first", desired: 2, new: "hph", starts: 0, stops: ["n1"]),
        Row(name: "scale-in takes settling ones before healthy ones", desired: 2, new: "hsh", starts: 0, stops: ["n1"]),
        Row(name: "scale-in takes the newest among equals", desired: 1, new: "hhh", starts: 0, stops: ["n2", "n1"]),
        Row(name: "zero desired stops all", desired: 0, old: "h", new: "p", starts: 0, stops: ["n0", "o0"]),
        Row(name: "scale-out adds what lacks", desired: 5, new: "hh", starts: 3, stops: []),
    ]

    @Test("plans one step", arguments: rows)
    func plansOneStep(row: Row) {
        let plan = reconcile(Self.snapshot(row))
        #expect(plan.starts.reduce(0) { $0 + $1.count } == row.starts)
        #expect(plan.stops.map(\.task.id) == row.stops)
        #expect(plan.stops.allSatisfy { $0.code == .serviceSchedulerInitiated })
        #expect(plan.stops.allSatisfy { $0.reason == "Scaling activity initiated by (deployment ecs-svc/2)" })
    }

    static func snapshot(_ row: Row) -> ServiceSnapshot {
        let new = DeploymentRecord.test(2, revision: 2)
        let old = DeploymentRecord.test(1, revision: 1, status: .active, rollout: .completed)
        let service = ServiceRecord.test(
            desired: row.desired, minimum: row.minimum, maximum: row.maximum, deployments: [new, old])
        let tasks =
            row.old.enumerated().map { Self.task("o\($0.offset)", $0.element).of(service, old) }
            + row.new.enumerated().map { Self.task("n\($0.offset)", $0.element).of(service, new) }
        return ServiceSnapshot(
            service: service, tasks: tasks, definitions: [:], now: .test(100),
            freshID: DeploymentID(rawValue: "ecs-svc/9"))
    }

    static func task(_ id: String, _ state: Character) -> TaskRecord {
        switch state {
        case "p": .test(id).observed(.pending)
        case "s": .test(id).observed(.running, at: .test(90))
        default: .test(id).observed(.running, at: .test(10))
        }
    }

    @Test("tells people when its configuration forbids every move")
    func stuck() {
        let row = Row(name: "", desired: 2, minimum: 100, maximum: 100, old: "hh", starts: 0, stops: [])
        #expect(
            reconcile(Self.snapshot(row)).messages.map(\.text) == [
                "(service web) was unable to stop or start tasks during a deployment because of the service deployment "
                    + "configuration. Update the minimumHealthyPercent or maximumPercent value and try again."
            ])
    }

    @Test("tells its story in ECS's words")
    func story() throws {
        var world = ServiceWorld(.test(desired: 1))
        world.settle()
        world.run(seconds: 120)
        world.deploy(revision: 2)
        world.settle()
        world.run(seconds: 120)
        let (first, second) = ("ecs-svc/1", try #require(world.service.primary).id.rawValue)
        let ids = world.tasks.map(\.id.id)
        #expect(ids.count == 2)
        #expect(
            world.messages == [
                "(service web) has started 1 tasks: (task \(ids[0])).",
                "(service web) (deployment \(first)) deployment completed.",
                "(service web) has reached a steady state.",
                "(service web) has started 1 tasks: (task \(ids[1])).",
                "(service web) has stopped 1 running tasks: (task \(ids[0])).",
                "(service web) (deployment \(second)) deployment completed.",
                "(service web) has reached a steady state.",
            ])
        #expect(world.service.deployments.count == 1)
        #expect(world.service.primary?.rolloutStateReason == "ECS deployment \(second) completed.")
    }

    @Test("a task without checks is healthy 40 seconds after it runs, one with checks when they pass")
    func healthy() {
        let running = TaskRecord.test("a").observed(.running, at: .test(0))
        let plain = TaskDefinitionRecord.test().definition
        #expect(!running.isHealthy(under: plain, now: .test(39)))
        #expect(running.isHealthy(under: plain, now: .test(40)))
        let checked = TaskDefinitionRecord.test(healthCheck: true).definition
        #expect(!running.isHealthy(under: checked, now: .test(400)))
        #expect(running.reporting(.healthy).isHealthy(under: checked, now: .test(1)))
    }

    @Test("wakes when the newest task settles")
    func wakes() {
        let row = Row(name: "", desired: 1, old: "h", new: "s", starts: 0, stops: [])
        #expect(reconcile(Self.snapshot(row)).wakeAt == .test(130))
    }

    @Test("keeps to its budget and finishes with the next steps")
    func budget() {
        var world = ServiceWorld(.test(desired: 250))
        #expect(reconcile(world.snapshot).starts.map(\.count) == [90])
        world.settle()
        #expect(world.live.count == 250)
    }
}
