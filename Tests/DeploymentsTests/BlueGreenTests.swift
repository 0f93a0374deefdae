import Deployments
import Domain
import Identifiers
import TestKit
import Testing

@Suite("Deployments that run beside the old revision")
struct BlueGreenTests {
    /// A service of two tasks of revision 1 that deploys by `strategy`.
    func world(_ strategy: DeploymentStrategy = .blueGreen, bake: Int = 5, seed: UInt64 = 1) -> ServiceWorld {
        var world = ServiceWorld(.test(desired: 2), seed: seed)
        world.service.deployments = []
        world.service.configuration.strategy = strategy
        world.service.configuration.bakeTimeInMinutes = bake
        world.deploy(revision: 1)
        world.settle()
        world.run(seconds: 120)
        return world
    }

    /// Live tasks by revision.
    func counts(_ world: ServiceWorld) -> [Int: Int] {
        Dictionary(world.live.map { ($0.definition.revision, 1) }, uniquingKeysWith: +)
    }

    func weights(_ world: ServiceWorld) -> [Double] {
        world.revisions.map { world.service.productionWeight(of: $0.id).percent }
    }

    func stage(_ world: ServiceWorld) -> LifecycleStage? { world.history.last?.stage }

    @Test("the first one is complete when its tasks are healthy: there is nothing to wait beside")
    func first() {
        let world = world(bake: 1440)
        #expect(world.history.map(\.status) == [.successful])
        #expect(world.service.isSteady && world.service.primary?.lifecycle == nil)
        #expect(weights(world) == [100])
    }

    @Test("the new revision is whole before it serves, and the old one stays through the bake time")
    func successful() throws {
        var world = world()
        world.deploy(revision: 2)
        world.settle()
        #expect(stage(world) == .scaleUp)
        #expect(counts(world) == [1: 2, 2: 2])
        #expect(weights(world) == [100, 0])
        world.run(seconds: 60)
        #expect(stage(world) == .bakeTime)
        #expect(counts(world) == [1: 2, 2: 2])
        #expect(weights(world) == [0, 100])
        let going = try #require(world.history.last).tallies(in: world.service, world.tasks)
        #expect(going.map(\.production?.percent) == [100, 0] && going.map(\.test?.percent) == [100, 0])
        #expect(going.map(\.requested) == [2, 2])
        world.run(seconds: 280)
        #expect(counts(world) == [1: 2, 2: 2])
        world.run(seconds: 60)
        #expect(counts(world) == [2: 2])
        #expect(world.history.last?.status == .successful && stage(world) == .cleanUp)
        #expect(world.history.last?.tallies?.map(\.production?.percent) == [100, 0])
        #expect(world.service.isSteady && world.service.deployments.count == 1)
        #expect(world.messages.suffix(3).first?.hasSuffix("deployment completed.") == true)
    }

    @Test("a rollback in the bake time is instant: the old tasks serve as they are")
    func rollback() {
        var world = world()
        let old = Set(world.live.map(\.id))
        world.deploy(revision: 2)
        world.settle()
        world.run(seconds: 60)
        world.requestStop(rollback: true)
        world.apply(reconcile(world.snapshot))
        #expect(weights(world) == [100, 0])
        #expect(world.service.taskDefinition?.revision == 1)
        // All is as it was in the same step; what is left of the new one only stops.
        #expect(world.history.last?.status == .rollbackInProgress)
        #expect(world.live.allSatisfy { $0.definition.revision == 1 })
        #expect(world.history.last?.rollback?.deployment == world.history.first?.deployment)
        world.run(seconds: 60)
        #expect(Set(world.live.map(\.id)) == old)
        #expect(world.history.last?.status == .rollbackSuccessful)
        #expect(world.history.last?.tallies?.map(\.production?.percent) == [0, 100])
        #expect(world.service.isSteady && world.service.deployments.count == 1)
    }

    @Test("a new revision that cannot start never serves, and the breaker takes it back")
    func breaker() {
        var world = world()
        world.service.configuration.circuitBreaker = .init(enable: true, rollback: true)
        world.badRevisions = [2]
        world.deploy(revision: 2)
        world.settle()
        for _ in 0..<100 {
            world.run(seconds: 4)
            #expect(weights(world) == [100, 0])
            #expect(counts(world)[1] == 2)
        }
        #expect(world.history.last?.status == .rollbackSuccessful)
        #expect(world.history.last?.breaker.status == .triggered)
        #expect(world.history.last?.stage == .scaleUp)
    }

    @Test("without a rollback a failed one keeps the old revision serving and starts no more")
    func aborted() {
        var world = world()
        world.deploy(revision: 2)
        world.settle()
        world.run(seconds: 60)
        world.requestStop(rollback: false)
        world.run(seconds: 60)
        #expect(world.history.last?.status == .stopped)
        #expect(weights(world) == [100, 0])
        #expect(counts(world) == [1: 2, 2: 2])
        let starts = world.startCounts[2]
        for index in world.tasks.indices where world.tasks[index].definition.revision == 2 {
            world.tasks[index] = world.tasks[index].observed(.stopped, at: world.now)
        }
        world.run(seconds: 60)
        #expect(world.startCounts[2] == starts && counts(world) == [1: 2])
        world.deploy(revision: 3)
        world.run(seconds: 500)
        #expect(world.history.last?.status == .successful && counts(world) == [3: 2])
    }

