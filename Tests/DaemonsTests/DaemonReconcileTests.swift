import Daemons
import Domain
import Identifiers
import Placement
import TestKit
import Testing

@Suite("One task of a daemon on every host")
struct DaemonReconcileTests {
    @Test("every host gets one task, and the deployment is done when all run")
    func starts() {
        var world = DaemonWorld(hosts: 3)
        let plan = reconcile(world.snapshot)
        #expect(plan.starts.map(\.id) == ["h0", "h1", "h2"])
        #expect(plan.deployment.status == .inProgress)
        #expect(plan.deployment.startedAt == world.now)
        world.run(16)
        #expect(world.running == ["h0:1", "h1:1", "h2:1"])
        #expect(world.deployment.status == .successful)
        #expect(world.daemon.stableRevision == DaemonWorld.revision("1"))
    }

    @Test("a daemon without hosts is deployed at once, and a host that joins later gets its task")
    func joins() {
        var world = DaemonWorld(hosts: 0)
        world.settle()
        #expect(world.deployment.status == .successful)
        world.hosts.append(DaemonSnapshot.Host(id: .test("late")))
        world.run(4)
        #expect(world.running == ["late:1"])
    }

    @Test("what a host cannot have: silent, draining and refusing ones get no task")
    func eligible() {
        var world = DaemonWorld(hosts: 0)
        world.hosts = [
            DaemonSnapshot.Host(id: .test("silent"), isReachable: false),
            DaemonSnapshot.Host(id: .test("drained"), isDraining: true),
            DaemonSnapshot.Host(id: .test("full"), refusal: .memory),
        ]
        let plan = reconcile(world.snapshot)
        #expect(plan.starts.isEmpty)
        #expect(plan.deployment.status == .inProgress)
        world.settle()
        #expect(
            world.deployment.statusReason
                == "RESOURCE:MEMORY - Unable to place daemon task on container instance full.")
        world.hosts[2].refusal = nil
        world.run(16)
        #expect(world.running == ["full:1"])
        #expect(world.deployment.status == .successful)
    }

    @Test("on a draining host the daemon is the last to leave")
    func drains() {
        var world = DaemonWorld(hosts: 2)
        world.run(16)
        world.hosts[0].isDraining = true
        world.hosts[0].hasOtherTasks = true
        world.run(4)
        #expect(world.running == ["h0:1", "h1:1"])
        world.hosts[0].hasOtherTasks = false
        world.run(4)
        #expect(world.running == ["h1:1"])
    }

    @Test("a host that leaves the daemon loses its task, and a second task of a host goes")
    func surplus() {
        var world = DaemonWorld(hosts: 2)
        world.run(4)
        var double = TaskRecord.test("zz").placed(on: "h1").observed(.running)
        double.daemonRevision = DaemonWorld.revision("1")
        double.createdAt = world.now.adding(.seconds(1))
        world.tasks.append(double)
        world.hosts.removeFirst()
        let plan = reconcile(world.snapshot)
        #expect(Set(plan.stops.map(\.task.id)) == ["t1", "zz"])
        world.run(4)
        #expect(world.running == ["h1:1"])
    }

    @Test("a task that ended is replaced; one that fails again and again waits longer and longer")
    func throttle() {
        var world = DaemonWorld(hosts: 1)
        world.run(16)
        world.pass(60)
        world.crash("h0")
        #expect(reconcile(world.snapshot).starts.map(\.id) == ["h0"])
        world.run(16)
        world.badRevisions = [DaemonWorld.revision("1")]
        world.crash("h0")
        world.settle()
        let plan = reconcile(world.snapshot)
        #expect(plan.starts.isEmpty)
        #expect(plan.wakeAt == world.now.adding(.seconds(5)))
        world.run(600)
        #expect(world.tasks.count < 14)
    }

    @Test("a task whose health check fails is replaced")
    func unhealthy() {
        var world = DaemonWorld(hosts: 1)
        world.checked = true
        world.run(4)
        world.pass(60)
        world.tasks[0] = world.tasks[0].reporting(.unhealthy)
        let plan = reconcile(world.snapshot)
        #expect(plan.stops.map(\.reason) == ["Task failed container health checks"])
        world.run(20)
        #expect(world.running == ["h0:1"])
        #expect(world.tasks.count == 2)
    }

    @Test("a deleted daemon stops everything and is gone when nothing lives")
    func deletes() {
        var world = DaemonWorld(hosts: 3)
        world.run(16)
        world.delete()
        world.settle()
        #expect(world.live.isEmpty)
        #expect(!world.isGone)
        world.run(4)
        #expect(world.isGone)
        #expect(world.deployment.status == .successful)
    }
}
