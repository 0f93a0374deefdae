import Domain
import Identifiers
import Testing

@testable import Telemetry

@Suite("What tasks use")
struct UseTallyTests {
    private static let scope = Scope(account: "000000000000", region: "us-east-1")
    private static let cluster = ClusterID(scope: scope, name: "main")
    private static let web = ServiceID(cluster: cluster, name: "web")
    /// A whole minute.
    private static let start: Int64 = 1_800_000_000_000

    /// One task with one container; 512 units and 1,024 MiB are its.
    private func known(
        _ insights: ContainerInsights = .disabled, cpu: Int = 512, onInstance: Bool = false
    ) -> UsedTask {
        var task = TaskRecord(
            id: TaskID(cluster: Self.cluster, id: "x"),
            definition: TaskDefinitionID(family: FamilyID(scope: Self.scope, name: "app"), revision: 1), containers: [],
            createdAt: Timestamp(milliseconds: 0), launchType: onInstance ? .ec2 : .fargate,
            reservation: Resources(cpu: CPUUnits(cpu), memory: MemoryMiB(1024)), networkMode: .awsvpc, group: "g")
        task.service = Self.web
        return UsedTask(task, nil, insights: insights)
    }

    private func use(
        _ task: String, at second: Double, cpu: Double, memory: Double = 256,
        _ change: (inout ContainerUse) -> Void = { _ in }
    ) -> TaskUse {
        var container = ContainerUse(name: "app")
        container.cpu = cpu
        container.memory = memory
        change(&container)
        return TaskUse(
            task: TaskID(cluster: Self.cluster, id: task),
            at: Timestamp(milliseconds: Self.start + Int64(second * 1000)), seconds: 5, containers: [container])
    }

    /// Everything that is told of one metric, joined.
    private func told(_ samples: [MetricSample], _ name: String, _ dimensions: [String] = []) -> StatisticSet? {
        let sets = samples.filter { sample in
            sample.metric.name == name
                && (dimensions.isEmpty || sample.metric.dimensions.map(\.value) == dimensions)
        }.map(\.statistics)
        return sets.dropFirst().reduce(sets.first) { $0?.merged(with: $1) }
    }

    private func isNear(_ found: Double?, _ wanted: Double) -> Bool { abs((found ?? .infinity) - wanted) < 1e-6 }

    private func all(_ tally: inout UseTally, _ capacity: InstanceCapacity? = nil) -> [MetricSample] {
        tally.samples(now: Timestamp(milliseconds: Self.start + 10_000_000)) { _ in capacity }
    }

    @Test(
        "a minute's sample count is the number of tasks, however often and when their agents speak",
        arguments: [
            (5.0, 0.0), (5, 1.7), (20, 3.2), (10, 9.9), (1, 0.4),
        ])
    func counts(every: Double, from: Double) throws {
        var tally = UseTally()
        for task in ["a", "b", "c"] {
            var second = -40 + from
            while second < 130 {
                tally.take(use(task, at: second, cpu: 256)) { known() }
                second += every
            }
        }
        let minute = all(&tally).filter { sample in
            let second = (sample.time.milliseconds - Self.start) / 1000
            return 0 <= second && second < 60
        }
        let set = try #require(told(minute, "CPUUtilization"))
        #expect(abs(set.count - 3) < 1e-9)
        #expect(abs((set.average ?? 0) - 50) < 1e-9)
        #expect(told(minute, "MemoryUtilization")?.average.map { abs($0 - 25) < 1e-9 } == true)
    }

    @Test("the average is all that is used of all that is reserved; the extremes are the tasks' own")
    func average() throws {
        var tally = UseTally()
        for second in [0.0, 5, 10] {
            tally.take(use("small", at: second, cpu: 512)) { known(cpu: 512) }
            tally.take(use("large", at: second, cpu: 512)) { known(cpu: 2048) }
        }
        let set = try #require(told(all(&tally), "CPUUtilization", ["main", "web"]))
        #expect(set.average.map { abs($0 - 40) < 1e-6 } == true)
        #expect(set.minimum == 25)
        #expect(set.maximum == 100)
        #expect(set.percentile(99).map { abs($0 - 100) < 5 } == true)
    }

