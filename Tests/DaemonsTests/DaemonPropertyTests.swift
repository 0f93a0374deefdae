import Daemons
import Domain
import Identifiers
import Placement
import TestKit
import Testing

@Suite("Daemons under random trouble")
struct DaemonPropertyTests {
    @Test(
        "never two tasks on a host, batches hold, plans repeat and come to rest, and all converges", arguments: 1...30)
    func holds(seed: UInt64) {
        var dice = SeededGenerator(seed: seed &* 7919)
        let percent = [0.0, 10, 25, 50, 100][Int(seed) % 5]
        var world = DaemonWorld(hosts: Int.random(in: 0...6, using: &dice), drainPercent: percent)
        world.checked = seed % 2 == 0
        // A budget of a few tasks divides batches as a large cluster would.
        world.budget = seed % 3 == 0 ? 2 : 90
        var revision = 1
        for _ in 0..<150 {
            world.pass(Int.random(in: 1...15, using: &dice))
            trouble(&world, &revision, percent, &dice)
            steps(&world, percent)
        }
        for index in world.hosts.indices {
            world.hosts[index] = DaemonSnapshot.Host(id: world.hosts[index].id)
        }
        world.badRevisions = []
        world.deploy("\(revision + 1)", drainPercent: percent)
        world.run(4_000, step: 10)
        #expect(world.running == world.hosts.map { "\($0.id.id):\(revision + 1)" }.sorted(), "seed \(seed)")
        #expect(world.deployment.status == .successful, "seed \(seed)")
    }

    private func trouble(
        _ world: inout DaemonWorld, _ revision: inout Int, _ percent: Double, _ dice: inout SeededGenerator
    ) {
        let host = world.hosts.indices.randomElement(using: &dice)
        switch Int.random(in: 0..<16, using: &dice) {
        case 0: if let host { world.crash(world.hosts[host].id.id) }
        case 1: world.join()
        case 2: if let host, world.hosts.count > 1 { world.hosts.remove(at: host) }
        case 3: if let host { world.hosts[host].isReachable.toggle() }
        case 4: if let host { world.hosts[host].isDraining.toggle() }
        case 5: if let host { world.hosts[host].hasOtherTasks.toggle() }
        case 6: if let host { world.hosts[host].refusal = world.hosts[host].refusal == nil ? .cpu : nil }
        case 7:
            revision += 1
            if Bool.random(using: &dice) { world.badRevisions.insert(DaemonWorld.revision("\(revision)")) }
            world.deploy("\(revision)", drainPercent: percent)
        default: break
        }
    }

    private func steps(_ world: inout DaemonWorld, _ percent: Double) {
        for _ in 0..<40 {
            let snapshot = world.snapshot
            let plan = reconcile(snapshot, budget: world.budget)
            #expect(plan == reconcile(snapshot, budget: world.budget))
            let reachable = world.hosts.count { $0.isReachable && !$0.isDraining }
            let batch = max(1, Int(Double(reachable) * percent / 100))
            let staying = Set(world.hosts.filter { !$0.isDraining }.map(\.id))
            let replaced = plan.stops.count { stop in
                world.tasks.contains { task in
                    task.id == stop.task && task.lastStatus == .running
                        && task.placement.map { staying.contains($0.instance) } == true
                }
            }
            #expect(replaced <= batch)
            world.apply(plan)
            let perHost = Dictionary(grouping: world.live) { $0.placement?.instance }
            #expect(perHost.values.allSatisfy { $0.count == 1 })
            if plan.starts.isEmpty, plan.stops.isEmpty, plan == reconcile(world.snapshot, budget: world.budget) {
                return
            }
        }
        Issue.record("plans at one moment do not come to rest")
    }
}
