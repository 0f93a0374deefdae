import Domain

/// The filters of one task: what every host must have to admit it.
struct PlacementFilter {
    private let reservation: Resources
    private let hostPorts: [Port]
    private let requiresAttributes: [String]
    private let group: TaskGroup
    private let isDistinct: Bool
    /// nil in place of an expression that cannot be read: no host satisfies it.
    private let queries: [ClusterQuery?]
    private var evaluator = ClusterQueryEvaluator()

    init(_ task: TaskRecord) {
        reservation = task.reservation
        hostPorts = task.hostPorts
        requiresAttributes = task.requiresAttributes
        group = TaskGroup(task)
        isDistinct = task.placementConstraints.contains(.distinctInstance)
        queries = task.placementConstraints.compactMap { constraint -> ClusterQuery?? in
            guard case .memberOf(let expression) = constraint else { return nil }
            return .some(try? ClusterQuery(expression))
        }
    }

    /// Whether constraints ask for what changes as tasks are placed.
    var dependsOnTasks: Bool { queries.contains { $0?.dependsOnTasks == true } }

    /// Whether the host admits the task if it has none of the task's group.
    mutating func admitsSomeGroup(_ host: PlacementHost) -> Bool {
        let refusal = refusal(of: host)
        return refusal == nil || refusal == .distinctInstance
    }

    /// Whether nothing that tasks leave or take makes the host admit the task.
    mutating func excludes(_ host: PlacementHost) -> Bool {
        guard host.isActive, requiresAttributes.allSatisfy({ host.attribute($0) != nil }) else { return true }
        for query in queries {
            guard let query, evaluator.admits(host, query) else { return true }
        }
        return false
    }

    /// The first reason against the host, or nil when it admits the task.
    mutating func refusal(of host: PlacementHost) -> PlacementRefusal? {
        if !host.isActive { return .inactive }
        if !host.isConnected { return .agent }
        if reservation.cpu > host.remaining.cpu { return .cpu }
        if reservation.memory > host.remaining.memory { return .memory }
        if !hostPorts.isEmpty, !host.usedPorts.isDisjoint(with: hostPorts) { return .ports }
        for name in requiresAttributes where host.attribute(name) == nil { return .attribute }
        for query in queries {
            guard let query, evaluator.admits(host, query) else { return .memberOf }
        }
        return isDistinct && host.count(of: group) > 0 ? .distinctInstance : nil
    }
}
