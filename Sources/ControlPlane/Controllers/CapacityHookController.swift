public import Identifiers
public import Logging
public import Placement
public import ServiceLifecycle
public import StateStore

/// What brings more hosts, such as a command of the operator.
public protocol CapacityHook: Sendable {
    /// Tells what is needed and waits for the end of what that set off.
    ///
    /// Returns at once when the calling task is cancelled; what was set off goes on, and the next call waits for its end.
    /// - Returns: what went wrong, for people; nil where nothing did.
    func run(_ needs: [CapacityNeed]) async -> String?
}

/// Asks for hosts while tasks wait for capacity that none gives, and for what managed scaling makes of the hosts that there are.
/// One run at a time: the loop waits for its end.
public struct CapacityHookController: Service {
    let store: any StateStore
    let hook: any CapacityHook
    let interval: Duration
    let period: Duration
    let clock: any Clock<Duration>
    let monotonic: @Sendable () -> Instant
    let now: @Sendable () -> Timestamp
    let logger: Logger

    /// - Parameters:
    ///   - interval: the least time from one run's beginning to that of the next.
    ///   - period: how often managed providers are looked at of which no task waits.
    public init(
        store: any StateStore, hook: any CapacityHook, interval: Duration, period: Duration, clock: any Clock<Duration>,
        monotonic: @escaping @Sendable () -> Instant, now: @escaping @Sendable () -> Timestamp, logger: Logger
    ) {
        self.store = store
        self.hook = hook
        self.interval = interval
        self.period = period
        self.clock = clock
        self.monotonic = monotonic
        self.now = now
        self.logger = logger
    }

    public func run() async throws { try await untilShutdown { try await loop() } }

    private func loop() async throws {
        var step = CapacityHookStep(interval: interval, period: period, startedAt: monotonic())
        let shell = ControllerLoop<Bool>(store: store, scope: [.tasks, .clusters], clock: clock, logger: logger)
        try await shell.run(keys: { _ in [] }) { _, mailbox in
            switch step.step(store.committed(), now: now(), monotonic: monotonic()) {
            case .wait(let time): return time
            case .run(let needs):
                logger.notice("capacity is asked for", metadata: ["needs": "\(needs.count)"])
                if let failure = await hook.run(needs) {
                    step.failed()
                    logger.warning("the command for capacity failed", metadata: ["reason": "\(failure)"])
                }
                mailbox.ring()
                return nil
            }
        }
    }
}
