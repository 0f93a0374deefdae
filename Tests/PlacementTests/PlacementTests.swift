import Domain
import Identifiers
import Placement
import TestKit
import Testing

@Suite("Placement")
struct PlacementTests {
    func hosts(_ records: ContainerInstanceRecord..., tasks: [TaskRecord] = []) -> PlacementSnapshot {
        PlacementSnapshot(
            hosts: records.map { record in
                PlacementHost(
                    record: record, isConnected: true, tasks: tasks.filter { $0.placement?.instance == record.id })
            })
    }

    func place(_ tasks: [TaskRecord], on snapshot: PlacementSnapshot, seed: UInt64 = 1) -> PlacementPlan {
        var snapshot = snapshot
        var random = SeededGenerator(seed: seed)
        return snapshot.plan(tasks, using: &random)
    }

    func tasks(_ count: Int, _ strategy: PlacementStrategy...) -> [TaskRecord] {
        (0..<count).map { number in
            var task = TaskRecord.test("t\(number)")
            task.placementStrategy = strategy
            return task
        }
    }

    @Test("never gives more than a host has, and says what lacks")
    func resources() {
        let small = hosts(.test("h1", cpu: 600, memory: 8_192))
        let plan = place(tasks(3), on: small)
        #expect(plan.placements.count == 2)
        #expect(plan.failures.map(\.refusals) == [[PlacementRefusalCount(reason: "RESOURCE:CPU", hosts: 1)]])
    }

    @Test("counts tasks that stop until they have stopped, and not after")
    func stopping() {
        let stopping = TaskRecord.test("old", cpu: 4_096).observed(.running)
            .placed(on: "h1")
        var asked = stopping
        asked.verdict.stop = StopRequest(code: .userInitiated, reason: "", at: .test())
        #expect(place(tasks(1), on: hosts(.test("h1"), tasks: [asked])).placements.isEmpty)
        let stopped = asked.observed(.stopped)
        #expect(place(tasks(1), on: hosts(.test("h1"), tasks: [stopped])).placements.count == 1)
    }

    @Test("a pinned task goes to its host or nowhere, and another one elsewhere is none the worse")
    func pinned() {
        var pinned = TaskRecord.test("a", cpu: 1_024)
        pinned.pinnedTo = .test("h2")
        let free = hosts(.test("h1"), .test("h2"))
        #expect(place([pinned], on: free).placements.map(\.instance) == [.test("h2")])
        var other = TaskRecord.test("b", cpu: 1_024)
        other.pinnedTo = .test("h1")
        let full = hosts(.test("h1"), .test("h2", cpu: 100))
        let plan = place([pinned, other], on: full)
        #expect(plan.failures.map(\.refusals) == [[PlacementRefusalCount(reason: "RESOURCE:CPU", hosts: 1)]])
        #expect(plan.placements.map(\.instance) == [.test("h1")])
    }

    @Test("a daemon is for every active host that satisfies it, whatever is left there")
    func eligible() {
        var draining = ContainerInstanceRecord.test("h2")
        draining.status = .draining
        var red = ContainerInstanceRecord.test("h3", cpu: 1)
        red.attributes = [Attribute(name: "color", value: "red")]
        let busy = TaskRecord.test("busy").placed(on: "h3")
        func eligible(_ task: TaskRecord) -> [ContainerInstanceID] {
            task.eligibleHosts(among: [.test("h1"), draining, red, .test("h4", launchType: .external)]) { host in
                host == .test("h3") ? [busy] : []
            }
        }
        var task = TaskRecord.test("a")
        #expect(eligible(task) == [.test("h1"), .test("h3")])
        task.placementConstraints = [.memberOf("attribute:color == red")]
        #expect(eligible(task) == [.test("h3")])
        task.placementConstraints = [.memberOf("runningTasksCount == 0")]
        #expect(eligible(task) == [.test("h1")])
        task.placementConstraints = []
        task.requiresAttributes = ["color"]
        #expect(eligible(task) == [.test("h3")])
    }

