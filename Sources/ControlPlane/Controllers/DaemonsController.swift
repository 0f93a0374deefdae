import Domain
public import Identifiers
public import Logging
public import ServiceLifecycle
public import StateStore

/// Keeps one task of every daemon on each of its hosts and moves the deployments of daemons on.
public struct DaemonsController: Service {
    let store: any StateStore
    let presence: HostPresence
    let ids: any IDSource
    let clock: any Clock<Duration>
    let now: @Sendable () -> Timestamp
    let logger: Logger

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
        var step = DaemonsStep()
        var backoff = Backoff()
        let shell = ControllerLoop<DaemonsKey>(
            store: store, scope: [.daemons, .tasks, .instances, .alarms], presence: presence, clock: clock,
            logger: logger)
        try await shell.run(keys: DaemonsKey.keys) { wakeup, mailbox in
            let keys = wakeup.isResync ? nil : wakeup.keys
            let snapshot = store.committed()
            writing: for commit in step.step(
                keys, snapshot, connected: presence.connected(), now: now(), ids: ids)
            {
                switch await apply(commit) {
                case .written: backoff.reset()
                case .outdated: mailbox.post([.daemon(commit.daemon.id)])
                case .unavailable(let text):
                    logger.warning("daemons cannot be written", metadata: ["reason": "\(text)"])
                    mailbox.postResync()
                    try await clock.sleep(for: backoff.next())
                    break writing
                }
            }
            await forgetDefinitions(snapshot)
            return step.wakeAt.map { now().duration(to: $0) }
        }
    }

    private func apply(_ commit: DaemonCommit) async -> WriteOutcome {
        let outcome = await store.write(expecting: commit.expected) { transaction in
            commit.write(to: &transaction)
        }
        guard case .written = outcome else { return outcome }
        logger.info(
            "daemon moved on",
            metadata: [
                "daemon": "\(commit.daemon.id.arn)", "started": "\(commit.started)", "stopped": "\(commit.stopped)",
                "deployment": "\(commit.deployment.status.rawValue)",
            ])
        return outcome
    }

    /// What was deleted and is not used becomes DELETED; a definition that cannot be written now is found again later.
    private func forgetDefinitions(_ snapshot: StateSnapshot) async {
        let unused = DaemonsStep.unusedDefinitions(snapshot)
        guard !unused.isEmpty else { return }
        let expected = AggregateVersions(snapshot, Set(unused.map { AggregateID.family($0.id.family) }))
        let outcome = await store.write(expecting: expected) { transaction in
            for record in unused { transaction.put(record) }
        }
        guard case .written = outcome else { return }
        logger.info("daemon task definitions deleted", metadata: ["count": "\(unused.count)"])
    }
}
