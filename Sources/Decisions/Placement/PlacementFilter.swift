import Domain

/// The filters of one task: what every host must have to admit it.
struct PlacementFilter {
    private let task: TaskRecord
    private let group: TaskGroup
    private let isDistinct: Bool
    /// nil in place of an expression that cannot be read: no host satisfies it.
    private let queries: [ClusterQuery?]
    private var evaluator = ClusterQueryEvaluator()

    init(_ task: TaskRecord) {
        self.task = task
        group = TaskGroup(task)
        isDistinct = task.placementConstraints.contains(.distinctInstance)
        queries = task.placementConstraints.compactMap { constraint -> ClusterQuery?? in
            guard case .memberOf(let expression) = constraint else { return nil }
            return .some(try? ClusterQuery(expression))
        }
    }

    /// Whether a host that refuses keeps refusing while other tasks are placed.
    var refusalsLast: Bool { queries.allSatisfy { $0?.dependsOnTasks != true } }

    /// Whether nothing that tasks leave or take makes the host admit the task.
    mutating func excludes(_ host: PlacementHost) -> Bool {
        guard host.isActive, task.requiresAttributes.allSatisfy({ host.attributes[$0] != nil }) else { return true }
        for query in queries {
            guard let query, evaluator.admits(host, query) else { return true }
        }
        return false
    }

    /// The first reason against the host, or nil when it admits the task.
    mutating func refusal(of host: PlacementHost) -> PlacementRefusal? {
        if !host.isActive { return .inactive }
        if !host.isConnected { return .agent }
        if task.reservation.cpu > host.remaining.cpu { return .cpu }
        if task.reservation.memory > host.remaining.memory { return .memory }
        if !task.hostPorts.isEmpty, !host.usedPorts.isDisjoint(with: task.hostPorts) { return .ports }
        for name in task.requiresAttributes where host.attributes[name] == nil { return .attribute }
        for query in queries {
            guard let query, evaluator.admits(host, query) else { return .memberOf }
        }
        return isDistinct && host.count(of: group) > 0 ? .distinctInstance : nil
    }
}
