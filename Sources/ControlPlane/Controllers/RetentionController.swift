import Domain
public import Identifiers
public import Logging
public import ServiceLifecycle
public import StateStore

/// Deletes what nobody needs any more, and condenses old usage.
public struct RetentionController: Service {
    let store: any StateStore
    let clock: any Clock<Duration>
    let now: @Sendable () -> Timestamp
    let logger: Logger

    /// Rare enough to cost nothing, often enough that chunks stay small.
    private static let interval = Duration.seconds(60)

    public init(
        store: any StateStore, clock: any Clock<Duration>, now: @escaping @Sendable () -> Timestamp, logger: Logger
    ) {
        self.store = store
        self.clock = clock
        self.now = now
        self.logger = logger
    }

    public func run() async throws {
        try await untilShutdown {
            var usage = UsageStep()
            while true {
                await sweep()
                await condense(&usage)
                try await clock.sleep(for: Self.interval)
            }
        }
    }

    private func sweep() async {
        for chunk in RetentionStep().step(store.committed(), now: now()) {
            let outcome = await store.write { transaction in
                // A record that changed meanwhile is judged again at the next sweep.
                for record in chunk where transaction.state.record(record.key) == record {
                    transaction.delete(record.key)
                }
            }
            guard case .written = outcome else {
                logger.warning("old records cannot be deleted", metadata: ["outcome": "\(outcome)"])
                return
            }
            logger.info("old records deleted", metadata: ["count": "\(chunk.count)"])
        }
    }

    private func condense(_ usage: inout UsageStep) async {
        for chunk in usage.step(store.committed(), now: now()) {
            let at = now()
            let outcome = await store.write { transaction in
                for id in chunk { transaction.condense(id, now: at) }
            }
            guard case .written = outcome else {
                usage.retry()
                logger.warning("old usage cannot be condensed", metadata: ["outcome": "\(outcome)"])
                return
            }
        }
    }
}
