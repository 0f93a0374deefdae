import Domain
public import Identifiers
public import Logging
public import ServiceLifecycle
public import StateStore

/// Gives up the tasks of hosts that are silent for too long, and welcomes hosts back.
public struct LostHostsController: Service {
    let store: any StateStore
    let presence: HostPresence
    let policy: LostHostsPolicy
    let clock: any Clock<Duration>
    let monotonic: @Sendable () -> Instant
    let now: @Sendable () -> Timestamp
    let logger: Logger

    /// - Parameter monotonic: the clock that `presence` is told the time by.
    public init(
        store: any StateStore, presence: HostPresence, policy: LostHostsPolicy, clock: any Clock<Duration>,
        monotonic: @escaping @Sendable () -> Instant, now: @escaping @Sendable () -> Timestamp, logger: Logger
    ) {
        self.store = store
        self.presence = presence
        self.policy = policy
        self.clock = clock
        self.monotonic = monotonic
        self.now = now
        self.logger = logger
    }

    public func run() async throws { try await untilShutdown { try await loop() } }

    private func loop() async throws {
        var step = LostHostsStep(policy: policy)
        var backoff = Backoff()
        let shell = ControllerLoop<Bool>(
            store: store, scope: [.instances], presence: presence, clock: clock, logger: logger)
        try await shell.run(keys: { _ in [] }) { _, mailbox in
            let commits = step.step(
                store.committed(), silentSince: presence.silentSince, monotonic: monotonic(), now: now())
            writing: for commit in commits {
                mailbox.ring()
                switch await apply(commit) {
                case .written: backoff.reset()
                case .outdated: continue
                case .unavailable(let text):
                    logger.warning("lost hosts cannot be written", metadata: ["reason": "\(text)"])
                    try await clock.sleep(for: backoff.next())
                    break writing
                }
            }
            return step.wakeAt.map { $0.since(monotonic()) }
        }
    }

    private func apply(_ commit: HostCommit) async -> WriteOutcome {
        let outcome = await store.write(expecting: commit.expected) { transaction in
            transaction.put(commit.instance)
            for task in commit.tasks { transaction.put(task) }
        }
        guard case .written = outcome else { return outcome }
        let event: Logger.Message =
            commit.instance.status == .inactive
            ? "tasks of a deregistered host are given up"
            : commit.instance.lostAt == nil ? "host is back" : "host is lost"
        logger.notice(
            event,
            metadata: ["instance": "\(commit.instance.arn)", "tasks": "\(commit.tasks.count)"])
        return outcome
    }
}
