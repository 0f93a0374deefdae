public import AgentWire
public import Identifiers
import Synchronization

/// The latest metrics of each running task: in memory only, and bounded.
public final class TaskMetricsBoard: Sendable {
    private struct Entry {
        var metric: TaskMetric
        var at: Timestamp
    }

    private let limit: Int
    private let entries = Mutex<[TaskID: Entry]>([:])

    /// - Parameter limit: tasks kept at once; beyond it the metrics of further tasks are dropped until others ended.
    public init(limit: Int) { self.limit = limit }

    /// What the task's host said last, and when.
    public func latest(of task: TaskID) -> (metric: TaskMetric, at: Timestamp)? {
        entries.withLock { entries in entries[task].map { ($0.metric, $0.at) } }
    }

    func put(_ metric: TaskMetric, of task: TaskID, at now: Timestamp) {
        entries.withLock { entries in
            guard entries[task] != nil || entries.count < limit else { return }
            entries[task] = Entry(metric: metric, at: now)
        }
    }

    func forget(_ task: TaskID) { entries.withLock { $0[task] = nil } }
}
