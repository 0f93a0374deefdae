import DequeModule
import Synchronization

/// Runs the asynchronous parts of the control plane (the store's commits, the API's handlers) in the simulation's thread.
///
/// Jobs wait in a queue of its own, first come first served, until the simulation runs them: nothing ever reaches Swift's
/// pool, so equal runs take equal ways.
final class SimulationExecutor: TaskExecutor {
    private let jobs = Mutex<Deque<UnownedJob>>([])

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        jobs.withLock { $0.append(job) }
    }

    /// Runs everything that can run now.
    func drain() {
        while let job = jobs.withLock({ $0.popFirst() }) { job.runSynchronously(on: asUnownedTaskExecutor()) }
    }

    var isIdle: Bool { jobs.withLock { $0.isEmpty } }
}

/// Collects what asynchronous work hands back to the simulation, in order.
final class Inbox<Element: Sendable>: Sendable {
    private let elements = Mutex<[Element]>([])

    func post(_ element: Element) { elements.withLock { $0.append(element) } }

    func take() -> [Element] {
        elements.withLock { elements in
            defer { elements = [] }
            return elements
        }
    }
}
