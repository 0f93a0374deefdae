import Deployments
import Domain
import Identifiers
import TestKit
import Testing

@Suite("The history of a service")
struct ServiceHistoryTests {
    /// A service of two tasks whose first deployment, made by a caller, is complete.
    func steadyWorld(_ breaker: DeploymentConfiguration.CircuitBreaker? = nil) -> ServiceWorld {
        var world = ServiceWorld(.test(desired: 2))
        world.service.deployments = []
        world.deploy(revision: 1)
        world.settle()
        world.run(seconds: 120)
        world.service.configuration.circuitBreaker = breaker
        return world
    }

    @Test("begins PENDING and goes on as the deployment does, with times and tallies")
    func successful() throws {
        var world = ServiceWorld(.test(desired: 2))
        world.service.deployments = []
        world.deploy(revision: 1)
        #expect(world.history.map(\.status) == [.pending])
        world.settle()
        let going = try #require(world.history.last)
        #expect(going.status == .inProgress)
        #expect(going.startedAt == world.now)
        let now = going.tallies(in: world.service, world.tasks)
        #expect(now == [RevisionTally(revision: going.target, requested: 2, running: 0, pending: 2)])
        world.run(seconds: 120)
        let done = try #require(world.history.last)
        #expect(done.status == .successful)
        #expect(done.statusReason == nil)
        #expect(done.finishedAt != nil && done.stoppedAt == nil)
        #expect(done.tallies == [RevisionTally(revision: done.target, requested: 2, running: 2, pending: 0)])
    }

    @Test("ends STOPPED when a newer deployment begins, and names what ran as the newer one's source")
    func superseded() throws {
        var world = steadyWorld()
        world.badRevisions = [2]
        world.deploy(revision: 2)
        world.settle()
        world.deploy(revision: 3)
        world.settle()
        #expect(world.history.map(\.status) == [.successful, .stopped, .inProgress])
        #expect(world.history[1].statusReason?.hasSuffix("a newer service deployment began.") == true)
        #expect(world.history[1].stoppedAt == world.now)
        #expect(world.history[2].sources == [world.history[1].target, world.history[0].target])
        world.run(seconds: 300)
        #expect(world.history.map(\.status) == [.successful, .stopped, .successful])
        #expect(world.history[2].tallies?.map(\.running) == [2, 0, 0])
    }

    @Test("tells of a rollback by the breaker and of the old revision that it deploys again")
    func rolledBack() throws {
        var world = steadyWorld(.init(enable: true, rollback: true))
        world.badRevisions = [2]
        world.deploy(revision: 2)
        world.settle()
        world.run(seconds: 300)
        let record = world.history[1]
        let reason = "Service deployment rolled back because the circuit breaker threshold was exceeded."
        #expect(record.status == .rollbackSuccessful)
        #expect(record.statusReason == reason)
        #expect(record.rollback?.reason == reason)
        #expect(record.rollback?.revision == world.history[0].target)
        #expect(record.rollback?.deployment == world.service.primary?.id)
        #expect(record.breaker.status == .triggered)
        #expect(record.breaker.failureCount >= record.breaker.threshold && record.breaker.threshold == 3)
        #expect(world.service.primary?.revision == world.history[0].target)
        #expect(world.service.primary?.rollsBack == record.deployment)
    }

    @Test(
        "tells how a deployment failed that could not be taken back",
        arguments: [
            (false, ServiceDeploymentStatus.stopped, "stopped because the circuit breaker threshold was exceeded."),
            (true, .rollbackFailed, "No rollback candidate was found to run the rollback."),
        ])
    func failed(rollback: Bool, status: ServiceDeploymentStatus, reason: String) {
        var world = ServiceWorld(.test(desired: 1))
        world.service.deployments = []
        world.service.configuration.circuitBreaker = .init(enable: true, rollback: rollback)
        world.badRevisions = [1]
        world.deploy(revision: 1)
        world.settle()
        world.run(seconds: 300)
        #expect(world.history[0].status == status)
        #expect(world.history[0].statusReason?.hasSuffix(reason) == true)
        #expect(world.history[0].breaker.status == .triggered)
        #expect((world.history[0].stoppedAt != nil) == (status == .stopped))
    }

    @Test("tells that a rollback failed as well")
    func rollbackFailed() {
        var world = steadyWorld(.init(enable: true, rollback: true))
        world.badRevisions = [1, 2]
        world.deploy(revision: 2)
        world.settle()
        world.crash()
        world.crash()
        world.run(seconds: 2 * 3_600, step: 5)
        #expect(world.history[1].status == .rollbackFailed)
        #expect(world.service.primary?.rolloutState == .failed)
    }

    @Test("a caller's stop rolls back to the last completed deployment, without a breaker too")
    func stopRequested() {
        var world = steadyWorld()
        world.badRevisions = [2]
        world.deploy(revision: 2)
        world.settle()
        world.history[1].status = .rollbackRequested
        world.apply(reconcile(world.snapshot))
        #expect(world.history[1].status == .rollbackInProgress)
        #expect(world.history[1].rollback?.revision == world.history[0].target)
        #expect(world.service.taskDefinition?.revision == 1)
        world.settle()
        world.run(seconds: 120)
        #expect(world.history[1].status == .rollbackSuccessful)
        #expect(world.live.count == 2)
        #expect(world.live.allSatisfy { $0.definition.revision == 1 })
        #expect(world.messages.contains { $0.hasSuffix("rolled back because a rollback was requested.") })
    }

    @Test("a caller's abort leaves what runs and starts no more")
    func aborted() {
        var world = steadyWorld()
        world.badRevisions = [2]
        world.deploy(revision: 2)
        world.settle()
        let starts = world.startCounts[2]
        world.history[1].status = .stopRequested
        world.run(seconds: 1_200)
        #expect(world.history[1].status == .stopped)
        #expect(world.startCounts[2] == starts)
        #expect(world.service.primary?.rolloutState == .failed)
        #expect(world.live.count { $0.definition.revision == 1 && $0.lastStatus == .running } == 2)
    }

    @Test("ends with its service")
    func deleted() {
        var world = steadyWorld()
        world.deploy(revision: 2)
        world.settle()
        world.service.status = .draining
        world.settle()
        #expect(world.history[1].status == .stopped)
    }

    @Test("a revision keeps the digest that its first task reported")
    func digests() {
        var world = steadyWorld()
        #expect(world.revisions[0].images.map(\.digest) == [nil])
        world.tasks[0].observed?.containers[0].imageDigest = "sha256:a"
        world.apply(reconcile(world.snapshot))
        #expect(world.revisions[0].images.map(\.digest) == ["sha256:a"])
        world.tasks[0].observed?.containers[0].imageDigest = "sha256:b"
        world.apply(reconcile(world.snapshot))
        #expect(world.revisions[0].images.map(\.digest) == ["sha256:a"])
    }
}
