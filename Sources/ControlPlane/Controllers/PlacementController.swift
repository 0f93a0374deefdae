public import Identifiers
public import Logging
import Placement
public import ServiceLifecycle
public import StateStore

/// Gives hosts to tasks that have none.
public struct PlacementController: Service {
    let store: any StateStore
    let presence: HostPresence
    let ids: any IDSource
    let clock: any Clock<Duration>
    let now: @Sendable () -> Timestamp
    let logger: Logger

    /// While tasks wait, they are tried again this often even if nothing changes.
    private static let retry = Duration.seconds(5)

    public init(
        store: any StateStore, presence: HostPresence, ids: any IDSource, clock: any Clock<Duration>,
        now: @escaping @Sendable () -> Timestamp, logger: Logger
    ) {
        self.store = store
        self.presence = presence
        self.ids = ids
        self.clock = clock
        self.now = now
        self.logger = logger
    }

    public func run() async throws { try await untilShutdown { try await loop() } }

    private func loop() async throws {
        var step = PlacementStep()
        var backoff = Backoff()
        var random = IDSourceGenerator(ids: ids)
        let shell = ControllerLoop<Bool>(
            store: store, scope: [.tasks, .instances], presence: presence, clock: clock, logger: logger)
        try await shell.run(keys: { _ in [] }) { _, mailbox in
            // More of the same need not be gathered: what did not fit into one transaction goes into the next.
            while let commit = step.step(
                store.committed(), connected: presence.connected(), now: now(), using: &random)
            {
                switch await apply(commit) {
                case .written: backoff.reset()
                case .outdated: break
                case .unavailable(let text):
                    logger.warning("placements cannot be written", metadata: ["reason": "\(text)"])
                    try await clock.sleep(for: backoff.next())
                }
                guard commit.isFull, !Task.isCancelled else {
                    mailbox.ring()
                    break
                }
            }
            return store.committed().unplacedTasks.count > 0 ? Self.retry : nil
        }
    }

    private func apply(_ commit: PlacementCommit) async -> WriteOutcome {
        let at = now()
        let outcome = await store.write(expecting: commit.expected) { transaction in
            commit.write(to: &transaction, ids: ids, now: at)
        }
        guard case .written = outcome else { return outcome }
        logger.info(
            "tasks placed",
            metadata: ["placed": "\(commit.placements.count)", "refused": "\(commit.refusals.count)"])
        return outcome
    }
}