    @Test("gives a provider's tasks to its own hosts, and those of a launch type to any")
    func capacityProviders() {
        var blue = ContainerInstanceRecord.test("h2", cpu: 512)
        blue.capacityProvider = "blue"
        let snapshot = hosts(.test("h1"), blue)
        var task = TaskRecord.test("a")
        task.capacityProvider = "blue"
        var again = task
        again.id.id = "b"
        var third = task
        third.id.id = "c"
        let plan = place([task, again, third], on: snapshot)
        #expect(plan.placements.map(\.instance.id) == ["h2", "h2"])
        #expect(plan.failures.map(\.task.id) == ["c"])
        #expect(Set(place(tasks(2), on: snapshot).placements.map(\.instance.id)) == ["h1", "h2"])
        task.capacityProvider = "green"
        #expect(!snapshot.hasHosts(for: task))
        let failure = place([task], on: snapshot).failures.first
        #expect(
            failure?.event(service: ServiceID(cluster: .test, name: "web")).hasSuffix(
                "Reason: No Container Instances were found in your capacity provider.") == true)
    }

    @Test("explains every filter")
    func filters() {
        var draining = ContainerInstanceRecord.test("h1")
        draining.status = .draining
        #expect(hosts(draining).rejections(of: .test("a")).map(\.refusal) == [.inactive])
        var lost = ContainerInstanceRecord.test("h1")
        lost.lostAt = .test()
        #expect(hosts(lost).rejections(of: .test("a")).map(\.refusal) == [.agent])
        #expect(hosts(.test("h1", memory: 100)).rejections(of: .test("a")).map(\.refusal) == [.memory])
        var web = TaskRecord.test("web", mode: .bridge)
        web.hostPorts = [Port(80)]
        let taken = hosts(.test("h1"), tasks: [web.placed(on: "h1")])
        #expect(taken.rejections(of: web).map(\.refusal) == [.ports])
        var picky = TaskRecord.test("a")
        picky.requiresAttributes = ["gpu"]
        #expect(hosts(.test("h1")).rejections(of: picky).map(\.refusal) == [.attribute])
        var unreadable = TaskRecord.test("a")
        unreadable.placementConstraints = [.memberOf("nonsense")]
        #expect(hosts(.test("h1")).rejections(of: unreadable).map(\.refusal) == [.memberOf])
    }

    @Test("keeps managed and own capacity apart")
    func pools() {
        let both = hosts(.test("h1", launchType: .ec2), .test("h2", launchType: .fargate))
        let plan = place([.test("a", launchType: .ec2), .test("b", launchType: .fargate)], on: both)
        #expect(plan.placements.map(\.instance) == [.test("h1"), .test("h2")])
        #expect(!both.hasHosts(for: .test("c", launchType: .external)))
    }

    @Test("distinctInstance puts one task of the group on a host")
    func distinct() {
        let spread = tasks(3).map { task in
            var task = task
            task.placementConstraints = [.distinctInstance]
            return task
        }
        let plan = place(spread, on: hosts(.test("h1"), .test("h2")))
        #expect(Set(plan.placements.map(\.instance)).count == 2)
        #expect(plan.failures.count == 1)
    }

    @Test("spreads over zones, then hosts, when nothing is asked")
    func spreadsByDefault() {
        let plan = place(
            tasks(4), on: hosts(.test("h1", zone: "a"), .test("h2", zone: "a"), .test("h3", zone: "b")))
        #expect(plan.placements.map(\.instance.id) == ["h1", "h3", "h2", "h3"])
    }

    @Test("binpack fills the fullest host that still fits")
    func binpack() {
        let plan = place(
            tasks(4, .binpack(.memory)), on: hosts(.test("h1", memory: 8_192), .test("h2", memory: 1_024)))
        #expect(plan.placements.map(\.instance.id) == ["h2", "h2", "h1", "h1"])
    }

    @Test("random follows the seed")
    func random() {
        let five = hosts(.test("h1"), .test("h2"), .test("h3"), .test("h4"), .test("h5"))
        let first = place(tasks(20, .random), on: five, seed: 3)
        #expect(first == place(tasks(20, .random), on: five, seed: 3))
        #expect(Set(first.placements.map(\.instance)).count > 1)
        #expect(first != place(tasks(20, .random), on: five, seed: 4))
    }

    @Test("strategies narrow one after the other")
    func sequence() {
        let plan = place(
            tasks(2, .spread("attribute:ecs.availability-zone"), .binpack(.memory)),
            on: hosts(.test("h1", zone: "a"), .test("h2", memory: 1_024, zone: "a"), .test("h3", zone: "b")))
        #expect(plan.placements.map(\.instance.id) == ["h2", "h3"])
    }

    @Test("tells the closest match in ECS's words")
    func closest() throws {
        var other = ContainerInstanceRecord.test("h2", memory: 100)
        other.attributes = []
        let plan = place([.test("a")], on: hosts(.test("h1", cpu: 1), other))
        let failure = try #require(plan.failures.first)
        #expect(
            failure.event(service: ServiceID(cluster: .test, name: "web"))
                == "(service web) was unable to place a task because no container instance met all of its requirements. "
                + "The closest matching (container-instance h2) has insufficient memory available. For more information, "
                + "see the Troubleshooting section of the Amazon ECS Developer Guide.")
    }

    @Test("tells that a cluster has no host")
    func noHosts() throws {
        let failure = try #require(place([.test("a")], on: hosts()).failures.first)
        #expect(failure.refusals.isEmpty)
        #expect(
            failure.event(service: ServiceID(cluster: .test, name: "web"))
                .hasSuffix("Reason: No Container Instances were found in your cluster."))
    }

    @Test("never overfills, whatever the mix", arguments: 1...20)
    func neverOverfills(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let records = (0..<8).map { index in
            ContainerInstanceRecord.test(
                "h\(index)", cpu: Int.random(in: 0...4_096, using: &random),
                memory: Int.random(in: 0...8_192, using: &random), zone: "z\(index % 3)")
        }
        let wanted = (0..<60).map { index -> TaskRecord in
            var task = TaskRecord.test(
                "t\(index)", cpu: Int.random(in: 0...1_024, using: &random),
                memory: Int.random(in: 1...2_048, using: &random), mode: .bridge)
            if index % 7 == 0 { task.hostPorts = [Port(80 + index % 2)] }
            task.placementStrategy = [[.random], [.binpack(.cpu)], [.spread("instanceId")]][index % 3]
            return task
        }
        var snapshot = PlacementSnapshot(
            hosts: records.map { PlacementHost(record: $0, isConnected: true, tasks: []) })
        let plan = snapshot.plan(wanted, using: &random)
        #expect(plan.placements.count + plan.failures.count == wanted.count)
        for record in records {
            let ids = Set(plan.placements.filter { $0.instance == record.id }.map(\.task))
            let placed = wanted.filter { ids.contains($0.id) }
            #expect(placed.reduce(0) { $0 + $1.reservation.cpu.value } <= record.resources.cpu.value)
            #expect(placed.reduce(0) { $0 + $1.reservation.memory.value } <= record.resources.memory.value)
            let ports = placed.flatMap(\.hostPorts)
            #expect(Set(ports).count == ports.count)
        }
        for failure in plan.failures {
            #expect(failure.refusals.reduce(0) { $0 + $1.hosts } == records.count)
        }
    }
}
