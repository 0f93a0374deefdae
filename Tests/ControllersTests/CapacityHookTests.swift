import Controllers
import Domain
import Identifiers
import Logging
import Placement
import StateStore
import Synchronization
import TestKit
import Testing

@Suite("The command for missing capacity", .timeLimit(.minutes(1)))
struct CapacityHookTests {
    static func waiting(createdAt: Int = 0) -> StateSnapshot {
        StateSnapshot().applying { transaction in
            var task = TaskRecord.test("a")
            task.createdAt = .test(createdAt)
            transaction.put(task)
        }
    }

    struct Look: CustomTestStringConvertible, Sendable {
        var name: String
        var state: StateSnapshot
        /// Seconds of both clocks.
        var at: Int
        var ranAt: Int?
        /// nil: it runs.
        var wait: Duration??

        var testDescription: String { name }
    }

    static var table: [Look] {
        [
            Look(name: "nothing waits", state: StateSnapshot(), at: 100, wait: .some(nil)),
            Look(
                name: "a task has a host",
                state: StateSnapshot().applying { $0.put(TaskRecord.test("a").placed(on: "h")) }, at: 100,
                wait: .some(nil)),
            Look(name: "a task is young", state: waiting(createdAt: 98), at: 100, wait: .seconds(3)),
            Look(name: "the control plane has just started", state: waiting(), at: 5, wait: .seconds(7)),
            Look(name: "a task waits", state: waiting(), at: 100),
            Look(name: "it ran lately", state: waiting(), at: 100, ranAt: 80, wait: .seconds(10)),
            Look(name: "it ran long ago", state: waiting(), at: 100, ranAt: 70),
        ]
    }

    @Test("runs when it is due", arguments: table)
    func decides(look: Look) {
        var step = CapacityHookStep(interval: .seconds(30), period: .seconds(60), startedAt: .zero)
        if let ranAt = look.ranAt {
            _ = step.step(Self.waiting(), now: .test(ranAt), monotonic: Self.instant(ranAt))
        }
        let decision = step.step(look.state, now: .test(look.at), monotonic: Self.instant(look.at))
        switch (decision, look.wait) {
        case (.run(let needs), nil): #expect(needs.map(\.tasks) == [1])
        case (.wait(let time), .some(let expected)): #expect(time == expected)
        default: Issue.record("\(decision)")
        }
    }

    @Test("a managed provider is not asked again while hosts warm up, unless more are wanted or the run failed")
    func warmUp() {
        var step = CapacityHookStep(interval: .seconds(1), period: .seconds(60), startedAt: .zero)
        func state(_ tasks: Int) -> StateSnapshot {
            StateSnapshot().applying { transaction in
                var provider = CapacityProviderRecord(
                    id: CapacityProviderID(scope: TaskRecord.test("t").id.cluster.scope, name: "blue"),
                    createdAt: .test(0), autoScalingGroup: "group")
                provider.managedScaling.isEnabled = true
                provider.managedScaling.minimumStepSize = 2
                provider.managedScaling.instanceWarmupPeriod = 60
                transaction.put(provider)
                var host = ContainerInstanceRecord.test("h", cpu: 1000, memory: 1000)
                host.capacityProvider = "blue"
                transaction.put(host)
                for number in 0..<tasks {
                    var task = TaskRecord.test("t\(number)", cpu: 900, memory: 1)
                    task.capacityProvider = "blue"
                    task.createdAt = .test(0)
                    transaction.put(task)
                }
            }
        }
        func wanted(_ tasks: Int, at second: Int) -> [Int]? {
            switch step.step(state(tasks), now: .test(second), monotonic: Self.instant(second)) {
            case .run(let needs): needs.map(\.instancesWanted)
            case .wait: nil
            }
        }
        #expect(wanted(3, at: 100) == [3])
        #expect(wanted(3, at: 110) == nil)
        #expect(wanted(4, at: 120) == [4])
        #expect(wanted(4, at: 179) == nil)
        #expect(wanted(4, at: 180) == [4])
        #expect(wanted(4, at: 190) == nil)
        step.failed()
        #expect(wanted(4, at: 191) == [4])
    }

