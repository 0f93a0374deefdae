import Deployments
import Domain
import Identifiers
import TestKit
import Testing

@Suite("Deployments beside the old revision under random trouble")
struct BlueGreenPropertyTests {
    @Test("weights are whole, follow healthy tasks, and everything comes to rest", arguments: 1...30)
    func holds(seed: UInt64) {
        var dice = SeededGenerator(seed: seed &* 7_919)
        var world = ServiceWorld(.test(desired: Int.random(in: 0...5, using: &dice)), seed: seed)
        world.service.deployments = []
        world.checked = seed % 3 == 0
        change(&world, &dice)
        var revision = 1
        world.deploy(revision: revision)
        for _ in 0..<150 {
            world.pass(Int.random(in: 1...40, using: &dice))
            trouble(&world, &revision, &dice)
            stepsHold(&world)
        }
        world.draining = []
        world.badRevisions = []
        world.deploy(revision: revision + 1)
        for _ in 0..<200 where !world.service.isSteady || world.service.deployments.count > 1 {
            world.run(seconds: 60, step: 20)
            world.answerHooks(.proceed)
        }
        converged(world, revision + 1)
    }

    private func change(_ world: inout ServiceWorld, _ dice: inout SeededGenerator) {
        world.service.configuration.strategy = DeploymentStrategy.allCases.randomElement(using: &dice) ?? .rolling
        world.service.configuration.bakeTimeInMinutes = Int.random(in: 0...4, using: &dice)
        world.service.configuration.linear = .init(
            step: TrafficWeight(tenths: Int.random(in: 100...1000, using: &dice)),
            bakeTimeInMinutes: Int.random(in: 0...2, using: &dice))
        world.service.configuration.canary = .init(bakeTimeInMinutes: Int.random(in: 0...2, using: &dice))
        let stage = LifecycleStage.allCases.randomElement(using: &dice) ?? .preScaleUp
        world.service.configuration.hooks = Bool.random(using: &dice) ? [] : [LifecycleHook(stages: [stage])]
        world.service.configuration.circuitBreaker = .init(enable: Bool.random(using: &dice), rollback: true)
    }

    private func trouble(_ world: inout ServiceWorld, _ revision: inout Int, _ dice: inout SeededGenerator) {
        switch Int.random(in: 0..<24, using: &dice) {
        case 0: world.crash()
        case 1: if world.checked { world.sicken() }
        case 2: world.service = world.service.desiring(.update(count: Int.random(in: 0...6, using: &dice)))
        case 3:
            revision += 1
            if Int.random(in: 0..<4, using: &dice) == 0 { world.badRevisions.insert(revision) }
            change(&world, &dice)
            world.deploy(revision: revision)
        case 4: world.draining = world.draining.isEmpty ? ["h\(Int.random(in: 0..<4, using: &dice))"] : []
        case 5: world.requestStop(rollback: Bool.random(using: &dice))
        case 6: world.protect(seconds: Int.random(in: 0...600, using: &dice))
        case 7: world.answerHooks(.rollBack)
        case 8...12: world.answerHooks(.proceed)
        default: break
        }
    }

    private func stepsHold(_ world: inout ServiceWorld) {
        for _ in 0..<12 {
            let snapshot = world.snapshot
            let plan = reconcile(snapshot)
            #expect(plan == reconcile(snapshot))
            let before = world
            world.apply(plan)
            weightsHold(before, world, plan)
            if !plan.starts.isEmpty {
                let most = world.service.configuration.maximum(of: world.service.desiredCount)
                #expect(world.live.count <= (world.service.primary?.lifecycle == nil ? 1 : 2) * most)
            }
            if plan.service == before.service, plan.starts.isEmpty, plan.stops.isEmpty { return }
        }
        Issue.record("plans at one moment do not come to rest")
    }

    private func weightsHold(_ before: ServiceWorld, _ after: ServiceWorld, _ plan: ServicePlan) {
        let sum = after.service.deployments.reduce(0) { $0 + after.service.productionWeight(of: $1.id).tenths }
        #expect(sum == 1000)
        guard let green = after.service.primary, let lifecycle = green.lifecycle, lifecycle.blue != nil else { return }
        let was = before.service.primary.flatMap { $0.id == green.id ? $0.lifecycle?.production : nil }
        if lifecycle.production > was ?? .none {
            // Only what has all its tasks, all healthy, gets more.
            let definition = TaskDefinitionRecord.test(healthCheck: after.checked).definition
            let own = before.live.filter { $0.deployment == green.id }
            #expect(own.count == before.service.desiredCount)
            #expect(own.allSatisfy { $0.isHealthy(under: definition, now: before.now) })
        }
        if green.rolloutState == .failed { #expect(lifecycle.production == .none) }
        if let was, green.rolloutState == .inProgress { #expect(lifecycle.production >= was) }
        // The old revision keeps what is healthy of it until the new one is proved.
        guard lifecycle.stage < .cleanUp else { return }
        for stop in plan.stops {
            guard let task = before.live.first(where: { $0.id == stop.task }), task.deployment == lifecycle.blue
            else { continue }
            let rest = before.live.count { $0.deployment == lifecycle.blue } - 1
            let isDisplaced = task.placement.map { before.draining.contains($0.instance.id) } ?? false
            #expect(rest >= before.service.desiredCount || isDisplaced || !after.checked || isUnhealthy(task))
        }
    }

    private func isUnhealthy(_ task: TaskRecord) -> Bool {
        task.healthStatus(in: TaskDefinitionRecord.test(healthCheck: true).definition) == .unhealthy
    }

    private func converged(_ world: ServiceWorld, _ revision: Int) {
        #expect(world.live.count == world.service.desiredCount)
        #expect(world.live.allSatisfy { $0.definition.revision == revision })
        #expect(world.service.isSteady && world.service.deployments.count == 1)
        #expect(world.service.primary?.rolloutState == .completed && world.service.primary?.lifecycle == nil)
        #expect(world.history.allSatisfy { !$0.status.isOpen })
    }
}
