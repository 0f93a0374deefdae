import Domain
import Identifiers
import Metering
import TaskLifecycle
import TestKit
import Testing

@Suite("What a task used")
struct TaskUsageTests {
    struct Row: CustomTestStringConvertible, Sendable {
        var name: String
        var task: TaskRecord
        /// Seconds after the task was made.
        var expected: ClosedRange<Int>?

        var testDescription: String { name }
    }

    static func task(pull: Int? = nil, started: Int? = nil, stopped: Int? = nil) -> TaskRecord {
        var task = TaskRecord.test("a", launchType: .fargate).observed(.pending)
        task.observed?.pullStartedAt = pull.map { .test($0) }
        if let started { task = task.observed(.running, at: .test(started)) }
        if let stopped { task = task.observed(.stopped, at: .test(stopped)) }
        return task
    }

    static var table: [Row] {
        var lost = task(pull: 10, started: 20).givenUp(now: .test(200))
        lost.observed?.status = .stopped
        lost.observed?.stoppedAt = .test(900)
        return [
            Row(name: "without a host", task: .test("a"), expected: nil),
            Row(name: "before its pull", task: task(), expected: nil),
            Row(name: "stopped before its pull", task: task(stopped: 50), expected: nil),
            Row(
                name: "from the start of the pull to the stop", task: task(pull: 10, started: 30, stopped: 130),
                expected: 10...130),
            Row(name: "a minute at least", task: task(pull: 10, started: 12, stopped: 15), expected: 10...70),
            Row(name: "exactly a minute", task: task(pull: 10, stopped: 70), expected: 10...70),
            Row(
                name: "from the start where no pull was told", task: task(started: 20, stopped: 220), expected: 20...220
            ),
            Row(name: "until now while it lives", task: task(pull: 10, started: 20), expected: 10...500),
            Row(name: "until it was lost, whatever is said later", task: lost, expected: 10...200),
            Row(name: "a pull before the task was made", task: task(pull: -5000, stopped: 100), expected: 0...100),
            Row(name: "a pull after the stop", task: task(pull: 300, stopped: 100), expected: 100...160),
        ]
    }

    @Test("is counted", arguments: table)
    func time(row: Row) {
        let usage = row.task.usage(definition: nil, host: nil, now: .test(500))
        #expect(usage.map { $0.from } == row.expected.map { .test($0.lowerBound) })
        #expect(usage.map { $0.until } == row.expected.map { .test($0.upperBound) })
    }

    @Test("is its reservation, its Fargate size and its share of the host")
    func rate() throws {
        var own = TaskRecord.test("a", launchType: .ec2, cpu: 300, memory: 700).observed(.running)
        own.capacityProvider = "blue"
        let host = ContainerInstanceRecord.test("h1", cpu: 3000, memory: 2800)
        let usage = try #require(own.usage(definition: nil, host: host, now: .test(100)))
        #expect(usage.rate.cpu == 300)
        #expect(usage.rate.memory == 700)
        #expect(usage.rate.fargateCPU == 512)
        #expect(usage.rate.fargateMemory == 1024)
        #expect(usage.rate.host == 250_000)
        #expect(usage.rate.storage == 0)
        #expect(usage.group.capacity == .ec2)
        #expect(usage.amount.cpu == 300 * 100_000)
    }

    @Test("has an owner, a capacity and a processor")
    func group() throws {
        var definition = TaskDefinition(containers: [])
        definition.cpuArchitecture = "ARM64"
        definition.ephemeralStorageGiB = 50
        var task = Self.task(pull: 0)
        task.capacityProvider = "FARGATE_SPOT"
        let alone = try #require(task.usage(definition: definition, host: nil, now: .test(1)))
        #expect(alone.group.owner == UsageOwner(.family, "web"))
        #expect(alone.group.capacity == .fargateSpot)
        #expect(alone.group.architecture == .arm64)
        #expect(alone.rate.storage == 30)
        task.service = ServiceID(cluster: .test, name: "s")
        task.overrides.ephemeralStorageGiB = 21
        var host = ContainerInstanceRecord.test("h1", launchType: .fargate)
        host.attributes = [Attribute(name: "ecs.cpu-architecture", value: "arm64")]
        let served = try #require(task.usage(definition: nil, host: host, now: .test(1)))
        #expect(served.group.owner == UsageOwner(.service, "s"))
        #expect(served.group.architecture == .x86, "what names no processor runs on X86_64 on Fargate")
        #expect(served.rate.storage == 1)
        task.launchType = .external
        let own = try #require(task.usage(definition: nil, host: host, now: .test(1)))
        #expect(own.group.architecture == .arm64)
        #expect(own.rate.storage == 0)
    }

    @Test(
        "rounds up to Fargate's sizes, and leaves what is larger than any",
        arguments: [
            (0, 0, 256, 512), (256, 513, 256, 1024), (256, 1025, 256, 2048), (256, 2049, 512, 3072),
            (257, 1, 512, 1024),
            (4096, 30_721, 8192, 32_768), (16_384, 122_880, 16_384, 122_880), (16_385, 1, 16_385, 1),
        ])
    func sizes(cpu: Int, memory: Int, sizeCPU: Int, sizeMemory: Int) throws {
        let task = TaskRecord.test("a", cpu: cpu, memory: memory).observed(.running)
        let rate = try #require(task.usage(definition: nil, host: nil, now: .test())).rate
        #expect(rate.fargateCPU == Int64(sizeCPU))
        #expect(rate.fargateMemory == Int64(sizeMemory))
        let isSize = FargateSize.admits(cpu: CPUUnits(sizeCPU), memory: MemoryMiB(sizeMemory))
        #expect(isSize == (sizeCPU <= 16_384))
    }

    @Test("is for a host the time that it was there")
    func host() {
        var host = ContainerInstanceRecord.test("h1", cpu: 2048, memory: 4096)
        host.capacityProvider = "blue"
        #expect(host.usage(now: .test(3600)).until == .test(3600))
        host.status = .inactive
        host.deregisteredAt = .test(7200)
        let usage = host.usage(now: .test(9999))
        #expect(usage.until == .test(7200))
        #expect(usage.group.owner == UsageOwner(.hosts, "blue"))
        #expect(UsageQuantities(usage.amount).hostHours == 2)
    }
}
