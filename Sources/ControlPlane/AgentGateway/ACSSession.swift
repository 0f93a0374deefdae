public import AgentWire
public import Domain
public import Identifiers
public import StateStore

/// What wakes a session.
public enum ACSInput: Hashable, Sendable {
    case opened
    case frame(String)
    /// Something of this host, or the routes, changed in the store.
    case changed
    case tick
    /// The host opened another connection.
    case replaced
    /// The connection is gone.
    case closed
}

/// What a session wants done, in this order.
public enum ACSOutput: Hashable, Sendable {
    case send(String)
    /// The host counts as connected.
    case connected
    /// The host counts as silent since then.
    case disconnected(since: Instant)
    case close(code: Int, reason: String)
    /// The versions that the agent named differ from the stored ones.
    case record(AgentVersion)
    /// Payloads with these tasks were sent often enough and never acknowledged.
    case undelivered([TaskID])
    /// Nothing can be told about this task, for a reason that stays: it ends as if the host had declined it.
    case impossible(TaskID, reason: String)
    /// A frame that could not be read; it was ignored.
    case unreadable(FrameError)
}

/// What a session may look at: the newest state, and the routes made from it.
public struct HostView: Sendable {
    public var state: StateSnapshot
    public var routes: PeerRoutes

    public init(state: StateSnapshot, routes: PeerRoutes) {
        self.state = state
        self.routes = routes
    }
}

/// One agent's ACS connection, from opening to closing.
///
/// Level-triggered: each step compares what the store wants of the host with what this connection said. Nothing is
/// carried over from one connection to the next, for agents take redelivery of what they know without harm.
public struct ACSSession: Sendable {
    public let instance: ContainerInstanceID
    let configuration: GatewayConfiguration
    private let name: String
    private let version: AgentVersion?
    private var sequence: SequenceLease
    private var messages = 0
    private var openedAt: Instant?
    private var isOver = false
    private var manifest = ManifestExchange()
    private var payloads = PayloadDelivery()
    private var heartbeats = Heartbeats()

    /// - Parameters:
    ///   - name: unique to this connection; message ids start with it.
    ///   - version: what the agent said of itself when it connected.
    public init(
        instance: ContainerInstanceID, name: String, version: AgentVersion?, sequence: SequenceLease,
        configuration: GatewayConfiguration
    ) {
        self.instance = instance
        self.name = name
        self.version = version
        self.sequence = sequence
        self.configuration = configuration
    }

    /// When the session wants a `tick`; nil when it is not open.
    public var deadline: Instant? {
        guard openedAt != nil, !isOver else { return nil }
        return [heartbeats.deadline(configuration), payloads.deadline, manifest.deadline].compactMap(\.self).min()
    }

    /// Takes one input in. Equal sessions with equal inputs give equal outputs.
    public mutating func step(_ input: ACSInput, _ view: HostView, now: Moment) -> [ACSOutput] {
        guard !isOver else { return [] }
        switch input {
        case .opened: return open(view, now)
        case .frame(let text): return receive(text, view, now)
        case .changed, .tick: return proceed(view, now)
        case .replaced: return finish(code: 4000, reason: "replaced by a newer connection")
        case .closed:
            isOver = true
            return openedAt == nil ? [] : [.disconnected(since: now.instant)]
        }
    }

    private mutating func open(_ view: HostView, _ now: Moment) -> [ACSOutput] {
        guard let host = host(in: view) else { return leave(now) }
        openedAt = now.instant
        heartbeats.heard(at: now.instant)
        var outputs: [ACSOutput] = [.connected]
        if let version, version != host.version { outputs.append(.record(version)) }
        return outputs + sendManifest(host, view, now) + sendHeartbeat(host, view, now) + deliver(host, view, now)
    }

    private mutating func receive(_ text: String, _ view: HostView, _ now: Moment) -> [ACSOutput] {
        do throws(FrameError) {
            switch try ACSAgentMessage(frame: text) {
            case .heartbeatAck(let ack): heartbeats.acknowledged(ack.messageId, at: now.instant)
            case .ack(let ack):
                manifest.acknowledged(ack.messageId, at: now.instant, grace: configuration.verificationGrace)
                payloads.acknowledged(ack.messageId)
            case .nack(let nack): payloads.acknowledged(nack.messageId)
            case .stopVerification(let question): return verify(question, view, now) + proceed(view, now)
            case .credentialsAck, .unknown: return []
            }
        } catch {
            return [.unreadable(error)]
        }
        return proceed(view, now)
    }

