import AgentWire
import Domain
import Identifiers
import NodeAgent

/// One process of a host's agent: the product's session, admission and task runners, in a model of the shell around them.
final class SimulatedAgent {
    unowned let host: SimulatedHost
    private(set) var connection: AgentConnection?
    private var session = SessionStep()
    private var admission: HostAdmission
    var ports = HostPorts()
    /// Every task that waits or runs, with its newest record.
    private(set) var records: [TaskID: TaskRunnerRecord] = [:]
    /// The runners of those that run.
    private var runners: [TaskID: TaskRunnerStep] = [:]
    private var timers: [TaskID: Instant] = [:]
    private var finished: Set<TaskID> = []
    var reports: [TaskID: PendingReport] = [:]
    private var failures = 0
    /// Counts tries to connect: what an older one brings is too late.
    private var attempt = 0
    private var heard = Instant.zero
    private var verification = 0
    private var isVerifying = false
    /// The epoch of the newest manifest.
    private var compared: Int64 = 0

    struct PendingReport {
        var report: ObservedTask
        var attempts = 0
        var isOnItsWay = false
    }

    init(_ host: SimulatedHost) {
        self.host = host
        admission = HostAdmission(capacity: host.capacity)
    }

    /// Whether this process still runs.
    var isAlive: Bool { host.agent === self }

    func after(_ duration: Duration, in world: World, _ event: @escaping (World) -> Void) {
        let host = host
        world.after(duration) { [self] world in if host.agent === self { event(world) } }
    }

    // MARK: Life

    func begin(in world: World) {
        adopt(in: world)
        after(world.milliseconds(10...200), in: world) { [self] world in register(in: world) }
        after(.seconds(20), in: world) { [self] world in publish(in: world) }
        after(.seconds(60), in: world) { [self] world in keepHouse(in: world) }
    }

    func end(in world: World) {
        connection?.closeFromAgent(in: world)
        dissolve()
    }

    /// Lets go of what refers to it.
    func dissolve() { connection = nil }

    /// Takes over what an earlier run of the agent left.
    private func adopt(in world: World) {
        let mutation = world.options.mutation
        for record in host.records.values.sorted(by: { $0.id < $1.id }) {
            if record.finishedAt != nil {
                finished.insert(record.id)
                continue
            }
            if record.stoppedAt == nil || mutation == .restoresPorts {
                for container in record.containers { ports.restore(container.bindings, of: record.id.id) }
            }
            let states = host.states(of: record.id)
            let isFresh = !record.hasPorts && states.isEmpty && !record.isStopping
            records[record.id] = record
            if isFresh {
                admission.enqueue(record.assignment)
            } else {
                admission.adopt(record.assignment)
                let attachments = host.attachments.filter { $0 == record.id.id || $0.hasPrefix(record.id.id + "-") }
                launch(record, HostInventory(containers: states, attachments: attachments.sorted()), in: world)
            }
        }
        for (id, container) in host.containers.sorted(by: { $0.key < $1.key }) where records[container.task] == nil {
            host.removeContainer(id, in: world)
        }
        startWaiting(in: world)
    }

    // MARK: The session

    private func register(in world: World) {
        guard !host.isDeregistered else { return leave(in: world) }
        world.call("RegisterContainerInstance", host.registration, as: .host(host), through: host) {
            [self] world, answer in
            guard isAlive else { return }
            world.note("registration of \(host.name): \(answer.map { $0.fault ?? "ok" } ?? "no answer")")
            if answer?.fault == "InactiveInstanceException" { return leave(in: world) }
            if answer?.isSuccess == true { return connect(in: world) }
            // Its key was deleted some time after it was deregistered: the agent ends and leaves everything as it is.
            if let fault = answer?.fault, fault != "ServerException", fault != "ThrottlingException" {
                host.isRefused = true
                return
            }
            after(backoff(.milliseconds(250), .seconds(10), in: world), in: world) { [self] in register(in: $0) }
        }
    }

    /// The host was deregistered: its tasks stop, and it connects no more.
    private func leave(in world: World) {
        world.note("host \(host.name) hears that it is deregistered")
        host.isDeregistered = true
        for id in records.keys.sorted() { stop(id, in: world) }
    }

