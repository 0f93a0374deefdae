import Deployments
import Domain
import Identifiers
import TestKit
import Testing

@Suite("Task sets")
struct TaskSetTests {
    /// A service with an external controller.
    func world(desired: Int, seed: UInt64 = 1, checked: Bool = false) -> ServiceWorld {
        var service = ServiceRecord.test(desired: desired, deployments: [])
        service.controller = .external
        var world = ServiceWorld(service, seed: seed)
        world.checked = checked
        return world
    }

    func live(_ world: ServiceWorld, _ index: Int) -> Int {
        world.live.count { $0.deployment == world.service.taskSets[index].id }
    }

    @Test(
        "shall have their share of the desired count, rounded up",
        arguments: [
            (4, 50, 2), (3, 50, 2), (1, 1, 1), (10, 30, 3), (7, 14.3, 2), (3, 100, 3), (0, 100, 0), (5, 0, 0),
            (100, 29, 29), (3, 33.4, 2),
        ] as [(Int, Double, Int)])
    func share(desired: Int, scale: Double, count: Int) {
        let set = TaskSetRecord(deployment: .test(1), scale: scale)
        #expect(set.computedDesiredCount(of: desired) == count)
    }

    @Test("start their tasks, each its own, and are stable once all run")
    func starts() throws {
        var world = world(desired: 4)
        world.addTaskSet(revision: 1, scale: 50)
        world.addTaskSet(revision: 2, scale: 25)
        world.settle()
        #expect((live(world, 0), live(world, 1)) == (2, 1))
        #expect(world.service.taskSets.map(\.isStable) == [false, false])
        world.run(seconds: 30)
        #expect(world.service.taskSets.map(\.isStable) == [true, true])
        #expect(
            world.live.allSatisfy { task in
                world.service.taskSets.contains {
                    $0.id == task.deployment && $0.deployment.taskDefinition == task.definition
                }
            })
        #expect(world.messages.contains("(service web) has reached a steady state."))
    }

    @Test("follow their scale and the service's desired count")
    func scale() {
        var world = world(desired: 2)
        world.addTaskSet(revision: 1, scale: 50)
        world.run(seconds: 30)
        world.service.taskSets[0].scale = 100
        world.settle()
        #expect(live(world, 0) == 2)
        #expect(!world.service.taskSets[0].isStable)
        world.run(seconds: 30)
        #expect(world.service.taskSets[0].isStable)
        world.service = world.service.desiring(.update(count: 6))
        world.run(seconds: 30)
        #expect(live(world, 0) == 6)
        world.service.taskSets[0].scale = 0
        let plan = reconcile(world.snapshot)
        #expect(plan.stops.count == 6)
        let id = world.service.taskSets[0].id.rawValue
        #expect(plan.stops.allSatisfy { $0.reason == "Scaling activity initiated by (taskSet \(id))" })
    }

    @Test("replace what dies, and slow down when starts fail")
    func failures() {
        var world = world(desired: 2)
        world.addTaskSet(revision: 1, scale: 100)
        world.run(seconds: 30)
        world.crash()
        #expect(reconcile(world.snapshot).starts.map(\.count) == [1])
        world.badRevisions = [2]
        world.addTaskSet(revision: 2, scale: 50)
        world.run(seconds: 3_600, step: 5)
        #expect(world.startCounts[2, default: 0] < 20)
        #expect(world.service.taskSets[1].deployment.failedRounds >= 3)
        #expect(world.messages.contains("(service web) is unable to consistently start tasks successfully."))
        #expect(live(world, 0) == 2)
    }

    @Test("are not stable while a task is unhealthy or on a draining host, and replace it")
    func unwell() throws {
        var world = world(desired: 2, checked: true)
        world.addTaskSet(revision: 1, scale: 100)
        world.run(seconds: 60)
        #expect(world.service.taskSets[0].isStable)
        world.sicken()
        world.apply(reconcile(world.snapshot))
        #expect(!world.service.taskSets[0].isStable)
        world.run(seconds: 120)
        #expect(world.service.taskSets[0].isStable)
        world.draining = [try #require(world.live.first?.placement?.instance.id)]
        world.apply(reconcile(world.snapshot))
        #expect(!world.service.taskSets[0].isStable)
        world.run(seconds: 120)
        #expect(world.live.allSatisfy { $0.placement.map { !world.draining.contains($0.instance.id) } ?? false })
    }

    @Test("go with their last task when they are deleted")
    func deleted() {
        var world = world(desired: 2)
        world.addTaskSet(revision: 1, scale: 100)
        world.addTaskSet(revision: 2, scale: 50)
        world.run(seconds: 30)
        world.service.taskSets[0].status = .draining
        world.apply(reconcile(world.snapshot))
        #expect(world.service.taskSets.map(\.status) == [.draining, .active])
        world.run(seconds: 30)
        #expect(world.service.taskSets.map(\.status) == [.active])
        #expect(world.live.count == 1)
        world.service = world.service.desiring(.deletion)
        world.settle()
        #expect(world.service.status == .inactive)
        #expect(world.service.taskSets.isEmpty && world.live.isEmpty)
        #expect(world.service.inactiveAt == world.now)
    }

    @Test("keep their shares under random trouble", arguments: 1...20)
    func holds(seed: UInt64) {
        var dice = SeededGenerator(seed: seed &* 31)
        var world = world(desired: Int.random(in: 1...6, using: &dice), seed: seed, checked: seed % 2 == 0)
        for revision in 1...3 {
            world.addTaskSet(revision: revision, scale: Double(Int.random(in: 0...100, using: &dice)))
        }
        for _ in 0..<80 {
            world.pass(Int.random(in: 1...10, using: &dice))
            switch Int.random(in: 0..<12, using: &dice) {
            case 0: world.crash()
            case 1: if world.checked { world.sicken() }
            case 2: world.service = world.service.desiring(.update(count: Int.random(in: 0...8, using: &dice)))
            case 3:
                let index = Int.random(in: 0..<world.service.taskSets.count, using: &dice)
                world.service.taskSets[index].scale = Double(Int.random(in: 0...100, using: &dice))
            default: break
            }
            let snapshot = world.snapshot
            #expect(reconcile(snapshot) == reconcile(snapshot))
            world.settle()
            for index in world.service.taskSets.indices {
                let set = world.service.taskSets[index]
                let share = set.computedDesiredCount(of: world.service.desiredCount)
                #expect(live(world, index) <= world.service.configuration.maximum(of: share))
            }
        }
        world.run(seconds: 600, step: 5)
        for index in world.service.taskSets.indices {
            let set = world.service.taskSets[index]
            #expect(live(world, index) == set.computedDesiredCount(of: world.service.desiredCount))
            #expect(set.isStable)
        }
    }
}
