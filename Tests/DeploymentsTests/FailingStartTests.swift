import Deployments
import Domain
import Identifiers
import TestKit
import Testing

@Suite("Starts that fail")
struct FailingStartTests {
    @Test(
        "wait from seconds to 27 minutes",
        arguments: [(0, 0), (1, 5), (2, 10), (5, 80), (9, 1_280), (10, 1_620), (90, 1_620)])
    func delays(rounds: Int, seconds: Int) {
        #expect(StartThrottle.delay(afterRounds: rounds) == .seconds(seconds))
    }

    @Test("a bad image does not burn the machine", arguments: [1, 4])
    func badImage(desired: Int) {
        var world = ServiceWorld(.test(desired: desired))
        world.badRevisions = [1]
        world.settle()
        world.run(seconds: 4 * 3_600, step: 5)
        let starts = world.startCounts[1, default: 0]
        #expect(starts >= 8 * desired)
        #expect(starts <= 20 * desired)
        #expect(world.messages.contains("(service web) is unable to consistently start tasks successfully."))
        #expect(world.service.primary?.failedTasks == starts)
    }

    @Test("are counted once each, in a row")
    func counts() {
        var world = ServiceWorld(.test(desired: 2))
        world.badRevisions = [1]
        world.settle()
        for _ in 0..<6 { world.pass(1) }
        world.apply(reconcile(world.snapshot))
        let failed = world.service.primary?.failedTasks
        world.apply(reconcile(world.snapshot))
        #expect(failed == 2)
        #expect(world.service.primary?.failedTasks == failed)
        #expect(world.service.primary?.failedRounds == 1)
    }

    @Test("are forgiven once a later task runs")
    func forgiven() {
        var world = ServiceWorld(.test(desired: 1))
        world.badRevisions = [1]
        world.settle()
        world.run(seconds: 60)
        #expect(world.service.primary?.failedTasks ?? 0 > 1)
        world.badRevisions = []
        world.run(seconds: 200)
        #expect(world.service.primary?.failedTasks == 0)
        #expect(world.service.primary?.lastFailureAt == nil)
        #expect(world.service.primary?.rolloutState == .completed)
    }

    @Test("are not held up by times to come when the clock was set back")
    func clockSetBack() {
        var world = ServiceWorld(.test(desired: 1))
        world.badRevisions = [1]
        world.settle()
        world.run(seconds: 60)
        for _ in 0..<60 where !world.live.isEmpty { world.run(seconds: 2) }
        #expect(world.live.isEmpty)
        let starts = world.startCounts[1, default: 0]
        world.now = world.now.adding(.seconds(-7_200))
        world.badRevisions = []
        world.run(seconds: 120)
        #expect(world.startCounts[1, default: 0] == starts + 1)
        #expect(world.live.count == 1)
    }

    @Test("running tasks count as they are when the clock was set back: settled, and replaced when unhealthy")
    func clockSetBackWhileRunning() {
        var world = ServiceWorld(.test(desired: 2))
        world.settle()
        world.run(seconds: 20)
        world.now = world.now.adding(.seconds(-7_200))
        world.settle()
        #expect(world.service.primary?.rolloutState == .completed)
        world.checked = true
        world.run(seconds: 10)
        world.now = world.now.adding(.seconds(-7_200))
        world.sicken()
        world.run(seconds: 20)
        #expect(world.tasks.contains { $0.verdict.stop?.reason == "Task failed container health checks" })
    }

    @Test("a new deployment starts without the wait")
    func newDeployment() {
        var world = ServiceWorld(.test(desired: 1))
        world.badRevisions = [1]
        world.settle()
        world.run(seconds: 600)
        world.deploy(revision: 2)
        #expect(reconcile(world.snapshot).starts.map(\.count) == [1])
    }

    @Test("tasks that ran before they ended are never throttled")
    func crashLoop() {
        var world = ServiceWorld(.test(desired: 1))
        world.settle()
        for _ in 0..<30 {
            world.run(seconds: 10)
            world.crash()
            #expect(reconcile(world.snapshot).starts.count == (world.live.isEmpty ? 1 : 0))
            world.settle()
        }
    }

    @Test("of a new revision leave the old one at its count, dead tasks included")
    func keepsOld() {
        var world = ServiceWorld(.test(desired: 3, minimum: 50))
        world.settle()
        world.run(seconds: 120)
        world.badRevisions = [2]
        world.deploy(revision: 2)
        world.settle()
        world.run(seconds: 900)
        world.crash()
        world.run(seconds: 900)
        #expect(world.live.count { $0.definition.revision == 1 && $0.lastStatus == .running } >= 2)
    }

    @Test(
        "trip the breaker at half the desired count, at least 3, at most 200",
        arguments: [(1, 3), (25, 13), (400, 200), (800, 200)])
    func threshold(desired: Int, threshold: Int) {
        #expect(DeploymentConfiguration.CircuitBreaker.threshold(desired: desired) == threshold)
    }

    func broken(rollback: Bool) -> ServiceWorld {
        var world = ServiceWorld(.test(desired: 2))
        world.settle()
        world.run(seconds: 120)
        world.service.configuration.circuitBreaker = .init(enable: true, rollback: rollback)
        world.badRevisions = [2]
        world.deploy(revision: 2)
        world.settle()
        world.run(seconds: 300)
        return world
    }

    @Test("fail the deployment when the breaker trips, and no more tasks start")
    func trips() {
        var world = broken(rollback: false)
        #expect(world.service.primary?.rolloutState == .failed)
        #expect(
            world.service.primary?.rolloutStateReason == "ECS deployment circuit breaker: tasks failed to start.")
        let starts = world.startCounts
        world.run(seconds: 3_600)
        #expect(world.startCounts == starts)
        #expect(world.live.count { $0.definition.revision == 1 } == 2)
    }

    @Test("roll back to the last completed revision when asked to")
    func rollsBack() throws {
        let world = broken(rollback: true)
        let primary = try #require(world.service.primary)
        #expect(primary.taskDefinition.revision == 1)
        #expect(primary.rolloutState == .completed)
        #expect(world.service.taskDefinition?.revision == 1)
        #expect(world.messages.contains("(service web) rolling back to deployment ecs-svc/1."))
        #expect(world.messages.contains { $0.hasSuffix("deployment failed: tasks failed to start.") })
        #expect(world.live.count == 2)
        #expect(world.service.deployments.count == 1)
    }

    @Test("a rollback that fails stays failed")
    func rollbackFails() {
        var world = ServiceWorld(.test(desired: 2))
        world.settle()
        world.run(seconds: 120)
        world.service.configuration.circuitBreaker = .init(enable: true, rollback: true)
        world.badRevisions = [1, 2]
        world.deploy(revision: 2)
        world.settle()
        world.run(seconds: 2 * 3_600, step: 5)
        #expect(world.service.primary?.rolloutState == .failed)
        #expect(world.service.primary?.taskDefinition.revision == 1)
    }
}