    private func backoff(_ first: Duration, _ most: Duration, in world: World) -> Duration {
        failures += 1
        return min(first * (1 << min(failures - 1, 16)), most) * Double.random(in: 0.8...1, using: &world.random)
    }

    private func connect(in world: World) {
        guard connection == nil, !host.isDeregistered else { return }
        attempt += 1
        let current = attempt
        guard !host.isCutOff, let server = world.server else { return connectLater(in: world) }
        let fresh = AgentConnection(host, self)
        server.open(fresh, in: world) { [self] world, refusal in
            guard isAlive, attempt == current else { return fresh.closeFromAgent(in: world) }
            switch refusal {
            case .inactive: leave(in: world)
            case .unavailable: connectLater(in: world)
            case nil: opened(fresh, in: world)
            }
        }
        // A control plane that dies before it answers never calls back.
        after(.seconds(10), in: world) { [self] world in
            if attempt == current, connection == nil { connectLater(in: world) }
        }
    }

    private func connectLater(in world: World) {
        attempt += 1
        let current = attempt
        after(backoff(.milliseconds(250), .seconds(10), in: world), in: world) { [self] world in
            if attempt == current { connect(in: world) }
        }
    }

    private func opened(_ fresh: AgentConnection, in world: World) {
        connection = fresh
        heard = world.now
        failures = 0
        retryReports(in: world)
        publishHealth(in: world)
        let patience = world.seconds(60...120)
        watch(fresh, patience, in: world)
        after(world.seconds(1_800...1_980), in: world) { [self] world in
            if connection === fresh { close(fresh, in: world) }
        }
    }

    private func close(_ open: AgentConnection, in world: World) {
        open.closeFromAgent(in: world)
        lost(open, in: world)
    }

    private func watch(_ open: AgentConnection, _ patience: Duration, in world: World) {
        after(.seconds(5), in: world) { [self] world in
            guard connection === open else { return }
            guard world.now.since(heard) <= patience else {
                return close(open, in: world)
            }
            watch(open, patience, in: world)
        }
    }

    func lost(_ old: AgentConnection, in world: World) {
        guard isAlive, connection === old else { return }
        connection = nil
        perform(session.reconnect(), in: world)
        connectLater(in: world)
    }

    func receive(_ text: String, from open: AgentConnection, in world: World) {
        guard isAlive, connection === open else { return }
        heard = world.now
        let wanted = records.values.filter { !$0.isStopping }.map(\.id).sorted()
        do throws(FrameError) {
            let message = try ACSServerMessage(frame: text)
            let actions = session.receive(message, wanted: wanted)
            perform(actions, in: world)
            noteComparison(by: message, actions, in: world)
        } catch {
            world.fail("a frame of the control plane cannot be read: \(error)")
        }
    }

    /// A manifest that names all the host has, or the answer about those it does not name, says what stops.
    private func noteComparison(by message: ACSServerMessage, _ actions: [SessionAction], in world: World) {
        guard !actions.isEmpty else { return }
        switch message {
        case .manifest(let manifest):
            compared = (manifest.timeline ?? 0) >> 40
            if actions.contains(.beginVerification) { return }
        case .stopVerificationAck: break
        default: return
        }
        world.invariants.compared(host, epoch: compared)
    }

    private func perform(_ actions: [SessionAction], in world: World) {
        for action in actions where isAlive {
            switch action {
            case .send(let message):
                if let frame = message.frame { connection?.sendToServer(frame, in: world) }
            case .stop(let task): stop(task, in: world)
            case .start(let assignment): take(TaskRunnerRecord(assignment: assignment), in: world)
            case .decline(let assignment):
                var record = TaskRunnerRecord(assignment: assignment)
                record.stopRequested = true
                take(record, in: world)
            case .refuse(_, let reason): world.fail("an agent cannot read its assignment: \(reason)")
            case .route: break
            case .beginVerification:
                verification += 1
                isVerifying = true
                admission.beginVerification()
                let asked = verification
                after(.seconds(10), in: world) { [self] world in
                    if isVerifying, verification == asked { perform(session.verificationTimedOut(), in: world) }
                }
            case .endVerification(let tasks):
                isVerifying = false
                admission.endVerification(stopping: tasks)
                for task in tasks { stop(task, in: world) }
                startWaiting(in: world)
            case .repeatReports:
                for id in runners.keys.sorted() {
                    after(.zero, in: world) { [self] in deliver(id, .repeatReport, in: $0) }
                }
            }
        }
    }