    /// A provider of a cluster with hosts, of which the first ones run a task each.
    private static func managed(hosts: Int, busy: Int, target: Int = 100, waiting: Bool = false) -> StateSnapshot {
        StateSnapshot().applying { transaction in
            let cluster = TaskRecord.test("t").id.cluster
            var provider = CapacityProviderRecord(
                id: CapacityProviderID(scope: cluster.scope, name: "blue"), createdAt: .test(0),
                autoScalingGroup: "group")
            provider.managedScaling.isEnabled = true
            provider.managedScaling.targetCapacity = target
            transaction.put(provider)
            var record = ClusterRecord(id: cluster, createdAt: .test(0))
            record.capacityProviders = ["blue"]
            transaction.put(record)
            for number in 0..<hosts {
                var host = ContainerInstanceRecord.test("h\(number)", cpu: 1000, memory: 1000)
                host.capacityProvider = "blue"
                transaction.put(host)
                guard number < busy else { continue }
                var task = TaskRecord.test("t\(number)", cpu: 900, memory: 1).placed(on: "h\(number)")
                task.capacityProvider = "blue"
                transaction.put(task.observed(.running))
            }
            guard waiting else { return }
            var task = TaskRecord.test("waiting", cpu: 10_000, memory: 1)
            task.capacityProvider = "blue"
            task.createdAt = .test(0)
            transaction.put(task)
        }
    }

    /// Looks once a minute, and notes in which minute it runs and what is told.
    private static func minutes(
        _ count: Int, _ step: inout CapacityHookStep, _ state: (Int) -> StateSnapshot
    ) -> [String] {
        (1...count).compactMap { minute in
            let at = minute * 60
            switch step.step(state(minute), now: .test(at), monotonic: instant(at)) {
            case .run(let needs):
                return "\(minute): "
                    + needs.map {
                        "\($0.instancesWanted) of \($0.instancesRunning), idle \($0.idle.map(\.id).joined(separator: " "))"
                    }.joined(separator: "; ")
            case .wait: return nil
            }
        }
    }

    @Test("a managed provider loses hosts after fifteen minutes in a row, by the largest of them, and is told again")
    func scaleIn() {
        var step = CapacityHookStep(interval: .seconds(30), period: .seconds(60), startedAt: .zero)
        // In the third minute all are needed: the row begins anew. In the tenth one host more is.
        let told = Self.minutes(26, &step) { minute in
            Self.managed(hosts: 4, busy: minute == 3 ? 4 : minute == 10 ? 2 : 1)
        }
        #expect(
            told == ["18: 2 of 4, idle h1 h2 h3", "23: 2 of 4, idle h1 h2 h3", "25: 1 of 4, idle h1 h2 h3"])
    }

    @Test("a managed provider gets hosts beyond its target capacity, and keeps those it has while a task waits")
    func standing() {
        var step = CapacityHookStep(interval: .seconds(30), period: .seconds(60), startedAt: .zero)
        #expect(Self.minutes(3, &step) { _ in Self.managed(hosts: 4, busy: 4, target: 80) } == ["1: 5 of 4, idle "])
        var waiting = CapacityHookStep(interval: .seconds(30), period: .seconds(60), startedAt: .zero)
        let told = Self.minutes(40, &waiting) { _ in Self.managed(hosts: 4, busy: 1, waiting: true) }
        #expect(told.allSatisfy { $0.contains("5 of 4") || $0.contains("4 of 4") }, "\(told)")
        var alone = CapacityHookStep(interval: .seconds(30), period: .seconds(60), startedAt: .zero)
        #expect(Self.minutes(40, &alone) { _ in Self.managed(hosts: 2, busy: 2) } == [])
    }

    static func instant(_ seconds: Int) -> Instant { Instant.zero.adding(.seconds(seconds)) }

    /// Notes how many runs overlap.
    private final class Counter: CapacityHook {
        let runs = Mutex((now: 0, most: 0, all: 0))

        func run(_ needs: [CapacityNeed]) async -> String? {
            runs.withLock { runs in
                runs.now += 1
                runs.all += 1
                runs.most = max(runs.most, runs.now)
            }
            for _ in 0..<100 { await Task.yield() }
            runs.withLock { $0.now -= 1 }
            return "it does not matter"
        }
    }

    @Test("runs again while tasks wait, never twice at once")
    func once() async throws {
        let store = MemoryStateStore()
        let hook = Counter()
        let time = Mutex(0)
        let controller = CapacityHookController(
            store: store, hook: hook, interval: .milliseconds(1), period: .seconds(60), clock: ContinuousClock(),
            monotonic: {
                time.withLock {
                    $0 += 60; return Self.instant($0)
                }
            }, now: { .test(1000) },
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await controller.run() }
            _ = try await store.commit { $0.put(TaskRecord.test("a")) }
            var number = 0
            while hook.runs.withLock({ $0.all }) < 5 {
                number += 1
                let id = "b\(number)"
                _ = try await store.commit { $0.put(TaskRecord.test(id)) }
                try await Task.sleep(for: .milliseconds(1))
            }
            group.cancelAll()
        }
        #expect(hook.runs.withLock { $0.most } == 1)
    }
}
