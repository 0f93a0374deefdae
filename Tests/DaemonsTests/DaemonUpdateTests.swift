import Daemons
import Domain
import Identifiers
import Placement
import TestKit
import Testing

@Suite("Updates of a daemon")
struct DaemonUpdateTests {
    struct Batch: Sendable, CustomTestStringConvertible {
        var hosts: Int
        var percent: Double
        var size: Int
        var testDescription: String { "\(percent) % of \(hosts) hosts" }
    }

    @Test(
        "go in batches: the percentage rounded down, one host at least",
        arguments: [
            Batch(hosts: 8, percent: 25, size: 2), Batch(hosts: 3, percent: 25, size: 1),
            Batch(hosts: 3, percent: 67, size: 2), Batch(hosts: 4, percent: 100, size: 4),
            Batch(hosts: 4, percent: 0, size: 1), Batch(hosts: 1, percent: 50, size: 1),
        ])
    func batches(batch: Batch) {
        var world = DaemonWorld(hosts: batch.hosts)
        world.run(16)
        world.deploy("2", drainPercent: batch.percent)
        #expect(reconcile(world.snapshot).stops.count == batch.size)
        var mostIdle = 0
        for _ in 0..<100 {
            world.settle()
            mostIdle = max(mostIdle, world.idle)
            world.pass(2)
        }
        #expect(mostIdle == batch.size)
        #expect(world.running == (0..<batch.hosts).map { "h\($0):2" }.sorted())
        #expect(world.deployment.status == .successful)
        #expect(world.daemon.stableRevision == DaemonWorld.revision("2"))
    }

    @Test("go back when an alarm goes off, also while the last batch is watched; one that rang before says nothing")
    func alarms() {
        var world = DaemonWorld(hosts: 2)
        world.run(16)
        world.alarms = ["noise": .alarm, "errors": .ok]
        world.deploy("2", drainPercent: 100, bake: 5, alarms: ["noise", "errors", "missing"])
        world.run(60)
        #expect(world.running == ["h0:2", "h1:2"])
        #expect(world.deployment.status == .inProgress)
        world.alarms["errors"] = .alarm
        world.settle()
        #expect(world.deployment.status == .rollbackInProgress)
        #expect(world.deployment.triggeredAlarms == ["errors"])
        #expect(world.deployment.statusReason == "Daemon deployment alarm: errors went off.")
        world.run(60)
        #expect(world.running == ["h0:1", "h1:1"])
        #expect(world.deployment.status == .rollbackSuccessful)
        // A first deployment has nothing to go back to; an alarm of one that does not heed it changes nothing.
        var first = DaemonWorld(hosts: 1)
        first.deploy("1", bake: 5, alarms: ["errors"])
        first.run(16)
        first.alarms["errors"] = .alarm
        first.settle()
        #expect(first.deployment.status == .stopped && first.daemon.revision == DaemonWorld.revision("1"))
        var deaf = DaemonWorld(hosts: 1, bake: 5)
        deaf.run(16)
        deaf.alarms["errors"] = .alarm
        deaf.settle()
        #expect(deaf.deployment.status == .inProgress)
    }

    @Test("the old task is gone before the new one starts")
    func order() {
        var world = DaemonWorld(hosts: 1)
        world.run(16)
        world.deploy("2")
        world.settle()
        #expect(world.tasks.count == 1)
        world.pass(2)
        world.settle()
        #expect(world.tasks.count == 2)
    }

    @Test("are not done while a host that may still have the old task is silent")
    func silence() {
        var world = DaemonWorld(hosts: 2)
        world.run(16)
        world.deploy("2")
        for index in world.hosts.indices {
            world.hosts[index].isReachable = false
            world.hosts[index].isSilent = true
        }
        world.run(60)
        #expect(world.running == ["h0:1", "h1:1"])
        #expect(world.deployment.status == .inProgress)
        #expect(world.deployment.statusReason == "2 container instances are not connected.")
        #expect(world.daemon.stableRevision == DaemonWorld.revision("1"))
        for index in world.hosts.indices {
            world.hosts[index].isReachable = true
            world.hosts[index].isSilent = false
        }
        world.run(60)
        #expect(world.running == ["h0:2", "h1:2"])
        #expect(world.deployment.status == .successful)
    }

