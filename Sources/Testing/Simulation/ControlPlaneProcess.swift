import AgentGateway
import Controllers
import Domain
import Front
import Identifiers
import LogStore
import Logging
import StateStore

/// One run of the control plane, from its start to its crash: the product's store engine, steps, gateway and API front.
final class ControlPlaneProcess {
    let generation: Int
    let log: SimulatedLog
    let store: SimulatedStore
    let presence: HostPresence
    let reports: AgentReports
    let front: BareFront
    let tasks: TaskTarget
    let sequences: SequenceSource
    var routes: PeerRoutes
    /// The open ACS session of each host.
    var sessions: [ContainerInstanceID: GatewaySession] = [:]
    private(set) var loops: ControllerLoops?
    private let changes = Inbox<WatchEvent>()
    /// The write that is on its way to the disk.
    private var pendingWrite: SimulatedLog.Write?
    private var isWatching = false

    init(generation: Int, in world: World) {
        self.generation = generation
        let (clock, ids) = (world.clock, world.ids)
        log = SimulatedLog(world.disk)
        store = SimulatedStore(
            log: log, disk: world.disk, ignoresVersions: world.options.mutation == .ignoresVersions
        ) { clock.wall }
        presence = HostPresence(startedAt: clock.instant)
        let logger = Logger(label: "simulation") { _ in SwiftLogNoOpLogHandler() }
        let gateway = AgentGateway(
            store: store, presence: presence, configuration: Self.gateway, clock: clock, ids: ids, logger: logger)
        reports = gateway.reports
        let ports = FrontPorts(
            store: store, history: store, presence: presence, ids: ids, now: { clock.wall },
            returns: HostReturns(presence: presence, clock: clock),
            logs: UnavailableLogStore("the simulation has none"))
        front = BareFront(ports: ports, gateway: gateway, logger: logger)
        tasks = TaskTarget(ports)
        sequences = SequenceSource(store: store)
        routes = PeerRoutes(store.committed())
    }

    static let lostHosts = LostHostsPolicy(managed: .seconds(60), own: .seconds(90))
    static let gateway = GatewayConfiguration(lostAfter: .seconds(60))

    func begin(in world: World) {
        let loops = ControllerLoops(self, in: world)
        self.loops = loops
        watch(in: world)
        loops.resyncAll(in: world)
    }

    /// The process is gone, with everything in its memory.
    func end(in world: World) {
        log.end()
        world.abandon(generation)
        if let write = pendingWrite {
            pendingWrite = nil
            // What was on its way reached the disk, or did not.
            if world.random.oneIn(2) { world.put(write.content) }
            write.finish(failure: "The process is gone.")
        }
        log.takeWrite()?.finish(failure: "The process is gone.")
    }

    func after(_ duration: Duration, in world: World, _ event: @escaping (World) -> Void) {
        world.after(duration) { world in if world.server === self { event(world) } }
    }

    /// Hands on what the store and its log have to say.
    func takeNews(in world: World) {
        for event in changes.take() {
            switch event {
            case .batch(_, let changes): take(changes, in: world)
            case .resync:
                loops?.resyncAll(in: world)
                isWatching = false
                watch(in: world)
            }
        }
        if let write = log.takeWrite() { perform(write, in: world) }
    }

    // MARK: Watching

    private func watch(in world: World) {
        guard !isWatching else { return }
        isWatching = true
        let (store, changes) = (store, changes)
        world.start {
            for await event in store.watch(.all, after: store.committed().revision) { changes.post(event) }
        } then: { _ in
        }
        _ = routes.update(store.committed())
        wakeSessions(sessions.keys.sorted(), in: world)
    }

    private func take(_ changes: [Change], in world: World) {
        loops?.take(changes, in: world)
        let concern = GatewayConcern(changes)
        if concern.mayChangeRoutes, routes.update(store.committed()) {
            wakeSessions(sessions.keys.sorted(), in: world)
        } else {
            wakeSessions(concern.instances.sorted(), in: world)
        }
    }

    private func wakeSessions(_ hosts: [ContainerInstanceID], in world: World) {
        for id in hosts where sessions[id] != nil {
            after(.zero, in: world) { world in world.server?.drive(id, .changed, in: world) }
        }
    }

    // MARK: The disk