    /// Does everything that is due by now.
    private mutating func proceed(_ view: HostView, _ now: Moment) -> [ACSOutput] {
        guard openedAt != nil else { return [] }
        guard let host = host(in: view) else { return leave(now) }
        if let epoch = view.state.installation?.epoch, epoch != sequence.epoch { return restart(now) }
        if let since = heartbeats.silence(now.instant, configuration) {
            isOver = true
            return [.disconnected(since: since), .close(code: 1001, reason: "heartbeats are not answered")]
        }
        var outputs: [ACSOutput] = []
        if manifest.isDue(now.instant, configuration) { outputs += sendManifest(host, view, now) }
        let due = payloads.due(now.instant, configuration)
        outputs += due.frames.map(ACSOutput.send)
        if !due.abandoned.isEmpty { outputs.append(.undelivered(due.abandoned)) }
        outputs += deliver(host, view, now)
        if heartbeats.isDue(now.instant, routes: routesGeneration(host, view), configuration) {
            outputs += sendHeartbeat(host, view, now)
        }
        return outputs
    }

    // MARK: Ending

    /// The host's record; nil when it was deregistered.
    private func host(in view: HostView) -> ContainerInstanceRecord? {
        guard let host = view.state.instances[instance], host.status != .inactive else { return nil }
        return host
    }

    /// Ends the session of a host that is no longer registered; the agent reconnects at once and is told so.
    private mutating func leave(_ now: Moment) -> [ACSOutput] {
        let wasOpen = openedAt != nil
        return (wasOpen ? [.disconnected(since: now.instant)] : [])
            + finish(code: 1000, reason: "the container instance is not registered")
    }

    /// Ends the session after a restore: the agent reconnects at once and hears what the restored state wants.
    private mutating func restart(_ now: Moment) -> [ACSOutput] {
        [.disconnected(since: now.instant)] + finish(code: 1000, reason: "the state was restored from a backup")
    }

    private mutating func finish(code: Int, reason: String) -> [ACSOutput] {
        isOver = true
        return [.close(code: code, reason: reason)]
    }

    private mutating func nextMessageID() -> String {
        messages += 1
        return "\(name)-\(messages)"
    }
}

// MARK: - Manifest

extension ACSSession {
    private mutating func sendManifest(_ host: ContainerInstanceRecord, _ view: HostView, _ now: Moment) -> [ACSOutput]
    {
        var message = TaskManifestMessage()
        message.clusterArn = host.clusterID.arn
        message.containerInstanceArn = host.arn
        message.messageId = nextMessageID()
        message.generatedAt = now.wall.milliseconds
        message.timeline = sequence.next()
        message.tasks = HostTasks(on: instance, in: view.state).followed.map { task in
            TaskIdentifier(
                taskArn: task.id.arn, taskClusterArn: task.id.cluster.arn, desiredStatus: task.orderedStatus.word)
        }
        manifest.sent(message.messageId, at: now.instant, configuration)
        return [.send(message.frame())]
    }

    /// Names those of the agent's tasks that must die: all that are unknown, elsewhere, or not wanted here any more.
    private mutating func verify(
        _ question: TaskStopVerificationMessage, _ view: HostView, _ now: Moment
    ) -> [ACSOutput] {
        let doomed = question.stopCandidates.filter { candidate in
            guard let id = candidate.taskArn.flatMap(TaskID.init(arn:)), let task = view.state.tasks[id] else {
                return true
            }
            return task.placement?.instance != instance || task.orderedStatus == .stopped || !task.isLive
        }
        guard
            manifest.verified(
                question.messageId, candidates: doomed.compactMap { $0.taskArn.flatMap(TaskID.init(arn:)) })
        else { return [] }
        let answer = TaskStopVerificationAck(
            messageId: question.messageId, generatedAt: now.wall.milliseconds,
            stopTasks: doomed.compactMap { task in
                task.taskArn.map {
                    TaskIdentifier(
                        taskArn: $0, taskClusterArn: task.taskClusterArn, desiredStatus: DesiredStatus.stopped.word)
                }
            })
        return [.send(answer.frame())]
    }
}

// MARK: - Heartbeats

extension ACSSession {
    /// The generation of routes that this host shall know; nil for one without a block, which is no agent of ours.
    private func routesGeneration(_ host: ContainerInstanceRecord, _ view: HostView) -> Int? {
        host.addressBlock == nil ? nil : view.routes.generation
    }

