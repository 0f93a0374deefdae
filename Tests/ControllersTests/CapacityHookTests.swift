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
        var step = CapacityHookStep(interval: .seconds(30), startedAt: .zero)
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
            store: store, hook: hook, interval: .milliseconds(1), clock: ContinuousClock(),
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
