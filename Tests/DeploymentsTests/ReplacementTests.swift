import Deployments
import Domain
import Identifiers
import TestKit
import Testing

@Suite("Replacing tasks")
struct ReplacementTests {
    func steadyWorld(
        _ desired: Int, minimum: Int = 100, maximum: Int = 200, checked: Bool = false
    ) -> ServiceWorld {
        var world = ServiceWorld(.test(desired: desired, minimum: minimum, maximum: maximum))
        world.checked = checked
        world.settle()
        world.run(seconds: 120)
        return world
    }

    @Test("a dead task is replaced at once, by a new task")
    func dead() {
        var world = steadyWorld(2)
        world.crash()
        let plan = reconcile(world.snapshot)
        #expect(plan.starts.map(\.count) == [1])
        #expect(plan.stops.isEmpty)
        #expect(!plan.service.isSteady)
    }

    @Test("a task that was given up is replaced at once")
    func lost() {
        var world = steadyWorld(1)
        world.tasks[0].verdict.lostAt = world.now
        #expect(reconcile(world.snapshot).starts.map(\.count) == [1])
    }

    @Test("an unhealthy task stops once its replacement is healthy, when the maximum has room")
    func unhealthyStartFirst() {
        var world = steadyWorld(1, checked: true)
        world.sicken()
        let first = reconcile(world.snapshot)
        #expect(first.starts.map(\.count) == [1])
        #expect(first.stops.isEmpty)
        world.apply(first)
        world.run(seconds: 20)
        #expect(world.tasks[0].verdict.stop?.reason == "Task failed container health checks")
        #expect(world.messages.contains("(service web) (task \(world.tasks[0].id.id)) failed container health checks."))
        #expect(world.live.count == 1)
    }

    @Test("an unhealthy task stops first when the maximum has no room")
    func unhealthyStopFirst() {
        var world = steadyWorld(2, minimum: 50, maximum: 100, checked: true)
        world.sicken()
        let plan = reconcile(world.snapshot)
        #expect(plan.stops.count == 1)
        #expect(plan.starts.map(\.count) == [1])
    }

    @Test("an unhealthy task has its grace period")
    func grace() {
        var world = steadyWorld(1, checked: true)
        world.service.healthCheckGracePeriod = 600
        world.sicken()
        let plan = reconcile(world.snapshot)
        #expect(plan.starts.isEmpty && plan.stops.isEmpty)
        #expect(plan.wakeAt != nil)
    }

    @Test("tasks on a draining host move within the bounds, pending ones at once")
    func draining() throws {
        var world = steadyWorld(2)
        let host = try #require(world.tasks[0].placement?.instance.id)
        world.draining = [host]
        world.settle()
        #expect(world.live.count == 2 + world.tasks.prefix(2).count { $0.placement?.instance.id == host })
        world.run(seconds: 120)
        #expect(world.live.count == 2)
        #expect(world.live.allSatisfy { $0.placement?.instance.id != host })
        var pending = ServiceWorld(.test(desired: 1))
        pending.settle()
        pending.draining = [try #require(pending.tasks[0].placement?.instance.id)]
        #expect(reconcile(pending.snapshot).stops.map(\.task) == [pending.tasks[0].id])
    }

    @Test("below a minimum of 100 a draining host gives its task up at once, whether or not another host has room")
    func drainingAlone() throws {
        var world = steadyWorld(1)
        world.service.configuration.minimumHealthyPercent = 0
        world.draining = [try #require(world.tasks[0].placement?.instance.id)]
        #expect(reconcile(world.snapshot).stops.map(\.task) == [world.tasks[0].id])
    }

    @Test("at 100/100 a draining host cannot drain")
    func drainingStuck() throws {
        var world = steadyWorld(1, maximum: 100)
        world.draining = [try #require(world.tasks[0].placement?.instance.id)]
        let plan = reconcile(world.snapshot)
        #expect(plan.starts.isEmpty && plan.stops.isEmpty)
    }

    @Test("scale-in takes from the zone, then the host, with most tasks")
    func crowded() {
        let deployment = DeploymentRecord.test(1)
        let service = ServiceRecord.test(desired: 2)
        let tasks = [("a", "h0"), ("b", "h1"), ("c", "h1"), ("d", "h2")].map { id, host in
            TaskRecord.test(id).placed(on: host).observed(.running).of(service, deployment)
        }
        let snapshot = ServiceSnapshot(
            service: service, tasks: tasks, definitions: [:],
            hosts: [
                .test("h0"): .init(zone: "x"), .test("h1"): .init(zone: "x"), .test("h2"): .init(zone: "y"),
            ], now: .test(100), freshID: DeploymentID(rawValue: "ecs-svc/9"))
        #expect(reconcile(snapshot).stops.map(\.task.id) == ["c", "b"])
    }

    @Test("a deleted service stops all and is INACTIVE when nothing runs any more")
    func deleted() {
        var world = steadyWorld(3)
        world.service.status = .draining
        world.settle()
        #expect(world.live.isEmpty)
        #expect(world.service.status == .inactive)
    }
}