    private enum Fate { case written, crashBefore, crashAfter, failed, uncertain }

    private func perform(_ write: SimulatedLog.Write, in world: World) {
        pendingWrite = write
        let mutation = world.options.mutation
        if mutation == .acknowledgesEarly { return acknowledgeEarly(write, in: world) }
        let isLost = mutation == .losesWrites && world.random.oneIn(40)
        let isSlow = world.isDiskSlow
        let delay = isSlow ? world.milliseconds(200...6_000) : world.milliseconds(1...8)
        let fate = fate(in: world)
        after(delay, in: world) { [self] world in
            if fate == .crashBefore {
                pendingWrite = nil
                write.finish(failure: "The process is gone.")
                return world.crashServer(because: "before the write", downFor: world.milliseconds(100...15_000))
            }
            pendingWrite = nil
            if let refusal = world.disk.refusal { return write.finish(failure: refusal) }
            if fate != .failed, !isLost { world.put(write.content) }
            switch fate {
            case .written: write.finish(failure: nil)
            case .failed, .uncertain: write.finish(failure: "The disk gave an error.")
            case .crashBefore, .crashAfter:
                write.finish(failure: "The process is gone.")
                world.crashServer(because: "after the write", downFor: world.milliseconds(100...15_000))
            }
        }
    }

    private func fate(in world: World) -> Fate {
        world.coverage.writes += 1
        if let crash = world.options.crash, crash.write == world.coverage.writes {
            return crash.isAfter ? .crashAfter : .crashBefore
        }
        if world.strikes(.crashBeforeCommit, oneIn: 120) { return .crashBefore }
        if world.strikes(.crashAfterCommit, oneIn: 120) { return .crashAfter }
        if world.strikes(.failedWrite, oneIn: 80) { return .failed }
        if world.strikes(.uncertainWrite, oneIn: 80) { return .uncertain }
        return .written
    }

    private func acknowledgeEarly(_ write: SimulatedLog.Write, in world: World) {
        pendingWrite = nil
        write.finish(failure: nil)
        after(.milliseconds(300), in: world) { $0.put(write.content) }
    }
}

extension World {
    func put(_ content: SimulatedLog.Content) {
        switch content {
        case .batches(let batches): commit(batches)
        case .everything(let state):
            let before = disk.stored
            disk.restore(state)
            note("a backup is restored, revision \(state.revision.value)")
            invariants.restored(state, from: before, in: self)
            users.restored()
        }
    }

    /// Puts batches on the disk and looks at what they did.
    func commit(_ batches: [CommitBatch]) {
        for batch in batches {
            let before = disk.stored
            disk.write(batch)
            coverage.commits += 1
            note("revision \(batch.revision.value): \(batch.changes.map(\.summary).joined(separator: ", "))")
            invariants.check(batch, from: before, to: disk.stored, in: self)
        }
    }
}

extension Change {
    /// What a trace says of it.
    fileprivate var summary: String {
        switch (key, before, after) {
        case (.task(let id), .task(let before)?, .task(let after)?):
            "task \(id.id.prefix(6)) \(before.lastStatus)>\(after.lastStatus)"
                + (before.verdict != after.verdict ? " verdict" : "")
                + (before.placement != after.placement ? " on \(after.placement?.instance.id.prefix(4) ?? "")" : "")
        case (.task(let id), nil, .task(let task)?):
            "task \(id.id.prefix(6)) of \(task.group)"
                + (task.placement.map { " on \($0.instance.id.prefix(4))" } ?? "")
        case (.task(let id), _, nil): "task \(id.id.prefix(6)) deleted"
        case (.service(let id), _, .service(let service)?):
            "service \(id.name) \(service.status.rawValue) desired \(service.desiredCount) "
                + service.deployments.map { "\($0.taskDefinition.revision)\($0.rolloutState.rawValue)" }
                .joined(separator: "/")
        case (.instance(let id), _, .instance(let host)?):
            "host \(id.id.prefix(4)) \(host.status.rawValue)\(host.lostAt == nil ? "" : " lost")"
        case (.installation, _, _): "installation"
        case (.serviceDeployment(let id), _, .serviceDeployment(let record)?):
            "service deployment of \(id.service.name) \(record.status.rawValue)"
        default: after == nil ? "deleted" : "changed"
        }
    }
}