    @Test("waits at a hook until it is answered, and goes back when the answer says so", arguments: [true, false])
    func hook(proceeds: Bool) {
        var world = world()
        world.service.configuration.hooks = [LifecycleHook(stages: [.postTestTrafficShift])]
        world.deploy(revision: 2)
        world.run(seconds: 3_600, step: 10)
        #expect(stage(world) == .postTestTrafficShift && weights(world) == [100, 0])
        #expect(world.service.productionWeight(of: world.revisions[1].id) == .none)
        #expect(world.service.testWeight(of: world.revisions[1].id) == .all)
        #expect(world.history.last?.hooks?.map(\.status) == [.awaitingAction])
        world.answerHooks(proceeds ? .proceed : .rollBack)
        world.settle()
        world.run(seconds: 30)
        #expect(world.history.last?.hooks?.map(\.status) == [proceeds ? .succeeded : .failed])
        #expect(world.history.last?.status == (proceeds ? .inProgress : .rollbackSuccessful))
        #expect(weights(world) == (proceeds ? [0, 100] : [100, 0]))
        #expect(world.service.testWeight(of: world.revisions[1].id) == (proceeds ? .all : .none))
    }

    @Test("one that is interrupted is tidied up first, and what served goes on serving")
    func interrupted() {
        var world = world()
        world.deploy(revision: 2)
        world.run(seconds: 60)
        #expect(weights(world) == [0, 100])
        world.service.configuration.hooks = [LifecycleHook(stages: [.reconcileService])]
        world.deploy(revision: 3)
        #expect(weights(world) == [100, 0, 0])
        world.run(seconds: 30)
        #expect(stage(world) == .reconcileService && world.history[1].status == .stopped)
        #expect(world.service.deployments.filter { $0.lifecycle != nil }.count == 1)
        #expect(counts(world) == [1: 2])
        world.answerHooks(.proceed)
        world.run(seconds: 500)
        #expect(weights(world) == [0, 0, 100] && counts(world) == [3: 2])
        #expect(world.history.map(\.status) == [.successful, .stopped, .successful])
    }

    @Test("after an interruption the next one does not wait for an old revision that never becomes well")
    func interruptedBesideCrashes() {
        var world = world()
        world.crashingRevisions = [1]
        world.deploy(revision: 2)
        world.run(seconds: 60)
        #expect(weights(world) == [0, 100])
        world.deploy(revision: 3)
        world.run(seconds: 120)
        #expect(stage(world) == .bakeTime && weights(world) == [0, 0, 100])
        world.run(seconds: 400)
        #expect(counts(world) == [3: 2] && world.service.isSteady)
        #expect(world.history.map(\.status) == [.successful, .stopped, .successful])
    }

    @Test("both revisions follow the desired count")
    func scaled() {
        var world = world()
        world.deploy(revision: 2)
        world.run(seconds: 60)
        world.service = world.service.desiring(.update(count: 3))
        world.run(seconds: 60)
        #expect(counts(world) == [1: 3, 2: 3])
        world.service = world.service.desiring(.update(count: 1))
        world.run(seconds: 60)
        #expect(counts(world) == [1: 1, 2: 1])
        world.run(seconds: 300)
        #expect(counts(world) == [2: 1] && world.service.isSteady)
    }

    @Test("a protected task of the old revision stays until that ends")
    func protected() throws {
        var world = world(bake: 0)
        let kept = try #require(world.live.first)
        world.tasks[0].protection = TaskProtection(expiresAt: world.now.adding(.seconds(600)))
        world.deploy(revision: 2)
        world.run(seconds: 120)
        #expect(stage(world) == .cleanUp && world.history.last?.status == .inProgress)
        #expect(world.live.contains { $0.id == kept.id } && counts(world) == [1: 1, 2: 2])
        world.run(seconds: 600)
        #expect(counts(world) == [2: 2] && world.history.last?.status == .successful)
    }

    @Test(
        "an alarm that goes off takes it back; one that went off before, or is unknown, does not", arguments: [0, 1, 2])
    func alarm(kind: Int) {
        var world = world(bake: 10)
        world.service.configuration.alarms = .init(names: ["errors", "gone"], rollback: true, enable: true)
        world.alarms = ["errors": kind == 1 ? .alarm : .ok, "of others": .alarm]
        world.deploy(revision: 2)
        world.run(seconds: 60)
        #expect(weights(world) == [0, 100])
        if kind == 0 { world.alarms["errors"] = .alarm }
        world.run(seconds: 60)
        #expect(weights(world) == (kind == 0 ? [100, 0] : [0, 100]))
        #expect(world.history.last?.triggeredAlarms == (kind == 0 ? ["errors"] : nil))
        #expect(world.history.last?.status == (kind == 0 ? .rollbackSuccessful : .inProgress))
        let event = "deployment failed: alarm detected."
        #expect(world.messages.contains { $0.hasSuffix(event) } == (kind == 0))
    }
}
