import AgentGateway
import AgentWire
import Domain
import Identifiers
import StateStore
import TaskLifecycle

/// One websocket between an agent and the control plane. Frames of one direction keep their order unless a fault strikes.
final class AgentConnection {
    let host: SimulatedHost
    let agent: SimulatedAgent
    private(set) var isOpenAtAgent = true
    private(set) var isOpenAtServer = true
    private var lastToAgent = Instant.zero
    private var lastToServer = Instant.zero

    init(_ host: SimulatedHost, _ agent: SimulatedAgent) {
        self.host = host
        self.agent = agent
    }

    func sendToAgent(_ text: String, in world: World) {
        guard isOpenAtServer, !host.isDeaf, world.maySend(text), !isSpoiled(text, in: world) else { return }
        arrive(text, after: &lastToAgent, in: world) { [self] world in
            if isOpenAtAgent, !host.isDeaf { agent.receive(text, from: self, in: world) }
        }
    }

    func sendToServer(_ text: String, in world: World) {
        guard isOpenAtAgent, !host.isMute, !isSpoiled(text, in: world) else { return }
        arrive(text, after: &lastToServer, in: world) { [self] world in
            if isOpenAtServer, !host.isMute { world.server?.receive(text, from: self, in: world) }
        }
    }

    private func isSpoiled(_ text: String, in world: World) -> Bool { world.strikes(.frameLost, oneIn: 12) }

    private func arrive(
        _ text: String, after last: inout Instant, in world: World, _ event: @escaping (World) -> Void
    ) {
        var delay = world.milliseconds(1...15)
        if world.strikes(.frameLate, oneIn: 12) { delay += world.milliseconds(100...12_000) }
        var instant = world.now.adding(delay)
        if !world.strikes(.frameReordered, oneIn: 12) {
            instant = max(instant, last)
            last = instant
        }
        world.at(instant, event)
        if world.strikes(.frameDoubled, oneIn: 12) {
            world.at(instant.adding(world.milliseconds(0...8_000)), event)
        }
    }

    /// The control plane closes; the agent hears of it unless it is cut off.
    func closeFromServer(in world: World) {
        guard isOpenAtServer else { return }
        isOpenAtServer = false
        world.after(world.milliseconds(1...15)) { [self] world in
            if !host.isDeaf { loseAtAgent(in: world) }
        }
    }

    /// The agent closes, or its process ends.
    func closeFromAgent(in world: World) {
        guard isOpenAtAgent else { return }
        isOpenAtAgent = false
        world.after(world.milliseconds(1...15)) { [self] world in
            guard isOpenAtServer, !host.isMute else { return }
            isOpenAtServer = false
            world.server?.lost(self, in: world)
        }
    }

    /// The control plane's process is gone.
    func serverVanished(in world: World) {
        isOpenAtServer = false
        world.after(world.milliseconds(1...15)) { [self] world in
            if !host.isDeaf { loseAtAgent(in: world) }
        }
    }

    private func loseAtAgent(in world: World) {
        guard isOpenAtAgent else { return }
        isOpenAtAgent = false
        agent.lost(self, in: world)
    }
}

/// The control plane's side of a connection: the product's session.
final class GatewaySession {
    var session: ACSSession
    let connection: AgentConnection
    var armed = 0

    init(_ session: ACSSession, _ connection: AgentConnection) {
        self.session = session
        self.connection = connection
    }
}

extension ControlPlaneProcess {
    enum Refusal { case inactive, unavailable }

    /// Opens a session for a host that asks for one.
    func open(_ connection: AgentConnection, in world: World, then: @escaping (World, Refusal?) -> Void) {
        let id = connection.host.id
        guard let record = store.committed().instances[id], record.status != .inactive else {
            return then(world, .inactive)
        }
        let sequences = sequences
        world.start { () async -> SequenceLease? in
            // Whatever it was: the agent comes again.
            try? await sequences.lease()
        } then: { [self] lease in
            guard let lease else { return then(world, .unavailable) }
            then(world, nil)
            begin(connection, lease, in: world)
        }
    }

