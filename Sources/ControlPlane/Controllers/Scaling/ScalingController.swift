import Domain
public import Identifiers
public import Logging
public import MetricStore
public import Scaling
public import ServiceLifecycle
public import StateStore

/// Scales the desired counts of services by their policies and schedules.
public struct ScalingController: Service {
    let store: any StateStore
    let values: AlarmValues
    let zones: @Sendable (String, Timestamp) -> TimeZoneTable?
    let ids: any IDSource
    let clock: any Clock<Duration>
    let now: @Sendable () -> Timestamp
    let logger: Logger

    /// - Parameter zones: the clocks of a time zone by its IANA name, from a year before a time on; nil for what is none.
    public init(
        store: any StateStore, metrics: any MetricStore,
        zones: @escaping @Sendable (String, Timestamp) -> TimeZoneTable?, ids: any IDSource, clock: any Clock<Duration>,
        now: @escaping @Sendable () -> Timestamp, logger: Logger
    ) {
        self.store = store
        values = AlarmValues(metrics: metrics)
        self.zones = zones
        self.ids = ids
        self.clock = clock
        self.now = now
        self.logger = logger
    }

    public func run() async throws { try await untilShutdown { try await loop() } }

    private func loop() async throws {
        var step = ScalingStep(values: { [values] in values($0, $1) }, zones: zones)
        var backoff = Backoff()
        let shell = ControllerLoop<ScalingKey>(
            store: store, scope: [.services, .alarms, .scaling], clock: clock, logger: logger)
        try await shell.run(keys: ScalingKey.keys) { wakeup, mailbox in
            let keys = wakeup.isResync ? nil : wakeup.keys
            for commit in step.step(keys, store.committed(), now: now(), ids: ids) {
                switch await apply(commit) {
                case .written: backoff.reset()
                case .outdated:
                    step.forget(commit.service)
                    mailbox.ring()
                case .unavailable(let text):
                    logger.warning("scaling cannot be written", metadata: ["reason": "\(text)"])
                    step.forget(commit.service)
                    mailbox.postResync()
                    try await clock.sleep(for: backoff.next())
                }
            }
            return step.wakeAt.map { now().duration(to: $0) }
        }
    }

    private func apply(_ commit: ScalingCommit) async -> WriteOutcome {
        do throws(CommitError<Never>) {
            let write: @Sendable (inout Transaction) -> Bool = { commit.write(to: &$0) }
            let isWritten = try await store.commit(expecting: commit.expected, write).result
            guard isWritten else { return .outdated }
        } catch {
            switch error {
            case .conflict: return .outdated
            case .unavailable(let text): return .unavailable(text)
            }
        }
        for activity in commit.activities {
            logger.info(
                "service scaling",
                metadata: [
                    "service": "\(commit.service.arn)", "description": "\(activity.description)",
                    "cause": "\(activity.cause)", "status": "\(activity.status.rawValue)",
                ])
        }
        return .written
    }
}
