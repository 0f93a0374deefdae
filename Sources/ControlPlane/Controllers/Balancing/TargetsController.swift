import Domain
public import Identifiers
public import Logging
public import ServiceLifecycle
public import StateStore

/// Keeps the target groups of services filled with their tasks.
public struct TargetsController: Service {
    let store: any StateStore
    let ids: any IDSource
    let clock: any Clock<Duration>
    let now: @Sendable () -> Timestamp
    let logger: Logger

    public init(
        store: any StateStore, ids: any IDSource, clock: any Clock<Duration>, now: @escaping @Sendable () -> Timestamp,
        logger: Logger
    ) {
        self.store = store
        self.ids = ids
        self.clock = clock
        self.now = now
        self.logger = logger
    }

    public func run() async throws { try await untilShutdown { try await loop() } }

    private func loop() async throws {
        var step = TargetsStep()
        var backoff = Backoff()
        let shell = ControllerLoop<TargetsKey>(
            store: store, scope: [.services, .tasks, .targets], clock: clock, logger: logger)
        try await shell.run(keys: TargetsKey.keys) { wakeup, mailbox in
            let keys = wakeup.isResync ? nil : wakeup.keys
            writing: for commit in step.step(keys, store.committed(), now: now(), ids: ids) {
                switch await apply(commit) {
                case .written: backoff.reset()
                case .outdated: mailbox.post(commit.keys)
                case .unavailable(let text):
                    logger.warning("targets cannot be written", metadata: ["reason": "\(text)"])
                    mailbox.postResync()
                    try await clock.sleep(for: backoff.next())
                    break writing
                }
            }
            return step.wakeAt.map { now().duration(to: $0) }
        }
    }

    private func apply(_ commit: TargetsCommit) async -> WriteOutcome {
        let outcome = await store.write(expecting: commit.expected) { transaction in commit.write(to: &transaction) }
        guard case .written = outcome else { return outcome }
        logger.info(
            "targets moved on",
            metadata: ["written": "\(commit.targets.count)", "gone": "\(commit.gone.count)"])
        return outcome
    }
}
