import Domain
import Synchronization
public import TaskRuntime

// What a test makes happen, and what it looks at.
extension FakeRuntime {
    /// Imports an image into the local store, with a stop signal if it has one.
    public func addImage(_ reference: String, stopSignal: Int32? = nil) {
        state.withLock {
            $0.images[reference] = Self.image(named: reference)
            $0.images[reference]?.isImported = true
            $0.stopSignals[reference] = stopSignal
        }
    }

    /// Puts an image into the registry that `pull` asks.
    public func publish(_ reference: String) {
        state.withLock { $0.registry[reference] = Self.image(named: reference) }
    }

    private static func image(named reference: String) -> RuntimeImage {
        RuntimeImage(reference: reference, digest: "sha256:" + String(repeating: "a", count: 64), bytes: 1_000)
    }

    /// How processes of containers with this name behave from now on.
    public func behave(_ container: String, _ behaviour: Behaviour) {
        state.withLock { $0.behaviours[container] = behaviour }
    }

    /// What commands in containers with this name answer.
    public func answer(_ container: String, exitCode: Int) {
        state.withLock {
            $0.probes[container] = ExecutionResult(exitCode: exitCode, output: "", timedOut: false)
        }
    }

    /// Ends a process.
    public func exit(_ id: String, code: Int) { state.withLock { $0.end(id, code: code) } }

    /// Kills a process for memory, as the kernel does.
    public func exhaustMemory(_ id: String) {
        state.withLock { state in
            state.containers[id]?.ranOutOfMemory = true
            state.end(id, code: 137)
        }
    }

    /// Ends every event stream; calls fail as unavailable until `recover()`. Processes go on.
    public func breakDown(_ reason: String = "connection refused") {
        state.withLock { state in
            state.outage = reason
            for subscriber in state.subscribers.values { subscriber.finish() }
            state.subscribers = [:]
        }
    }

    public func recover() { state.withLock { $0.outage = nil } }

    /// Ids of containers with a live process, sorted.
    public var running: [String] {
        state.withLock { state in
            state.containers.values.filter {
                if case .running = $0.status { true } else { false }
            }.map(\.plan.id).sorted()
        }
    }

    /// How many processes a container id ever had.
    public func starts(of id: String) -> Int { state.withLock { $0.starts[id] ?? 0 } }

    public func pid(of id: String) -> Int32? {
        state.withLock { state in
            if case .running(let pid)? = state.containers[id]?.status { pid } else { nil }
        }
    }

    /// What a container was made from.
    public func plan(of id: String) -> RuntimeContainer? { state.withLock { $0.containers[id]?.plan } }

    /// Ids of prepared tasks, sorted.
    public var preparedTasks: [String] { state.withLock { $0.tasks.keys.sorted() } }
}
