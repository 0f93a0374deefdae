import Domain
import Synchronization
public import TaskRuntime

/// A container runtime in memory that keeps the port's promises and does what a test tells it to.
///
/// Processes run until they are signalled or told to exit. Containers live as long as this object, however many agents
/// come and go.
public final class FakeRuntime: TaskRuntime {
    /// What a process does on its own.
    public enum Behaviour: Hashable, Sendable {
        /// Runs until it is signalled.
        case runs
        /// Ends right after its start.
        case exits(Int)
        /// Runs and takes no notice of SIGTERM.
        case ignoresTerm
        /// Cannot be created, started.
        case failsToCreate(String)
        case failsToStart(String)
    }

    struct State {
        var images: [String: RuntimeImage] = [:]
        var stopSignals: [String: Int32] = [:]
        var registry: [String: RuntimeImage] = [:]
        var behaviours: [String: Behaviour] = [:]
        var probes: [String: ExecutionResult] = [:]
        var tasks: [String: TaskLimits] = [:]
        var containers: [String: FakeContainer] = [:]
        var subscribers: [Int: AsyncStream<RuntimeEvent>.Continuation] = [:]
        var nextSubscriber = 0
        var nextProcess: Int32 = 1000
        var outage: String?
        /// Every process ever started, by container id.
        var starts: [String: Int] = [:]
    }

    struct FakeContainer {
        var plan: RuntimeContainer
        var status: RuntimeContainerState.Status = .created
        var ranOutOfMemory = false
    }

    let state = Mutex(State())

    public init() {}

    func reachable<Result>(_ body: (inout State) throws(RuntimeError) -> Result) throws(RuntimeError) -> Result
    where Result: Sendable {
        try state.withLock { (state) throws(RuntimeError) -> Result in
            if let outage = state.outage { throw .unavailable(outage) }
            return try body(&state)
        }
    }

    public func version() async throws(RuntimeError) -> String {
        try reachable { (_) throws(RuntimeError) -> String in "fake 1.0" }
    }

    // MARK: Images

    public func image(_ reference: String) async throws(RuntimeError) -> RuntimeImage? {
        try reachable { (state) throws(RuntimeError) -> RuntimeImage? in state.images[reference] }
    }

    public func pull(
        _ reference: String, authorization: RegistryAuthorization?
    ) async throws(RuntimeError) -> RuntimeImage {
        try reachable { (state) throws(RuntimeError) -> RuntimeImage in
            guard let image = state.registry[reference] else { throw .notFound("\(reference): not found") }
            state.images[reference] = image
            return image
        }
    }

    public func images() async throws(RuntimeError) -> [RuntimeImage] {
        try reachable { (state) throws(RuntimeError) -> [RuntimeImage] in
            state.images.values.sorted { $0.reference < $1.reference }
        }
    }

    public func removeImage(_ reference: String) async throws(RuntimeError) {
        try reachable { (state) throws(RuntimeError) in state.images[reference] = nil }
    }

    // MARK: Tasks and containers

    public func prepareTask(_ id: String, limits: TaskLimits) async throws(RuntimeError) {
        try reachable { (state) throws(RuntimeError) in state.tasks[id] = limits }
    }

    public func removeTask(_ id: String) async throws(RuntimeError) {
        try reachable { (state) throws(RuntimeError) in
            if state.containers.values.contains(where: { $0.plan.task == id }) {
                throw .failed("task \(id) still has containers")
            }
            state.tasks[id] = nil
        }
    }

    public func tasks() async throws(RuntimeError) -> [String] {
        try reachable { (state) throws(RuntimeError) -> [String] in state.tasks.keys.sorted() }
    }

    public func create(_ container: RuntimeContainer) async throws(RuntimeError) {
        try reachable { (state) throws(RuntimeError) in
            if state.containers[container.id] != nil { return }
            guard state.images[container.definition.image] != nil else {
                throw .notFound("image \(container.definition.image) is not in the store")
            }
            if case .failsToCreate(let reason)? = state.behaviours[container.definition.name] { throw .failed(reason) }
            state.containers[container.id] = FakeContainer(plan: container)
        }
    }