    private func begin(_ connection: AgentConnection, _ lease: SequenceLease, in world: World) {
        let id = connection.host.id
        let session = ACSSession(
            instance: id, name: world.ids.uuid(), version: nil, sequence: lease, configuration: Self.gateway)
        let old = sessions.updateValue(GatewaySession(session, connection), forKey: id)
        if let old {
            _ = old.session.step(.replaced, view(in: world), now: world.clock.now())
            old.connection.closeFromServer(in: world)
        }
        world.note("session of \(id.id.prefix(4)) opens")
        drive(id, .opened, in: world)
    }

    func receive(_ text: String, from connection: AgentConnection, in world: World) {
        guard sessions[connection.host.id]?.connection === connection else { return }
        world.note("frame of \(connection.host.id.id.prefix(4)): \(text.frameType) \(text.utf8.count)")
        drive(connection.host.id, .frame(text), in: world)
    }

    /// The connection is gone.
    func lost(_ connection: AgentConnection, in world: World) {
        let id = connection.host.id
        guard sessions[id]?.connection === connection else { return }
        drive(id, .closed, in: world)
        leave(id, in: world)
    }

    private func view(in world: World) -> HostView {
        HostView(state: world.seenBySession(store.committed()), routes: routes)
    }

    func drive(_ id: ContainerInstanceID, _ input: ACSInput, in world: World) {
        guard let entry = sessions[id] else { return }
        for output in entry.session.step(input, view(in: world), now: world.clock.now()) {
            switch output {
            case .send(let text):
                world.note("frame to \(id.id.prefix(4)): \(text.frameType) \(text.utf8.count)")
                entry.connection.sendToAgent(text, in: world)
            case .connected:
                presence.connect(id)
                loops?.presenceChanged(in: world)
            case .disconnected(let since):
                disconnect(id, since: since, in: world)
            case .close(let code, let reason):
                world.note("session of \(id.id.prefix(4)) ends: \(code) \(reason)")
                entry.connection.closeFromServer(in: world)
                leave(id, in: world)
                return
            case .undelivered: world.note("undelivered to \(id.id.prefix(4))")
            case .impossible(let task, let reason): end(task, reason, on: id, in: world)
            case .unreadable: world.fail("an agent's frame cannot be read")
            case .record: break
            }
        }
        arm(id, entry, in: world)
    }

    private func leave(_ id: ContainerInstanceID, in world: World) {
        sessions[id] = nil
        disconnect(id, since: world.now, in: world)
    }

    private func disconnect(_ id: ContainerInstanceID, since: Instant, in world: World) {
        if world.options.mutation == .neverDisconnects { return }
        presence.disconnect(id, now: since)
        loops?.presenceChanged(in: world)
    }

    private func arm(_ id: ContainerInstanceID, _ entry: GatewaySession, in world: World) {
        guard let deadline = entry.session.deadline else { return }
        entry.armed += 1
        let armed = entry.armed
        let pause = max(.milliseconds(10), deadline.since(world.now))
        after(pause, in: world) { [self] world in
            if sessions[id] === entry, entry.armed == armed { drive(id, .tick, in: world) }
        }
    }

    private func end(_ task: TaskID, _ reason: String, on id: ContainerInstanceID, in world: World) {
        let (reports, now) = (reports, world.clock.wall)
        world.start { () async -> Void in
            // As the gateway: a report that is not stored is only logged.
            try? await reports.submit(
                [.init(task: task, status: .stopped, reason: "TaskFailedToStart: \(reason)")], from: .node(id), now: now
            )
        } then: { _ in
        }
    }
}

extension String {
    /// The `type` member that every frame begins with.
    fileprivate var frameType: Substring {
        split(separator: "\"", maxSplits: 4, omittingEmptySubsequences: false).dropFirst(3).first ?? ""
    }
}
