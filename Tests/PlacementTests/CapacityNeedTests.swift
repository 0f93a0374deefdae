import Domain
import Identifiers
import Placement
import TestKit
import Testing

@Suite("Capacity that tasks wait for")
struct CapacityNeedTests {
    struct Row: CustomTestStringConvertible, Sendable {
        var name: String
        var waiting: [TaskRecord]
        /// By id: CPU units and MiB each, with the CPU units of its tasks.
        var hosts: [(id: String, cpu: Int, tasks: [Int])] = []
        var steps: ClosedRange<Int>?
        var needed: Int
        var running: Int
        var reservation: Double

        var testDescription: String { name }
    }

    static func tasks(_ count: Int, cpu: Int, change: (inout TaskRecord) -> Void = { _ in }) -> [TaskRecord] {
        (0..<count).map { number in
            var task = TaskRecord.test("t\(number)", cpu: cpu, memory: 1)
            task.capacityProvider = "blue"
            change(&task)
            return task
        }
    }

    static var table: [Row] {
        let full: [(id: String, cpu: Int, tasks: [Int])] = [("h1", 1000, [800]), ("h2", 1000, [800])]
        return [
            Row(
                name: "no host: size unknown, one asked for", waiting: tasks(5, cpu: 300), needed: 1, running: 0,
                reservation: 200),
            Row(
                name: "no host, steps of three", waiting: tasks(5, cpu: 300), steps: 3...9, needed: 3, running: 0,
                reservation: 200),
            Row(
                name: "packed by threes", waiting: tasks(6, cpu: 300), hosts: full, needed: 4, running: 2,
                reservation: 200),
            Row(
                name: "one more begins a host", waiting: tasks(7, cpu: 300), hosts: full, needed: 5, running: 2,
                reservation: 250),
            Row(
                name: "at most a step", waiting: tasks(90, cpu: 300), hosts: full, steps: 1...2, needed: 4, running: 2,
                reservation: 200),
            Row(
                name: "an idle host is not used", waiting: tasks(1, cpu: 300), hosts: full + [("h3", 1000, [])],
                needed: 3, running: 3, reservation: 100),
            Row(
                name: "a task larger than a host", waiting: tasks(2, cpu: 3000), hosts: full, needed: 4, running: 2,
                reservation: 200),
            Row(
                name: "a fixed port each", waiting: tasks(3, cpu: 1) { $0.hostPorts = [Port(80)] }, hosts: full,
                needed: 5, running: 2, reservation: 250),
            Row(
                name: "a host of their own each",
                waiting: tasks(3, cpu: 1) { $0.placementConstraints = [.distinctInstance] }, hosts: full, needed: 5,
                running: 2, reservation: 250),
            Row(
                name: "thousands, by a sample of them", waiting: tasks(4000, cpu: 500), hosts: full, needed: 2002,
                running: 2, reservation: 100_100),
        ]
    }

    private static func scaling(_ steps: ClosedRange<Int>, target: Int = 100) -> ManagedScaling {
        var scaling = ManagedScaling()
        scaling.targetCapacity = target
        (scaling.minimumStepSize, scaling.maximumStepSize) = (steps.lowerBound, steps.upperBound)
        return scaling
    }

    @Test(
        "a target below 100 wants hosts to spare, in steps",
        arguments: [
            (100, 1...10_000, 4), (80, 1...10_000, 5), (50, 1...10_000, 8), (50, 1...3, 5), (100, 5...9, 7),
            (1, 1...10_000, 400),
        ])
    func wanted(target: Int, steps: ClosedRange<Int>, expected: Int) throws {
        let hosts = ["h1", "h2"].map { id in
            var record = ContainerInstanceRecord.test(id, cpu: 1000, memory: 100_000)
            record.capacityProvider = "blue"
            return (record: record, tasks: [TaskRecord.test("on-\(id)", cpu: 800).placed(on: id)])
        }
        let needs = CapacityNeed.needs(of: Self.tasks(6, cpu: 300), on: hosts) { _ in
            Self.scaling(steps, target: target)
        }
        #expect(try #require(needs.first).instancesWanted == expected)
    }

    @Test("is counted in hosts, and as ECS's reservation", arguments: table)
    func needs(row: Row) throws {
        let hosts = row.hosts.map { id, cpu, tasks in
            var record = ContainerInstanceRecord.test(id, cpu: cpu, memory: 100_000)
            record.capacityProvider = "blue"
            let placed = tasks.enumerated().map { TaskRecord.test("\(id)-\($0)", cpu: $1).placed(on: id) }
            return (record: record, tasks: placed)
        }
        let needs = CapacityNeed.needs(of: row.waiting, on: hosts) { _ in row.steps.map { Self.scaling($0) } }
        let need = try #require(needs.first)
        #expect(needs.count == 1)
        #expect(need.capacityProvider == "blue")
        #expect(need.tasks == row.waiting.count)
        #expect(need.resources.cpu.value == row.waiting.map(\.reservation.cpu.value).reduce(0, +))
        #expect(need.largest.cpu == row.waiting.map(\.reservation.cpu).max())
        #expect(need.instancesNeeded == row.needed)
        #expect(need.instancesRunning == row.running)
        #expect(need.reservation == row.reservation)
    }

    @Test("is told for each cluster and provider or launch type; hosts of others do not count")
    func pools() {
        var pinned = TaskRecord.test("p")
        pinned.pinnedTo = .test("h1")
        let waiting =
            [pinned, .test("a", launchType: .fargate), .test("b"), .test("c", launchType: .external)]
            + Self.tasks(1, cpu: 1)
        var draining = ContainerInstanceRecord.test("h1")
        draining.status = .draining
        let needs = CapacityNeed.needs(
            of: waiting,
            on: [(record: .test("m", launchType: .fargate), tasks: []), (record: draining, tasks: [])]
        ) { _ in nil }
        #expect(needs.map(\.launchType) == [.ec2, .ec2, .external, .fargate])
        #expect(needs.map(\.capacityProvider) == [nil, "blue", nil, nil])
        #expect(needs.map(\.instancesRunning) == [0, 0, 0, 1])
        #expect(CapacityNeed.needs(of: [TaskRecord](), on: []) { _ in nil }.isEmpty)
    }
}
