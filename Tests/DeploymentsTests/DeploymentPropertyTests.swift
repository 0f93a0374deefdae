import Deployments
import Domain
import Identifiers
import TestKit
import Testing

@Suite("Rolling updates under random trouble")
struct DeploymentPropertyTests {
    @Test("keep the bounds, repeat exactly, and converge", arguments: 1...30)
    func holds(seed: UInt64) {
        var dice = SeededGenerator(seed: seed &* 977)
        let bounds = [(100, 200), (50, 100), (0, 100), (50, 150), (75, 125), (100, 150)]
        let (minimum, maximum) = bounds[Int(seed) % bounds.count]
        var world = ServiceWorld(
            .test(desired: Int.random(in: 1...9, using: &dice), minimum: minimum, maximum: maximum), seed: seed)
        world.checked = seed % 3 == 0
        var revision = 1
        for _ in 0..<120 {
            world.pass(Int.random(in: 1...20, using: &dice))
            trouble(&world, &revision, &dice)
            stepsHold(&world)
        }
        world.draining = []
        // What was stopped by request stays so until the next deployment.
        revision += 1
        world.deploy(revision: revision)
        world.run(seconds: 1_500, step: 5)
        converged(world, revision)
    }

    private func trouble(_ world: inout ServiceWorld, _ revision: inout Int, _ dice: inout SeededGenerator) {
        switch Int.random(in: 0..<26, using: &dice) {
        case 0: world.crash()
        case 1: if world.checked { world.sicken() }
        case 2: world.service = world.service.desiring(.update(count: Int.random(in: 0...12, using: &dice)))
        case 3:
            revision += 1
            world.deploy(revision: revision)
        case 4: world.draining = world.draining.isEmpty ? ["h\(Int.random(in: 0..<4, using: &dice))"] : []
        case 5: world.requestStop(rollback: Bool.random(using: &dice))
        case 6, 7: world.protect(seconds: Int.random(in: 0...600, using: &dice))
        default: break
        }
    }

    /// Protected tasks go only because they are unwell or because of their host.
    private func protectionHolds(_ plan: ServicePlan, _ world: ServiceWorld) {
        let definition = TaskDefinitionRecord.test(healthCheck: world.checked).definition
        for stop in plan.stops {
            guard let task = world.tasks.first(where: { $0.id == stop.task }), task.isProtected(at: world.now) else {
                continue
            }
            let isDisplaced = task.placement.map { world.draining.contains($0.instance.id) } ?? false
            #expect(task.healthStatus(in: definition) == .unhealthy || isDisplaced)
        }
    }

    private func stepsHold(_ world: inout ServiceWorld) {
        for _ in 0..<6 {
            let snapshot = world.snapshot
            let plan = reconcile(snapshot)
            #expect(plan == reconcile(snapshot))
            protectionHolds(plan, world)
            let healthyBefore = world.healthy
            world.apply(plan)
            historyHolds(world)
            let configuration = world.service.configuration
            let desired = world.service.desiredCount
            if !plan.starts.isEmpty { #expect(world.live.count <= configuration.maximum(of: desired)) }
            if world.healthy < healthyBefore { #expect(world.healthy >= configuration.minimum(of: desired)) }
            if plan.starts.isEmpty, plan.stops.isEmpty { return }
        }
        Issue.record("plans at one moment do not come to rest")
    }

    /// One service deployment at most is open after a plan: the one that the primary deployment carries out.
    private func historyHolds(_ world: ServiceWorld) {
        let open = world.history.filter(\.status.isOpen)
        #expect(open.count <= 1)
        for record in open {
            #expect(world.service.primary?.id == record.rollback?.deployment ?? record.deployment)
            #expect(record.status == .inProgress || record.status == .rollbackInProgress)
        }
        for record in world.history where !record.status.isOpen {
            #expect(record.finishedAt != nil && record.tallies != nil)
        }
    }

    private func converged(_ world: ServiceWorld, _ revision: Int) {
        let desired = world.service.desiredCount
        let configuration = world.service.configuration
        // With no room above and none below, ECS does not move either.
        let cannotMove =
            configuration.maximum(of: desired) <= desired && configuration.minimum(of: desired) >= desired
        #expect(world.live.count == desired)
        guard !cannotMove else { return }
        #expect(world.live.allSatisfy { $0.definition.revision == revision })
        #expect(world.service.isSteady)
        #expect(world.service.deployments.count == 1)
        #expect(world.service.primary?.rolloutState == .completed)
        #expect(world.history.allSatisfy { !$0.status.isOpen })
    }
}