    private mutating func sendHeartbeat(_ host: ContainerInstanceRecord, _ view: HostView, _ now: Moment) -> [ACSOutput]
    {
        let id = nextMessageID()
        let generation = routesGeneration(host, view).flatMap { heartbeats.isKnown($0) ? nil : $0 }
        heartbeats.sent(id, routes: generation, at: now.instant, configuration)
        let news = generation.map { _ in HeartbeatExtension(view.routes.network(without: instance)) }
        return [.send(HeartbeatMessage(messageId: id, berth: news).frame())]
    }
}

// MARK: - Payloads

extension ACSSession {
    /// Sends what is wanted and was not said yet: stops, then starts, as far as the bound on unanswered payloads allows.
    private mutating func deliver(_ host: ContainerInstanceRecord, _ view: HostView, _ now: Moment) -> [ACSOutput] {
        let tasks = HostTasks(on: instance, in: view.state)
        payloads.keep(only: tasks.followed + tasks.givenUp)
        var untold = tasks.stops.filter { !payloads.isTold($0.id, .stopped) }.map { ($0, DesiredStatus.stopped) }
        if mayStart(tasks, now.instant) {
            untold += tasks.starts.filter { !payloads.isTold($0.id, .running) }.map { ($0, DesiredStatus.running) }
        }
        var outputs: [ACSOutput] = []
        while !untold.isEmpty, payloads.count < configuration.maximumOutstanding {
            let batch = untold.prefix(configuration.maximumTasksPerPayload)
            untold.removeFirst(batch.count)
            outputs += payload(Array(batch), host, view, now)
        }
        return outputs
    }

    /// Whether new tasks may start: not while tasks that were given up may still run here.
    private mutating func mayStart(_ tasks: HostTasks, _ now: Instant) -> Bool {
        let isSettled = manifest.isSettled(now, givenUp: tasks.givenUp.map(\.id))
        guard !tasks.givenUp.isEmpty, let openedAt else { return true }
        return isSettled || now >= openedAt.adding(configuration.returnLimit)
    }

    private mutating func payload(
        _ batch: [(TaskRecord, DesiredStatus)], _ host: ContainerInstanceRecord, _ view: HostView, _ now: Moment
    ) -> [ACSOutput] {
        var outputs: [ACSOutput] = []
        var tasks: [PayloadTask] = []
        var told: [(id: TaskID, status: DesiredStatus)] = []
        for (task, status) in batch {
            do throws(UntellableTask) {
                tasks.append(try PayloadTask(task, status, view.state))
                told.append((task.id, status))
            } catch {
                payloads.dropped(task.id, status)
                outputs.append(.impossible(task.id, reason: error.reason))
            }
        }
        guard !tasks.isEmpty else { return outputs }
        var message = PayloadMessage()
        message.clusterArn = host.clusterID.arn
        message.containerInstanceArn = host.arn
        message.messageId = nextMessageID()
        message.generatedAt = now.wall.milliseconds
        message.seqNum = sequence.next()
        message.tasks = tasks
        let frame = message.frame()
        payloads.sent(
            message.messageId, frame: frame, tasks: told,
            retryAt: now.instant.adding(configuration.retryInterval))
        return outputs + [.send(frame)]
    }
}

/// Why a task cannot be put into a payload.
private struct UntellableTask: Error {
    let reason: String
}

extension PayloadTask {
    /// Everything is said in full, stops too: a host that does not know the task, or knows its end when the store does
    /// not, as after a restore, can answer then. Without a definition the name must do for the stop of a task that the
    /// host reported once.
    fileprivate init(
        _ task: TaskRecord, _ status: DesiredStatus, _ state: StateSnapshot
    ) throws(UntellableTask) {
        guard let definition = state.definition(task.definition) else {
            guard status == .stopped, task.observed != nil else {
                throw UntellableTask(reason: "the task definition \(task.definition.arn) is missing")
            }
            self.init(stopping: task.id.arn, cluster: task.id.cluster.arn)
            family = task.definition.family.name
            version = String(task.definition.revision)
            return
        }
        do {
            self = try PayloadTask(TaskAssignment(task, definition: definition), desired: status)
        } catch {
            throw UntellableTask(reason: "the task cannot be encoded: \(error)")
        }
    }
}

extension ContainerInstanceRecord {
    /// The cluster that the agent believes to be in.
    var clusterID: ClusterID { cluster ?? ClusterID(scope: id.scope, name: Self.managedClusterName) }
}
