import Alarms
import Domain
public import Identifiers
public import Logging
import MetricMath
public import MetricStore
public import ServiceLifecycle
public import StateStore

/// Moves alarms between their states, with their history. What follows of that is for whoever watches alarms.
public struct AlarmsController: Service {
    let store: any StateStore
    let metrics: any MetricStore
    let clock: any Clock<Duration>
    let now: @Sendable () -> Timestamp
    let logger: Logger

    public init(
        store: any StateStore, metrics: any MetricStore, clock: any Clock<Duration>,
        now: @escaping @Sendable () -> Timestamp, logger: Logger
    ) {
        self.store = store
        self.metrics = metrics
        self.clock = clock
        self.now = now
        self.logger = logger
    }

    public func run() async throws { try await untilShutdown { try await loop() } }

    private func loop() async throws {
        var step = AlarmsStep(startedAt: now())
        var backoff = Backoff()
        let shell = ControllerLoop<AlarmID>(store: store, scope: [.alarms], clock: clock, logger: logger)
        try await shell.run(keys: Self.keys) { wakeup, mailbox in
            let at = now()
            let plans = step.step(wakeup.isResync ? nil : wakeup.keys, store.committed(), now: at) { stat, window in
                metrics.points(
                    of: stat.metric, unit: stat.unit, from: window.from, to: window.to, period: stat.period)
            }
            for start in stride(from: 0, to: plans.count, by: Self.chunk) {
                let chunk = plans[start..<min(start + Self.chunk, plans.count)]
                guard case .unavailable(let text) = await store.write({ $0.apply(chunk, at: at) }) else {
                    backoff.reset()
                    continue
                }
                logger.warning("alarms cannot be written", metadata: ["reason": "\(text)"])
                mailbox.postResync()
                try await clock.sleep(for: backoff.next())
                break
            }
            return step.wakeAt.map { now().duration(to: $0) }
        }
    }

    /// Records of one transaction are about twice as many.
    private static let chunk = 45

    /// Its history is no news of an alarm.
    static func keys(of change: Change) -> [AlarmID] {
        if case .alarm(let id) = change.key { [id] } else { [] }
    }
}

extension Transaction {
    /// Applies what still holds: an alarm that was put anew or moved meanwhile is looked at again.
    package mutating func apply(_ plans: some Sequence<AlarmsStep.Plan>, at now: Timestamp) {
        for plan in plans {
            guard var alarm = state.alarms[plan.move.alarm], alarm.rule == plan.before.rule,
                alarm.state == plan.before.state, alarm.stateUpdatedAt == plan.before.stateUpdatedAt
            else { continue }
            let scope = alarm.id.scope
            let entries = alarm.apply(plan.move, at: now) { state.setsOffPolicy($0, in: scope) }
            put(alarm)
            for entry in entries {
                addHistory(
                    of: alarm.id, entry.kind, summary: entry.summary, data: entry.data, at: now,
                    isComposite: alarm.isComposite)
            }
        }
    }
}
