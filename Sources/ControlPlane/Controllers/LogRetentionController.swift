public import Identifiers
public import LogStore
public import Logging
public import ServiceLifecycle

/// Takes expired and deleted logs away, a piece at a time.
public struct LogRetentionController: Service {
    /// Often enough that a deleted group's space is soon free, rare enough to cost nothing.
    private static let interval = Duration.seconds(30)
    /// Between two pieces, so that appends go on beside a large deletion.
    private static let pause = Duration.milliseconds(20)

    let logs: any LogStore
    let clock: any Clock<Duration>
    let now: @Sendable () -> Timestamp
    let logger: Logger

    public init(
        logs: any LogStore, clock: any Clock<Duration>, now: @escaping @Sendable () -> Timestamp, logger: Logger
    ) {
        self.logs = logs
        self.clock = clock
        self.now = now
        self.logger = logger
    }

    public func run() async throws {
        try await untilShutdown {
            while true {
                let isDone: Bool
                do throws(LogStoreError) {
                    isDone = try await logs.sweep(now: now())
                } catch {
                    logger.warning("old logs cannot be deleted", metadata: ["reason": "\(error)"])
                    isDone = true
                }
                try await clock.sleep(for: isDone ? Self.interval : Self.pause)
            }
        }
    }
}
