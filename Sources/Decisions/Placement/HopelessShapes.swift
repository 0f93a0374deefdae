import Domain

/// Shapes of tasks that found no host, with the reasons.
///
/// Within a plan they are remembered until its end; between plans, while no host changes.
struct HopelessShapes: Sendable {
    private var current: [TaskShape: PlacementFailure] = [:]
    private var earlier: [TaskShape: PlacementFailure] = [:]
    /// The change number of the hosts when the plan began.
    private var since = 0

    /// A plan begins.
    /// - Parameter changes: how often hosts changed until now; as below.
    mutating func begin(at changes: Int) {
        if changes == since { earlier.merge(current) { $1 } } else { earlier = [:] }
        current = [:]
        since = changes
    }

    /// The failure of a task of equal shape, as this task's.
    mutating func failure(of task: TaskRecord, at changes: Int) -> PlacementFailure? {
        guard !current.isEmpty || !earlier.isEmpty else { return nil }
        let shape = TaskShape(task)
        guard var failure = current[shape] ?? (changes == since ? earlier[shape] : nil) else { return nil }
        current[shape] = failure
        failure.task = task.id
        return failure
    }

    mutating func remember(_ failure: PlacementFailure, of task: TaskRecord) { current[TaskShape(task)] = failure }
}
