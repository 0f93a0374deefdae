import Domain
public import Identifiers
public import Logging
public import MetricStore
public import ServiceLifecycle
public import StateStore
import Synchronization
import TaskLifecycle

/// Serves the websockets of all agents and keeps their sessions awake to what changes in the store.
public final class AgentGateway: Service {
    /// Takes what agents report over the API.
    public let reports: AgentReports
    /// Where it puts what agents tell of their tasks' use.
    let uses: TaskUseBoard
    let store: any StateStore
    let presence: HostPresence
    let configuration: GatewayConfiguration
    let clock: any GatewayClock
    let logger: Logger
    let acs = SessionRegistry()
    let tcs = SessionRegistry()
    private let ids: any IDSource
    private let sequences: SequenceSource
    private let routes: Mutex<PeerRoutes>

    public init(
        store: any StateStore, presence: HostPresence, configuration: GatewayConfiguration, clock: any GatewayClock,
        ids: any IDSource, uses: TaskUseBoard = TaskUseBoard(), logger: Logger
    ) {
        self.store = store
        self.presence = presence
        self.configuration = configuration
        self.clock = clock
        self.ids = ids
        self.logger = logger
        reports = AgentReports(store: store)
        self.uses = uses
        sequences = SequenceSource(store: store)
        routes = Mutex(PeerRoutes(store.committed(), pool: configuration.loadBalancers))
    }

    /// Serves one accepted websocket until it ends. Cancellation ends it.
    ///
    /// - Parameters:
    ///   - instance: what `admit` gave back for the request.
    ///   - query: the decoded query parameters of the request.
    public func serve(
        _ kind: AgentSessionKind, instance: ContainerInstanceID, query: [String: String], socket: any AgentSocket
    ) async {
        switch kind {
        case .tcs: await TCSConnection(instance, gateway: self, socket: socket).run()
        case .acs:
            let lease: SequenceLease
            do { lease = try await sequences.lease() } catch {
                logger.error("no sequence numbers", metadata: ["instance": "\(instance.id)", "error": "\(error)"])
                return await socket.close(code: 1013, reason: "ServerException: the store takes no writes")
            }
            let session = ACSSession(
                instance: instance, name: ids.uuid(), version: AgentVersion(query: query), sequence: lease,
                configuration: configuration)
            await ACSConnection(session, gateway: self, socket: socket).run()
        }
    }

    /// Wakes the sessions that a commit concerns, and no others.
    public func run() async throws {
        await cancelWhenGracefulShutdown { await self.follow() }
    }

    private func follow() async {
        var isBehind = true
        while isBehind {
            isBehind = false
            let state = store.committed()
            _ = refreshRoutes(state)
            acs.wakeAll()
            for await event in store.watch([.tasks, .instances, .loadBalancers], after: state.revision) {
                switch event {
                case .batch(_, let changes): take(changes)
                case .resync: isBehind = true
                }
            }
        }
    }

    private func take(_ changes: [Change]) {
        let concern = GatewayConcern(changes)
        if concern.mayChangeRoutes, refreshRoutes(store.committed()) {
            acs.wakeAll()
        } else {
            acs.wake(concern.instances)
        }
    }

    private func refreshRoutes(_ state: StateSnapshot) -> Bool { routes.withLock { $0.update(state) } }

    /// What sessions look at now.
    func view() -> HostView { HostView(state: store.committed(), routes: routes.withLock { $0 }) }

    /// Ends a task that no agent can be told about, as if its host had declined it.
    func end(_ task: TaskID, reason: String, on instance: ContainerInstanceID) async {
        logger.error(
            "task cannot be sent to its host",
            metadata: ["task": "\(task.arn)", "instance": "\(instance.id)", "reason": "\(reason)"])
        let report = TaskReport(task: task, status: .stopped, reason: "TaskFailedToStart: \(reason)")
        do throws(ReportError) {
            try await reports.submit([report], from: .node(instance), now: clock.now().wall)
        } catch {
            logger.warning(
                "the end of a task is not stored", metadata: ["task": "\(task.arn)", "error": "\(error)"])
        }
    }

    /// Stores which versions an agent runs.
    func record(_ version: AgentVersion, of instance: ContainerInstanceID) async {
        do throws(CommitError<Never>) {
            _ = try await store.commit { (transaction: inout Transaction) throws(Never) in
                guard var host = transaction.state.instances[instance], host.version != version else { return }
                host.version = version
                host.changeCount += 1
                transaction.put(host)
            }
        } catch {
            logger.warning(
                "agent version is not stored", metadata: ["instance": "\(instance.id)", "error": "\(error)"])
        }
    }
}

extension AgentVersion {
    /// What an agent says of itself when it opens ACS; nil when it says nothing.
    init?(query: [String: String]) {
        guard let version = query["agentVersion"] else { return nil }
        self.init(
            agentVersion: version, agentHash: query["agentHash"] ?? "", runtimeVersion: query["dockerVersion"] ?? "")
    }
}
