import Domain
import Identifiers
import NodeAgent
import StateStore
import TaskRuntime

/// A machine with what outlives its agent: records on its disk, containers, network attachments.
final class SimulatedHost {
    /// A container and what becomes of it.
    struct Container {
        var task: TaskID
        var definition: ContainerDefinition
        var status: RuntimeContainerState.Status
        /// Whether it takes no notice of SIGTERM.
        var isStubborn = false
        /// Whether its checks fail.
        var isSick = false

        var isRunning: Bool { if case .running = status { true } else { false } }
    }

    let id: ContainerInstanceID
    let slot: Int
    let capacity: Resources
    let launchType: LaunchType
    /// By how much its wall clock is off.
    var skew = Duration.zero
    var records: [TaskID: TaskRunnerRecord] = [:]
    var containers: [String: Container] = [:]
    var attachments: Set<String> = []
    private(set) var boots = 0
    /// nil while the agent's process is down.
    private(set) var agent: SimulatedAgent?
    /// Nothing that it sends arrives.
    var isMute = false
    /// Nothing that is sent to it arrives.
    var isDeaf = false
    /// The control plane told it so: it stops its tasks and connects no more.
    var isDeregistered = false
    /// The control plane does not know it any more.
    var isRefused = false
    /// The machine never comes back.
    private(set) var isGone = false
    /// Whether a user asked for its deregistration.
    var isCondemned = false

    init(_ record: ContainerInstanceRecord, slot: Int) {
        id = record.id
        self.slot = slot
        capacity = record.resources
        launchType = record.launchType
    }

    var name: Substring { id.id.prefix(4) }
    var connection: AgentConnection? { agent?.connection }
    var isCutOff: Bool { isMute || isDeaf }

    func wall(in world: World) -> Timestamp { world.clock.wall.adding(skew) }

    // MARK: The agent's life

    func startAgent(in world: World) {
        guard agent == nil, !isGone else { return }
        world.note("agent of \(name) starts")
        world.invariants.restarts(self)
        let fresh = SimulatedAgent(self)
        agent = fresh
        fresh.begin(in: world)
    }

    func crashAgent(downFor pause: Duration, in world: World) {
        guard let old = agent else { return }
        world.note("agent of \(name) crashes")
        agent = nil
        old.end(in: world)
        world.after(pause) { [self] world in startAgent(in: world) }
    }

    /// The machine loses everything but its disk.
    func crash(downFor pause: Duration, in world: World) {
        world.note("machine \(name) crashes")
        boots += 1
        for id in containers.keys.sorted() { removeContainer(id, in: world) }
        attachments = []
        if agent == nil {
            // Its agent is about to start anyway.
            return
        }
        crashAgent(downFor: pause, in: world)
    }

    /// The machine is gone for good.
    func vanish(in world: World) {
        isMute = true
        isDeaf = true
        isGone = true
        crash(downFor: .zero, in: world)
    }

    /// The run is over.
    func dissolve() {
        agent?.dissolve()
        agent = nil
    }

    /// An operator starts the agent of a host that was deregistered, and is registered again since a restore.
    func joinAgain(in world: World) {
        guard isDeregistered || isRefused, !isGone, let record = world.disk.stored.instances[id],
            record.status != .inactive
        else { return }
        isDeregistered = false
        isRefused = false
        crashAgent(downFor: .seconds(1), in: world)
    }

    // MARK: Containers

    func startContainer(_ id: String, in world: World) -> Bool {
        guard var container = containers[id], case .created = container.status else { return false }
        container.status = .running(pid: 1)
        container.isStubborn = world.strikes(.stubbornStop, oneIn: 12)
        containers[id] = container
        world.invariants.started(container.task, on: self, in: world)
        if let life = Behaviour(container.definition.image).life(in: world) {
            world.after(life.duration) { [self] world in exit(id, code: life.code, in: world) }
        }
        return true
    }

    /// The container's process ends.
    func exit(_ id: String, code: Int, in world: World) {
        guard var container = containers[id], container.isRunning else { return }
        let at = wall(in: world)
        container.status = .exited(code: code, at: at.milliseconds)
        containers[id] = container
        world.note("container \(id.prefix(6)) on \(name) exits with \(code)")
        world.invariants.ended(container.task, on: self)
        let listener = agent
        world.after(world.milliseconds(1...20)) { [self] world in
            guard let listener, agent === listener else { return }
            listener.deliver(container.task, .exited(id: id, code: code, at: at), in: world)
        }
    }

    func removeContainer(_ id: String, in world: World) {
        guard let container = containers.removeValue(forKey: id) else { return }
        if container.isRunning { world.invariants.ended(container.task, on: self) }
    }

    func signal(_ id: String, _ number: SignalNumber, in world: World) {
        guard let container = containers[id], container.isRunning else { return }
        if number == .terminate, container.isStubborn { return }
        world.after(world.milliseconds(10...1_500)) { [self] world in
            exit(id, code: 128 + Int(number.rawValue), in: world)
        }
    }

    /// Tasks that have a running container here, in order.
    var runningTasks: [TaskID] { Set(containers.values.filter(\.isRunning).map(\.task)).sorted() }

    func states(of task: TaskID) -> [RuntimeContainerState] {
        containers.sorted { $0.key < $1.key }.filter { $0.value.task == task }.map { id, container in
            RuntimeContainerState(id: id, task: task.id, labels: [:], status: container.status)
        }
    }
}

/// What containers of an image do, by its name.
enum Behaviour: String {
    case steady, checked, job, crashing, flaky, broken

    init(_ image: String) { self = Behaviour(rawValue: image) ?? .steady }

    /// How long it runs and with what it exits; nil for ever.
    func life(in world: World) -> (duration: Duration, code: Int)? {
        switch self {
        case .steady, .checked, .broken: nil
        case .job: (world.seconds(3...50), 0)
        case .crashing: (world.seconds(1...8), 1)
        case .flaky: world.isChaotic && world.random.oneIn(2) ? (world.seconds(1...90), 3) : nil
        }
    }
}
