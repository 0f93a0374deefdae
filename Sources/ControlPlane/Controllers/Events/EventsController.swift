public import EventRules
public import Identifiers
public import Logging
public import ServiceLifecycle
public import StateStore

/// Matches what happens to the rules of events, and fires those that have a schedule.
///
/// What is to be delivered is written with the place up to which was read, in one commit; another loop delivers it.
public struct EventsController: Service {
    let store: any StateStore
    let history: any CommitHistory
    let events: @Sendable (CommitBatch, StateSnapshot) -> [StreamedEvent]
    let text: @Sendable (Timestamp) -> String
    let ids: any IDSource
    let clock: any Clock<Duration>
    let now: @Sendable () -> Timestamp
    let logger: Logger

    /// Commits of one reading: with 100 changes in each, some megabytes.
    private static let page = 25

    /// - Parameters:
    ///   - events: the events of one commit, in order.
    ///   - text: a time as events write it.
    public init(
        store: any StateStore, history: any CommitHistory,
        events: @escaping @Sendable (CommitBatch, StateSnapshot) -> [StreamedEvent],
        text: @escaping @Sendable (Timestamp) -> String, ids: any IDSource, clock: any Clock<Duration>,
        now: @escaping @Sendable () -> Timestamp, logger: Logger
    ) {
        self.store = store
        self.history = history
        self.events = events
        self.text = text
        self.ids = ids
        self.clock = clock
        self.now = now
        self.logger = logger
    }

    public func run() async throws { try await untilShutdown { try await loop() } }

    private func loop() async throws {
        var matching = EventMatchingStep(events: events)
        var schedules = EventScheduleStep()
        var backoff = Backoff()
        let shell = ControllerLoop<Bool>(
            store: store, scope: [.tasks, .instances, .services, .alarms, .eventRules, .eventDeliveries], clock: clock,
            logger: logger)
        try await shell.run(keys: { _ in [] }) { _, mailbox in
            guard try await match(&matching), let next = await fire(&schedules) else {
                mailbox.ring()
                try await clock.sleep(for: backoff.next())
                return nil
            }
            backoff.reset()
            return next.map { now().duration(to: $0) }
        }
    }

    /// - Returns: whether everything was read and written.
    private func match(_ step: inout EventMatchingStep) async throws -> Bool {
        while true {
            try Task.checkCancellation()
            let before = step
            let state = store.committed()
            guard let reading = step.reading(state) else { return true }
            let batches: [CommitBatch]
            do {
                batches = try await history.history(after: reading.after, limit: Self.page)
            } catch {
                logger.error("the change log cannot be read", metadata: ["reason": "\(error)"])
                step = before
                return false
            }
            // Commits that are not visible yet wake this loop when they are.
            guard batches.first.map({ $0.revision <= state.revision }) ?? true else { return true }
            let at = now()
            let plan = step.match(batches, for: reading, state, now: at, ingestedAt: text(at))
            guard await write(plan) else {
                step = before
                return false
            }
        }
    }

    /// - Returns: when to look again, nil in it for only when something changes; nil when the store takes no writes.
    private func fire(_ step: inout EventScheduleStep) async -> Timestamp?? {
        while true {
            let before = step
            let at = now()
            let (plan, next) = step.step(store.committed(), now: at, ids: ids, text: text)
            guard !plan.fired.isEmpty else {
                say(plan.notes)
                return .some(next)
            }
            guard await write(plan) else {
                step = before
                return nil
            }
        }
    }

    private func write(_ plan: EventPlan) async -> Bool {
        if !plan.isEmpty {
            let outcome = await store.write { $0.put(plan) }
            guard case .written = outcome else {
                logger.warning("events cannot be written", metadata: ["outcome": "\(outcome)"])
                return false
            }
        }
        say(plan.notes)
        return true
    }

    private func say(_ notes: [EventNote]) {
        for note in notes {
            switch note {
            case .gap(let after, let next):
                logger.warning(
                    "events are missing: commits are forgotten", metadata: ["after": "\(after)", "next": "\(next)"])
            case .lagging(let target):
                logger.warning("a target of events is behind", metadata: target.metadata)
            case .missed(let rule, let first):
                logger.notice(
                    "times of a schedule passed unseen", metadata: ["rule": "\(rule.name)", "first": "\(text(first))"])
            case .noInput(let target, let event):
                logger.notice(
                    "an event has nothing at the target's input path",
                    metadata: target.metadata.merging(["event": "\(event)"]) { $1 })
            case .dropped(let target):
                logger.warning("a scheduled event found its target's queue full", metadata: target.metadata)
            }
        }
    }
}

extension EventTargetID {
    var metadata: Logger.Metadata { ["rule": "\(rule.name)", "target": "\(id)"] }
}