    // MARK: Tasks, as `RunnerHost` keeps them

    private func take(_ record: TaskRunnerRecord, in world: World) {
        guard records[record.id] == nil else { return }
        if finished.contains(record.id) { return reportAgain(record.id, in: world) }
        guard save(record, in: world) else { return }
        records[record.id] = record
        if record.isStopping { return launch(record, HostInventory(), in: world) }
        admission.enqueue(record.assignment)
        startWaiting(in: world)
    }

    private func reportAgain(_ id: TaskID, in world: World) {
        guard var record = host.records[id], let last = record.lastReport else { return }
        record.finishedAt = nil
        record.outbox = [last]
        guard save(record, in: world) else { return }
        finished.remove(id)
        records[id] = record
        launch(record, HostInventory(), in: world)
    }

    private func startWaiting(in world: World) {
        for assignment in admission.startable() {
            if let record = records[assignment.task] { launch(record, HostInventory(), in: world) }
        }
    }

    private func stop(_ id: TaskID, in world: World) {
        if admission.withdraw(id) != nil, let record = records[id] { launch(record, HostInventory(), in: world) }
        if runners[id] != nil { after(.zero, in: world) { [self] in deliver(id, .stop, in: $0) } }
    }

    private func launch(_ record: TaskRunnerRecord, _ inventory: HostInventory, in world: World) {
        runners[record.id] = TaskRunnerStep(record)
        timers[record.id] = nil
        after(.zero, in: world) { [self] in deliver(record.id, .begin(inventory), in: $0) }
    }

    /// Whether the record is on disk; false when the agent crashed instead, before or after.
    private func save(_ record: TaskRunnerRecord, in world: World) -> Bool {
        guard world.strikes(.agentCrashAtWrite, oneIn: 60) else {
            host.records[record.id] = record
            return true
        }
        if world.random.oneIn(2) { host.records[record.id] = record }
        host.crashAgent(downFor: world.milliseconds(200...20_000), in: world)
        return false
    }

    func deliver(_ id: TaskID, _ input: TaskInput, in world: World) {
        guard isAlive, var runner = runners[id] else { return }
        let before = runner.record
        let actions = runner.step(input, now: world.now, wall: host.wall(in: world))
        runners[id] = runner
        if runner.record != before { guard save(runner.record, in: world) else { return } }
        note(runner.record, before, in: world)
        for action in actions where isAlive { perform(action, of: id, in: world) }
        guard isAlive else { return }
        if runner.record.finishedAt != nil {
            runners[id] = nil
            records[id] = nil
            if world.options.mutation == .forgetsFinished {
                host.records[id] = nil
            } else {
                finished.insert(id)
            }
            return
        }
        arm(id, runner, in: world)
    }

    private func note(_ record: TaskRunnerRecord, _ before: TaskRunnerRecord, in world: World) {
        records[record.id] = record
        if record.stoppedAt != nil {
            if world.options.mutation != .restoresPorts { ports.release(record.id.id) }
            admission.ended(record.id)
            startWaiting(in: world)
        }
        if record.containers.map(\.health) != before.containers.map(\.health) {
            after(world.milliseconds(1...50), in: world) { [self] in publishHealth(in: $0) }
        }
    }

    private func arm(_ id: TaskID, _ runner: TaskRunnerStep, in world: World) {
        guard let deadline = runner.deadline(now: world.now) else { return }
        if let armed = timers[id], armed > world.now, armed <= deadline { return }
        timers[id] = deadline
        after(max(.zero, deadline.since(world.now)), in: world) { [self] in deliver(id, .timer, in: $0) }
    }

    /// Finished tasks are remembered for an hour.
    private func keepHouse(in world: World) {
        let now = host.wall(in: world)
        for id in finished.sorted() {
            guard let at = host.records[id]?.finishedAt, at.adding(.seconds(3_600)) <= now else { continue }
            host.records[id] = nil
            finished.remove(id)
        }
        after(.seconds(60), in: world) { [self] in keepHouse(in: $0) }
    }
}