    @Test("a cluster's use is of what its instances have, whatever part of the tasks was told of")
    func cluster() throws {
        let capacity = InstanceCapacity(
            registered: Resources(cpu: CPUUnits(4096), memory: MemoryMiB(4096)), instances: 2, runningTasks: 4)
        for tasks in [["a", "b", "c", "d"], ["a", "b"]] {
            var tally = UseTally()
            for task in tasks {
                for second in stride(from: 0.0, through: 60, by: 5) {
                    tally.take(use(task, at: second, cpu: 256)) { known(onInstance: true) }
                }
            }
            let set = try #require(told(all(&tally, capacity), "CPUUtilization", ["main"]))
            #expect(isNear(set.average, 25))
        }
    }

    @Test("Container Insights tell what is used and reserved, and sums of a minute are what was moved")
    func insights() throws {
        var tally = UseTally()
        for second in stride(from: 0.0, through: 60, by: 5) {
            let use = use("a", at: second, cpu: 128) {
                $0.received = Int(second) * 1000
                $0.written = Int(second) * 10
                $0.restarts = second < 30 ? 0 : 2
            }
            tally.take(use) { known(.enhanced) }
        }
        let samples = all(&tally)
        let service = ["main", "web"]
        #expect(isNear(told(samples, "CpuUtilized", service)?.average, 128))
        #expect(isNear(told(samples, "CpuReserved", service)?.average, 512))
        #expect(isNear(told(samples, "MemoryReserved", service)?.average, 1024))
        #expect(told(samples, "NetworkRxBytes", service)?.average.map { abs($0 - 1000) < 1e-6 } == true)
        #expect(told(samples, "StorageWriteBytes", service).map { abs($0.sum - 600) < 1e-6 } == true)
        #expect(told(samples, "RestartCount", service).map { abs($0.sum - 2) < 1e-6 } == true)
        #expect(isNear(told(samples, "TaskCpuUtilization", ["main", "app", "a"])?.average, 25))
        #expect(isNear(told(samples, "ContainerCpuUtilization", ["main", "app", "app", "a"])?.average, 25))
        var plain = UseTally()
        for second in [0.0, 5] { plain.take(use("a", at: second, cpu: 128)) { known(.enabled) } }
        #expect(all(&plain).allSatisfy { !$0.metric.dimensions.contains { $0.key == "TaskId" } })
    }

    @Test("silence, clocks that jump and counters that begin anew give no nonsense", arguments: UInt64(1)...20)
    func nonsense(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var tally = UseTally()
        var second = 0.0
        var samples: [MetricSample] = []
        for _ in 0..<200 {
            second += Double.random(in: -30...90, using: &random)
            let use = use(
                "\(Int.random(in: 0..<3, using: &random))", at: second, cpu: Double.random(in: 0...900, using: &random)
            ) {
                $0.received = Int.random(in: -5...Int.max, using: &random)
                if Bool.random(using: &random) { $0.cpu = nil }
            }
            tally.take(use) { known(.enhanced) }
            samples += tally.samples(now: use.at) { _ in nil }
        }
        samples += all(&tally)
        for sample in samples {
            #expect(sample.statistics.isSound)
            #expect(sample.statistics.minimum >= 0)
        }
    }

    @Test("tasks that are silent are forgotten, and so is what was told of them")
    func forgets() {
        var tally = UseTally()
        for number in 0..<50 { tally.take(use("\(number)", at: 0, cpu: 1)) { known(.enhanced) } }
        #expect(tally.taskCount == 50)
        _ = tally.samples(now: Timestamp(milliseconds: Self.start + 200_000)) { _ in nil }
        #expect(tally.taskCount == 0)
        tally.take(use("1", at: 300, cpu: 1)) { nil }
        #expect(tally.taskCount == 0)
    }
}