    @Test("leave the old task where a host does not admit the new one, and say so")
    func refused() {
        var world = DaemonWorld(hosts: 2)
        world.run(16)
        world.deploy("2")
        world.hosts[1].refusal = .memory
        world.run(60)
        #expect(world.running == ["h0:2", "h1:1"])
        #expect(world.deployment.status == .inProgress)
        #expect(
            world.deployment.statusReason == "RESOURCE:MEMORY - Unable to place daemon task on container instance h1.")
        world.hosts[1].refusal = nil
        world.run(60)
        #expect(world.running == ["h0:2", "h1:2"])
        #expect(world.deployment.status == .successful)
    }

    @Test("the bake time passes after every batch")
    func bakes() {
        var world = DaemonWorld(hosts: 2)
        world.run(16)
        world.deploy("2", bake: 1)
        world.run(16)
        #expect(world.running == ["h0:2", "h1:1"])
        #expect(world.deployment.batchDoneAt != nil)
        #expect(reconcile(world.snapshot).wakeAt == world.deployment.batchDoneAt?.adding(.seconds(60)))
        world.run(66)
        #expect(world.running == ["h0:2", "h1:2"])
        #expect(world.deployment.status == .inProgress)
        world.run(80)
        #expect(world.deployment.status == .successful)
    }

    @Test("a batch of more tasks than one step stops is one batch: no bake time within it")
    func largeBatch() {
        var world = DaemonWorld(hosts: 250)
        world.run(16)
        world.deploy("2", drainPercent: 80, bake: 10)
        world.settle()
        #expect(world.live.count == 50)
        #expect(world.deployment.batchLeft == nil)
        world.run(60)
        #expect(world.running.count == 250)
        #expect(world.deployment.batchDoneAt != nil)
        #expect(world.running.count { $0.hasSuffix(":2") } == 200)
        world.run(620, step: 20)
        #expect(world.running.count { $0.hasSuffix(":2") } == 250)
        world.run(620, step: 20)
        #expect(world.deployment.status == .successful)
    }

    @Test("the rest of a batch waits for hosts that lost their task meanwhile")
    func crashWithinBatch() {
        var world = DaemonWorld(hosts: 250)
        world.run(16)
        world.deploy("2", drainPercent: 40, bake: 10)
        world.apply(reconcile(world.snapshot))
        #expect(world.deployment.batchLeft == 10)
        let staying = world.live.compactMap(\.placement?.instance.id).sorted()
        for host in staying.prefix(6) { world.crash(host) }
        world.settle()
        #expect(world.idle == 100)
        #expect(world.deployment.batchLeft == 6)
        world.run(60)
        #expect(world.deployment.batchLeft == nil)
        #expect(world.deployment.batchDoneAt != nil)
    }

    @Test("one that fails goes back to the revision that ran everywhere")
    func rollsBack() {
        var world = DaemonWorld(hosts: 3)
        world.run(16)
        world.badRevisions = [DaemonWorld.revision("2")]
        world.deploy("2")
        world.run(120)
        #expect(world.running == ["h0:1", "h1:1", "h2:1"])
        #expect(world.deployment.status == .rollbackSuccessful)
        #expect(world.deployment.rollback?.target == DaemonWorld.revision("1"))
        #expect(world.deployment.failureCount == 3)
        #expect(world.deployment.failureThreshold == 3)
        #expect(world.deployment.finishedAt != nil)
        #expect(world.daemon.revision == DaemonWorld.revision("1"))
        // Only the host of the first batch was ever without its task.
        #expect(Set(world.tasks.filter { $0.verdict.stop != nil }.compactMap(\.placement?.instance.id)) == ["h0"])
    }

    @Test("one host that never gets the new task fails it among many, although failed tasks are forgotten")
    func slowFailures() {
        var world = DaemonWorld(hosts: 30)
        world.run(16)
        world.badRevisions = [DaemonWorld.revision("2")]
        world.badHosts = [.test("h0")]
        world.deploy("2")
        #expect(world.deployment.failureThreshold == nil)
        for _ in 0..<(24 * 60) where world.deployment.status.isOpen {
            world.run(60, step: 20)
            world.forget()
        }
        #expect(world.deployment.status == .rollbackSuccessful)
        #expect(world.deployment.failureThreshold == 15)
        #expect(world.deployment.failureCount == 15)
        #expect(world.deployment.countedFailures == nil)
    }

    @Test("a failed task counts once, however often the daemon is planned")
    func countsOnce() {
        var world = DaemonWorld(hosts: 8)
        world.run(16)
        world.badRevisions = [DaemonWorld.revision("2")]
        world.badHosts = [.test("h0")]
        world.deploy("2")
        world.run(until: { $0.deployment.failureCount == 2 })
        for _ in 0..<5 { world.apply(reconcile(world.snapshot)) }
        #expect(world.deployment.failureCount == 2)
        let failed = world.tasks.filter { !$0.isLive && $0.daemonRevision == DaemonWorld.revision("2") }
        #expect(failed.count == 2)
        #expect(Set(world.deployment.countedFailures ?? []) == Set(failed.map(\.id.id)))
    }

    @Test("a clock that is set back by hours holds up neither batches nor starts, and failures still count")
    func clockSetBack() {
        var world = DaemonWorld(hosts: 4)
        world.run(16)
        world.badRevisions = [DaemonWorld.revision("2")]
        world.deploy("2", bake: 1)
        world.run(until: { $0.deployment.failureCount == 1 })
        world.now = world.now.adding(.seconds(-7_200))
        world.run(120)
        #expect(world.deployment.status == .rollbackSuccessful)
        world.badRevisions = []
        world.deploy("3", bake: 1)
        world.run(until: { $0.deployment.batchDoneAt != nil })
        world.now = world.now.adding(.seconds(-7_200))
        world.run(600, step: 10)
        #expect(world.running == ["h0:3", "h1:3", "h2:3", "h3:3"])
    }

    @Test("one that was counted before failed tasks were named goes on from its count")
    func olderCount() {
        var world = DaemonWorld(hosts: 8)
        world.run(16)
        world.badRevisions = [DaemonWorld.revision("2")]
        world.badHosts = [.test("h0")]
        world.deploy("2")
        world.run(until: { $0.deployment.failureCount == 2 })
        world.deployments[1].countedFailures = nil
        world.settle()
        #expect(world.deployment.failureCount == 2)
        world.run(until: { $0.deployment.failureCount == 3 })
        #expect(world.deployment.countedFailures?.count == 3)
    }

    @Test("a first one that fails stops, and starts nothing until there is another")
    func stops() {
        var world = DaemonWorld(hosts: 1)
        world.badRevisions = [DaemonWorld.revision("1")]
        world.run(120)
        #expect(world.deployment.status == .stopped)
        #expect(world.deployment.stoppedAt != nil)
        let count = world.tasks.count
        world.run(600, step: 10)
        #expect(world.tasks.count == count)
        world.deploy("2")
        world.run(30)
        #expect(world.running == ["h0:2"])
    }

    @Test("a way back that fails as well says so and keeps trying")
    func rollbackFails() {
        var world = DaemonWorld(hosts: 1)
        world.run(16)
        world.badRevisions = [DaemonWorld.revision("1"), DaemonWorld.revision("2")]
        world.deploy("2")
        world.run(200)
        #expect(world.deployment.status == .rollbackFailed)
        world.badRevisions = []
        world.run(600, step: 10)
        #expect(world.running == ["h0:1"])
    }

    @Test("a newer one takes over in the middle")
    func supersedes() {
        var world = DaemonWorld(hosts: 4)
        world.run(16)
        world.deploy("2")
        world.run(6)
        world.deploy("3", drainPercent: 50)
        world.run(60)
        #expect(world.running == ["h0:3", "h1:3", "h2:3", "h3:3"])
        #expect(world.deployments.map(\.status) == [.successful, .stopped, .successful])
    }

    @Test("a silent host is updated when it returns")
    func returns() {
        var world = DaemonWorld(hosts: 2)
        world.run(16)
        world.hosts[1].isReachable = false
        world.deploy("2")
        world.run(20)
        #expect(world.running == ["h0:2", "h1:1"])
        #expect(world.deployment.status == .successful)
        world.hosts[1].isReachable = true
        world.run(10)
        #expect(world.running == ["h0:2", "h1:2"])
    }
}