    public func start(_ id: String) async throws(RuntimeError) {
        try reachable { (state) throws(RuntimeError) in
            guard let container = state.containers[id] else { throw .notFound("container \(id)") }
            guard container.status == .created else { return }
            let behaviour = state.behaviours[container.plan.definition.name] ?? .runs
            if case .failsToStart(let reason) = behaviour { throw .failed(reason) }
            state.nextProcess += 1
            state.starts[id, default: 0] += 1
            state.containers[id]?.status = .running(pid: state.nextProcess)
            if case .exits(let code) = behaviour { state.end(id, code: code) }
        }
    }

    public func signal(_ id: String, _ signal: Int32, all: Bool) async throws(RuntimeError) {
        try reachable { (state) throws(RuntimeError) in
            guard let container = state.containers[id] else { throw .notFound("container \(id)") }
            let ignoresTerm = state.behaviours[container.plan.definition.name] == .ignoresTerm
            if signal == 9 || !ignoresTerm { state.end(id, code: 128 + Int(signal)) }
        }
    }

    public func stop(_ id: String) async throws(RuntimeError) {
        let number = state.withLock { state in
            state.containers[id].flatMap { state.stopSignals[$0.plan.definition.image] } ?? 15
        }
        try await signal(id, number, all: false)
    }

    public func remove(_ id: String) async throws(RuntimeError) {
        try reachable { (state) throws(RuntimeError) in
            state.end(id, code: 137)
            state.containers[id] = nil
        }
    }

    public func containers() async throws(RuntimeError) -> [RuntimeContainerState] {
        try reachable { (state) throws(RuntimeError) -> [RuntimeContainerState] in
            state.containers.values.map {
                RuntimeContainerState(
                    id: $0.plan.id, task: $0.plan.task, labels: $0.plan.labels, status: $0.status,
                    ranOutOfMemory: $0.ranOutOfMemory)
            }.sorted { $0.id < $1.id }
        }
    }

    public func execute(
        _ id: String, command: [String], timeout: Duration
    ) async throws(RuntimeError) -> ExecutionResult {
        try reachable { (state) throws(RuntimeError) -> ExecutionResult in
            guard let container = state.containers[id], case .running = container.status else {
                throw .notFound("container \(id) does not run")
            }
            return state.probes[container.plan.definition.name]
                ?? ExecutionResult(exitCode: 0, output: "", timedOut: false)
        }
    }

    public func events() async throws(RuntimeError) -> AsyncStream<RuntimeEvent> {
        try reachable { (state) throws(RuntimeError) -> AsyncStream<RuntimeEvent> in
            let (stream, continuation) = AsyncStream<RuntimeEvent>.makeStream()
            state.nextSubscriber += 1
            state.subscribers[state.nextSubscriber] = continuation
            return stream
        }
    }

    public func statistics(_ id: String) async throws(RuntimeError) -> ContainerStatistics {
        try reachable { (state) throws(RuntimeError) -> ContainerStatistics in
            guard case .running? = state.containers[id]?.status else { throw .notFound("container \(id)") }
            var statistics = ContainerStatistics(cpuNanoseconds: 1_000_000, memoryBytes: 1_048_576)
            (statistics.readBytes, statistics.writtenBytes) = (100, 200)
            (statistics.receivedBytes, statistics.sentBytes) = (300, 400)
            return statistics
        }
    }
}

extension FakeRuntime.State {
    /// Ends a process if it runs, and tells the subscribers.
    mutating func end(_ id: String, code: Int) {
        guard let container = containers[id], case .running = container.status else { return }
        containers[id]?.status = .exited(code: code, at: 1_700_000_000_000)
        for subscriber in subscribers.values {
            subscriber.yield(
                .exited(id: id, code: code, at: 1_700_000_000_000, ranOutOfMemory: container.ranOutOfMemory))
        }
    }
}
