public import Domain
public import EventRules
public import Identifiers
public import Logging
public import ServiceLifecycle
public import StateStore
import Synchronization

/// Where events go in the end: addresses, and tasks of ECS.
public protocol EventSink: Sendable {
    /// Tries once. Repeating a delivery that came through is the receiver's to notice, by the event's id, except where
    /// the outcome is `.settled`.
    func deliver(_ delivery: EventDeliveryRecord, to target: EventTarget) async -> DeliveryOutcome
}

/// Sends what waits for delivery, again and again until it is delivered or the target's policy is used up.
public struct EventDeliveryController: Service {
    let store: any StateStore
    let sink: any EventSink
    let ids: any IDSource
    let clock: any Clock<Duration>
    let now: @Sendable () -> Timestamp
    let logger: Logger

    public init(
        store: any StateStore, sink: any EventSink, ids: any IDSource, clock: any Clock<Duration>,
        now: @escaping @Sendable () -> Timestamp, logger: Logger
    ) {
        self.store = store
        self.sink = sink
        self.ids = ids
        self.clock = clock
        self.now = now
        self.logger = logger
    }

    public func run() async throws { try await untilShutdown { try await loop() } }

    private func loop() async throws {
        var step = EventDeliveryStep()
        let ended = Ended()
        let shell = ControllerLoop<Bool>(
            store: store, scope: [.eventRules, .eventDeliveries], clock: clock, logger: logger)
        try await withThrowingDiscardingTaskGroup { group in
            try await shell.run(keys: { _ in [] }) { _, mailbox in
                for id in ended.take() { step.ended(id) }
                let (starts, next) = step.step(store.committed(), now: now())
                for start in starts {
                    group.addTask {
                        await attempt(start)
                        ended.add(start.delivery.id)
                        mailbox.ring()
                    }
                }
                return next.map { now().duration(to: $0) }
            }
            group.cancelAll()
        }
    }

    private func attempt(_ start: EventDeliveryStep.Start) async {
        let outcome = await sink.deliver(start.delivery, to: start.target)
        var backoff = Backoff()
        // What was cut off by a shutdown is tried again after the start, as if it had not been.
        while !Task.isCancelled || outcome == .delivered {
            let verdict = EventDeliveryVerdict(outcome, of: start, now: now(), random: ids.bits())
            guard case .unavailable(let reason) = await store.write({ $0.put(verdict) }) else {
                say(verdict, start)
                return
            }
            logger.warning("a delivery cannot be written", metadata: ["reason": "\(reason)"])
            guard (try? await clock.sleep(for: backoff.next())) != nil else { return }
        }
    }

    private func say(_ verdict: EventDeliveryVerdict, _ start: EventDeliveryStep.Start) {
        var metadata = start.delivery.id.target.metadata
        metadata["event"] = "\(start.delivery.id.event)"
        metadata["attempts"] = "\(start.delivery.attempts + 1)"
        switch verdict {
        case .done: return
        case .again(let record):
            metadata["reason"] = "\(record.lastFailure ?? "")"
            logger.info("an event was not delivered and is tried again", metadata: metadata)
        case .givenUp(_, let reason):
            metadata["reason"] = "\(reason)"
            logger.warning("an event was given up", metadata: metadata)
        }
    }
}

/// What one try means for the delivery's record.
public enum EventDeliveryVerdict: Hashable, Sendable {
    case done(EventDeliveryID)
    case again(EventDeliveryRecord)
    case givenUp(EventDeliveryID, reason: String)

    public init(_ outcome: DeliveryOutcome, of start: EventDeliveryStep.Start, now: Timestamp, random: UInt64) {
        var record = start.delivery
        switch outcome {
        case .delivered, .settled: self = .done(record.id)
        case .refused(let reason): self = .givenUp(record.id, reason: reason)
        case .failed(let reason):
            record.attempts += 1
            record.lastFailure = String(reason.prefix(500))
            guard let due = DeliveryRetry.next(of: record, to: start.target, now: now, random: random) else {
                self = .givenUp(record.id, reason: reason)
                return
            }
            record.dueAt = due
            self = .again(record)
        }
    }
}

extension Transaction {
    /// Nothing of a delivery that is gone.
    package mutating func put(_ verdict: EventDeliveryVerdict) {
        switch verdict {
        case .done(let id): delete(.eventDelivery(id))
        case .again(let record): if state.eventDeliveries[record.id] != nil { put(record) }
        case .givenUp(let id, _):
            guard state.eventDeliveries[id] != nil else { return }
            delete(.eventDelivery(id))
            guard var rule = state.eventRules[id.target.rule] else { return }
            rule.failedDeliveries &+= 1
            put(rule)
        }
    }
}

/// Tries that are over, until the loop takes note.
private final class Ended: Sendable {
    private let ids = Mutex<[EventDeliveryID]>([])

    func add(_ id: EventDeliveryID) { ids.withLock { $0.append(id) } }

    func take() -> [EventDeliveryID] {
        ids.withLock { ids in
            defer { ids = [] }
            return ids
        }
    }
}
