import Domain
public import Identifiers
public import Logging
public import ServiceLifecycle
public import StateStore

/// Keeps every service at its desired count and moves its deployments on.
public struct ServicesController: Service {
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
        var step = ServicesStep()
        var backoff = Backoff()
        let shell = ControllerLoop<ServicesKey>(
            store: store, scope: [.services, .tasks, .instances], clock: clock, logger: logger)
        try await shell.run(keys: ServicesKey.keys) { wakeup, mailbox in
            let keys = wakeup.isResync ? nil : wakeup.keys
            writing: for commit in step.step(keys, store.committed(), now: now(), ids: ids) {
                switch await apply(commit) {
                case .written: backoff.reset()
                case .outdated: mailbox.post([.service(commit.service.id)])
                case .unavailable(let text):
                    logger.warning("services cannot be written", metadata: ["reason": "\(text)"])
                    mailbox.postResync()
                    try await clock.sleep(for: backoff.next())
                    break writing
                }
            }
            return step.wakeAt.map { now().duration(to: $0) }
        }
    }

    private func apply(_ commit: ServiceCommit) async -> WriteOutcome {
        let outcome = await store.write(expecting: commit.expected) { transaction in
            commit.write(to: &transaction)
        }
        guard case .written = outcome else { return outcome }
        logger.info(
            "service moved on",
            metadata: [
                "service": "\(commit.service.id.arn)", "started": "\(commit.started)", "stopped": "\(commit.stopped)",
            ])
        return outcome
    }
}
