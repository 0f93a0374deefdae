import Domain
public import Identifiers
public import Logging
public import ServiceLifecycle
public import StateStore

/// Keeps every service at its desired count and moves its deployments on.
public struct ServicesController: Service {
    let store: any StateStore
    let presence: HostPresence
    let health: TargetHealthBoard
    let ids: any IDSource
    let clock: any Clock<Duration>
    let now: @Sendable () -> Timestamp
    let logger: Logger

    public init(
        store: any StateStore, presence: HostPresence, health: TargetHealthBoard = TargetHealthBoard(),
        ids: any IDSource, clock: any Clock<Duration>,
        now: @escaping @Sendable () -> Timestamp, logger: Logger
    ) {
        self.store = store
        self.presence = presence
        self.health = health
        self.ids = ids
        self.clock = clock
        self.now = now
        self.logger = logger
    }

    public func run() async throws { try await untilShutdown { try await loop() } }

    private func loop() async throws {
        var step = ServicesStep()
        var backoff = Backoff()
        let (store, seen) = (store, health.changes())
        let shell = ControllerLoop<ServicesKey>(
            store: store, scope: [.services, .tasks, .instances, .alarms],
            source: { mailbox in
                for await target in seen {
                    let task = store.committed().targets[target]?.task
                    if let service = task.flatMap({ store.committed().tasks[$0]?.service }) {
                        mailbox.post([.service(service)])
                    }
                }
            }, clock: clock, logger: logger)
        try await shell.run(keys: ServicesKey.keys) { wakeup, mailbox in
            let keys = wakeup.isResync ? nil : wakeup.keys
            var commits = step.step(
                keys, store.committed(), connected: presence.connected(), health: health.health(of:), now: now(),
                ids: ids)[...]
            while !commits.isEmpty {
                let written = await apply(commits.prefix(Self.together))
                commits = commits.dropFirst(Self.together)
                mailbox.post(written.outdated.map { .service($0) })
                if let text = written.unavailable {
                    logger.warning("services cannot be written", metadata: ["reason": "\(text)"])
                    mailbox.postResync()
                    try await clock.sleep(for: backoff.next())
                    break
                }
                backoff.reset()
            }
            return step.wakeAt.map { now().duration(to: $0) }
        }
    }

    /// Services written at once: they share a flush of the log, and callers of the API wait for no more than that.
    private static let together = 64

    /// Writes services at the same time.
    /// - Returns: those that must be planned again, and why the log takes no writes, if it does not.
    private func apply(_ commits: ArraySlice<ServiceCommit>) async -> (outdated: [ServiceID], unavailable: String?) {
        await withTaskGroup(of: (ServiceID, WriteOutcome).self) { group in
            for commit in commits { group.addTask { (commit.service.id, await apply(commit)) } }
            var outdated: [ServiceID] = []
            var unavailable: String?
            for await (service, outcome) in group {
                switch outcome {
                case .written: break
                case .outdated: outdated.append(service)
                case .unavailable(let text): unavailable = text
                }
            }
            return (outdated, unavailable)
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
