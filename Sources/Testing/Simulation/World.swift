import Domain
import Identifiers
import StateStore
import TestKit

/// One simulated installation: a control plane, its disk, hosts with their agents, and users, in one thread.
///
/// Everything that happens is an event of its queue. All chance comes from one generator, so a seed is a whole run.
final class World {
    let options: SimulationOptions
    let clock = SimulationClock()
    let executor = SimulationExecutor()
    let disk: SimulatedDisk
    let ids: SeededIDSource
    var random: SeededGenerator
    var trace = Trace()
    var coverage = SimulationCoverage()
    let invariants = Invariants()
    let users = Users()
    /// In order of their ids.
    var hosts: [SimulatedHost] = []
    /// nil while the control plane is down.
    var server: ControlPlaneProcess?
    /// Kinds of faults that this run has.
    var faults: Set<SimulationFault> = []
    /// Whether faults happen; false once the world heals.
    var isChaotic = true
    var isDiskSlow = false
    /// The first invariant that broke.
    private(set) var failure: String?
    /// Set when the world came to rest after its faults.
    var isAtRest = false
    var lastJump = Instant.zero
    var planted = PlantedState()
    /// What was copied to be restored.
    var backup: StateSnapshot?
    /// How long the world may take to come to rest.
    var patience = World.patience
    private var queue = EventQueue<(World) -> Void>()
    private var calls: [Int: Call] = [:]
    private var newestCall = 0
    private let answered = Inbox<Int>()
    private var serverCount = 0

    /// Asynchronous work that was begun.
    private struct Call {
        /// The run of the control plane that it belongs to.
        var owner: Int
        var task: Task<Void, Never>
        var then: () -> Void
    }

    init(seed: UInt64, options: SimulationOptions) {
        self.options = options
        random = SeededGenerator(seed: seed)
        ids = SeededIDSource(seed: random.next())
        let setting = Setting(random: &random)
        disk = SimulatedDisk(setting.state)
        hosts = setting.hosts.enumerated().map { SimulatedHost($1, slot: $0) }
        trace.keepsAll = options.keepsTrace
        for fault in SimulationFault.allCases where options.hasFaults && random.oneIn(2) { faults.insert(fault) }
        if let chosen = options.faults { faults = chosen }
    }

    // MARK: Running

    func run() {
        startServer()
        for host in hosts { host.startAgent(in: self) }
        scheduleChaos()
        settle()
        while failure == nil, !isAtRest, let (instant, event) = queue.removeFirst() {
            clock.advance(to: instant)
            event(self)
            settle()
        }
        if failure == nil, !isAtRest { fail("nothing happens any more") }
        dissolve()
    }

    /// Ends what still waits and forgets what was to come: tasks and events refer to the world, which would else stay in
    /// memory with them.
    private func dissolve() {
        server?.end(in: self)
        server = nil
        for call in calls.values { call.task.cancel() }
        executor.drain()
        calls = [:]
        queue = EventQueue()
        for host in hosts { host.dissolve() }
    }

    /// Lets all work that can go on now go on.
    func settle() {
        repeat {
            executor.drain()
            for id in answered.take() { calls.removeValue(forKey: id)?.then() }
            for sleeper in clock.takeSleepers() { at(sleeper.deadline) { $0.clock.wake(sleeper.id) } }
            server?.takeNews(in: self)
        } while !executor.isIdle
        if let broken = server?.store.brokenPromise { fail(broken) }
    }

    func fail(_ what: String) {
        guard failure == nil else { return }
        failure = what
        note("BROKEN: \(what)")
    }

    func note(_ text: String) { trace.note(text, at: clock.instant) }

    // MARK: Time

    var now: Instant { clock.instant }

    func at(_ instant: Instant, _ event: @escaping (World) -> Void) { queue.add(event, at: max(instant, now)) }

    func after(_ duration: Duration, _ event: @escaping (World) -> Void) { at(now.adding(duration), event) }

    // MARK: Asynchronous work

    /// Runs `work` on the simulation's executor and hands its result to `then`, unless the control plane crashed by then.
    func start<Result: Sendable>(
        _ work: @escaping @Sendable () async -> Result, then: @escaping (Result) -> Void
    ) {
        newestCall += 1
        let id = newestCall
        let result = Inbox<Result>()
        let answered = answered
        let task = Task(executorPreference: executor) {
            result.post(await work())
            answered.post(id)
        }
        calls[id] = Call(owner: server?.generation ?? 0, task: task) {
            for value in result.take() { then(value) }
        }
    }

    /// Forgets all work of a run of the control plane that is over.
    func abandon(_ generation: Int) {
        for id in calls.keys.sorted() where calls[id]?.owner == generation {
            calls.removeValue(forKey: id)?.task.cancel()
        }
    }

    // MARK: The control plane's life

    func startServer() {
        guard server == nil else { return }
        serverCount += 1
        if serverCount > 1 { plantForgetting() }
        note("control plane starts (\(serverCount)), revision \(disk.stored.revision.value)")
        let process = ControlPlaneProcess(generation: serverCount, in: self)
        server = process
        process.begin(in: self)
        users.check(disk.stored, in: self)
    }

    func crashServer(because reason: String, downFor pause: Duration) {
        guard let process = server else { return }
        note("control plane crashes: \(reason)")
        server = nil
        process.end(in: self)
        settle()
        for host in hosts { host.connection?.serverVanished(in: self) }
        users.serverVanished(in: self)
        after(pause) { $0.startServer() }
    }

    // MARK: Chance

    /// Whether a fault happens now, at one chance in `odds`.
    func strikes(_ fault: SimulationFault, oneIn odds: Int) -> Bool {
        guard isChaotic, faults.contains(fault), random.oneIn(odds) else { return false }
        count(fault)
        return true
    }

    func count(_ fault: SimulationFault) {
        coverage.faults[fault.rawValue, default: 0] += 1
        note("fault: \(fault.rawValue)")
    }

    func milliseconds(_ range: ClosedRange<Int>) -> Duration { .milliseconds(Int.random(in: range, using: &random)) }

    func seconds(_ range: ClosedRange<Int>) -> Duration {
        milliseconds(range.lowerBound * 1_000...range.upperBound * 1_000)
    }

    func host(_ id: ContainerInstanceID) -> SimulatedHost? { hosts.first { $0.id == id } }
}

extension RandomNumberGenerator {
    mutating func oneIn(_ odds: Int) -> Bool { odds <= 1 || Int.random(in: 0..<odds, using: &self) == 0 }
}
