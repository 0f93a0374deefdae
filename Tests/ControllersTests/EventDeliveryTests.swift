import Controllers
import Domain
import EventRules
import Identifiers
import Logging
import StateStore
import Synchronization
import TestKit
import Testing

@Suite("Delivery of events", .timeLimit(.minutes(1)))
struct EventDeliveryTests {
    static func delivery(_ event: String, to target: String = "t", due: Int = 0) -> EventDeliveryRecord {
        var record = EventDeliveryRecord(
            id: EventDeliveryID(target: EventWorld.target("rule", target), event: event), input: "{}",
            createdAt: .test())
        record.dueAt = .test(due)
        return record
    }

    static func world(_ deliveries: [EventDeliveryRecord]) -> EventWorld {
        var world = EventWorld()
        world.rule("rule", "{}", to: ["t", "u"])
        world.commit { transaction in for delivery in deliveries { transaction.put(delivery) } }
        return world
    }

    @Test("a few at a time to each target, in the order in which they are due, none twice")
    func lanes() {
        let world = Self.world((0..<6).map { Self.delivery("e\($0)", due: 9 - $0) } + [Self.delivery("x", to: "u")])
        var step = EventDeliveryStep()
        let (starts, next) = step.step(world.state, now: .test(100))
        #expect(starts.map(\.delivery.id.event) == ["e5", "e4", "e3", "e2", "x"])
        #expect(next == nil)
        #expect(step.step(world.state, now: .test(100)).starts.isEmpty)
        step.ended(starts[0].delivery.id)
        var after = world
        after.commit { $0.delete(.eventDelivery(starts[0].delivery.id)) }
        #expect(step.step(after.state, now: .test(100)).starts.map(\.delivery.id.event) == ["e1"])
    }

    @Test("what is not due yet says when")
    func later() {
        let world = Self.world([
            Self.delivery("a", due: 5), Self.delivery("b", due: 3), Self.delivery("c", to: "u", due: 4),
        ])
        var step = EventDeliveryStep()
        let (starts, next) = step.step(world.state, now: .test(2))
        #expect(starts.isEmpty && next == .test(3))
        #expect(step.step(world.state, now: .test(4)).starts.map(\.delivery.id.event) == ["b", "c"])
    }

    @Test("each outcome says what becomes of the delivery")
    func verdicts() {
        let record = Self.delivery("a")
        var target = EventTarget(id: "t", arn: "http://t")
        target.maximumRetryAttempts = 0
        let start = EventDeliveryStep.Start(delivery: record, target: target)
        func verdict(_ outcome: DeliveryOutcome, _ start: EventDeliveryStep.Start) -> EventDeliveryVerdict {
            EventDeliveryVerdict(outcome, of: start, now: .test(), random: 0)
        }
        #expect(verdict(.delivered, start) == .done(record.id))
        #expect(verdict(.settled, start) == .done(record.id))
        #expect(verdict(.refused("no"), start) == .givenUp(record.id, reason: "no"))
        #expect(verdict(.failed("late"), start) == .givenUp(record.id, reason: "late"))
        target.maximumRetryAttempts = nil
        var again = record
        again.attempts = 1
        again.dueAt = .test(1)
        again.lastFailure = "late"
        #expect(verdict(.failed("late"), EventDeliveryStep.Start(delivery: record, target: target)) == .again(again))
    }

    /// Fails each event's first tries, refuses some, hangs on some until it is let go.
    private final class Sink: EventSink {
        let tries = Mutex<[String: Int]>([:])
        let hanging: Set<String>

        init(hanging: Set<String> = []) { self.hanging = hanging }

        func deliver(_ delivery: EventDeliveryRecord, to target: EventTarget) async -> DeliveryOutcome {
            let event = delivery.id.event
            let count = tries.withLock { tries in
                tries[event, default: 0] += 1
                return tries[event] ?? 0
            }
            if hanging.contains(target.id) {
                try? await Task.sleep(for: .seconds(3600))
                return .failed("cut off")
            }
            if event.hasPrefix("bad") { return .refused("bad") }
            return event.hasPrefix("slow") && count < 3 ? .failed("slow") : .delivered
        }
    }

    private func run(_ store: MemoryStateStore, _ sink: Sink, until done: (StateSnapshot) -> Bool) async throws {
        let time = Mutex(100)
        let controller = EventDeliveryController(
            store: store, sink: sink, ids: SeededIDSource(seed: 1), clock: ContinuousClock(),
            now: {
                // Every look is an hour later: what waits is due.
                time.withLock {
                    $0 += 3_600
                    return .test($0)
                }
            }, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let running = Task { try await controller.run() }
        let changes = store.watch(.eventDeliveries, after: store.committed().revision)
        if !done(store.committed()) {
            for await _ in changes where done(store.committed()) { break }
        }
        running.cancel()
        try await running.value
    }

    private func store(_ deliveries: [EventDeliveryRecord]) async throws -> MemoryStateStore {
        let store = MemoryStateStore()
        _ = try await store.commit { transaction in
            transaction.put(EventWorld.rule("rule", "{}", to: ["t", "u"]))
            for delivery in deliveries { transaction.put(delivery) }
        }
        return store
    }

    @Test("tries until it is delivered, gives up what is refused, and counts it")
    func delivers() async throws {
        let store = try await store(["good", "slow", "bad1", "bad2"].map { Self.delivery($0) })
        let sink = Sink()
        try await run(store, sink) { $0.eventDeliveries.count == 0 }
        #expect(sink.tries.withLock { $0 } == ["good": 1, "slow": 3, "bad1": 1, "bad2": 1])
        #expect(store.committed().eventRules[EventWorld.target("rule").rule]?.failedDeliveries == 2)
    }

    @Test("a target that does not answer keeps no other waiting, and what was under way stays for the next start")
    func slowTarget() async throws {
        let store = try await store(
            (0..<8).map { Self.delivery("s\($0)") } + (0..<20).map { Self.delivery("e\($0)", to: "u") })
        try await run(store, Sink(hanging: ["t"])) { $0.eventDeliveryCount(to: EventWorld.target("rule", "u")) == 0 }
        let left = store.committed().eventDeliveries.values().map(\.1)
        #expect(left.count == 8)
        #expect(left.allSatisfy { $0.attempts == 0 })
    }
}
