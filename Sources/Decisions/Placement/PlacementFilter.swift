import Domain

/// The filters of one task: what every host must have to admit it.
struct PlacementFilter: Sendable {
    private struct Query: Sendable {
        /// nil in place of an expression that cannot be read: no host satisfies it.
        let parsed: ClusterQuery?
        let dependsOnTasks: Bool

        init(_ expression: String) {
            parsed = try? ClusterQuery(expression)
            dependsOnTasks = parsed?.dependsOnTasks ?? false
        }
    }

    private let reservation: Resources
    private let hostPorts: [Port]
    private let requiresAttributes: [String]
    private let group: TaskGroup
    private let isDistinct: Bool
    private let isPinned: Bool
    private let queries: [Query]
    /// Whether constraints ask for what changes as tasks are placed.
    let dependsOnTasks: Bool
    private var evaluator = ClusterQueryEvaluator()

    init(_ task: TaskRecord) {
        reservation = task.reservation
        hostPorts = task.hostPorts
        requiresAttributes = task.requiresAttributes
        group = TaskGroup(task)
        isDistinct = task.placementConstraints.contains(.distinctInstance)
        isPinned = task.pinnedTo != nil
        queries = task.placementConstraints.compactMap { constraint in
            guard case .memberOf(let expression) = constraint else { return nil }
            return Query(expression)
        }
        dependsOnTasks = queries.contains { $0.dependsOnTasks }
    }

    /// Whether the host admits the task as far as the tasks that are there do not matter.
    mutating func suits(_ host: PlacementHost) -> Bool {
        guard host.isActive, host.isConnected else { return false }
        return hasAttributes(host) && satisfies(host) { !$0.dependsOnTasks }
    }

    /// Whether a host that suits admits the task if none of the task's group is there.
    mutating func hasRoom(_ host: PlacementHost) -> Bool {
        let room = host.room(forPinned: isPinned)
        guard reservation.cpu <= room.cpu, reservation.memory <= room.memory, hasPorts(host) else { return false }
        return !dependsOnTasks || satisfies(host) { $0.dependsOnTasks }
    }

    /// Whether nothing that tasks leave or take makes the host admit the task.
    mutating func excludes(_ host: PlacementHost) -> Bool {
        !(host.isActive && hasAttributes(host) && satisfies(host) { _ in true })
    }

    /// The first reason against the host, or nil when it admits the task.
    mutating func refusal(of host: PlacementHost) -> PlacementRefusal? {
        if !host.isActive { return .inactive }
        if !host.isConnected { return .agent }
        let room = host.room(forPinned: isPinned)
        if reservation.cpu > room.cpu { return .cpu }
        if reservation.memory > room.memory { return .memory }
        if !hasPorts(host) { return .ports }
        if !hasAttributes(host) { return .attribute }
        if !satisfies(host, { _ in true }) { return .memberOf }
        return isDistinct && host.count(of: group) > 0 ? .distinctInstance : nil
    }

    private func hasPorts(_ host: PlacementHost) -> Bool {
        hostPorts.isEmpty || host.has(hostPorts, forPinned: isPinned)
    }

    private func hasAttributes(_ host: PlacementHost) -> Bool {
        requiresAttributes.allSatisfy { host.attribute($0) != nil }
    }

    private mutating func satisfies(_ host: PlacementHost, _ isAsked: (Query) -> Bool) -> Bool {
        for query in queries where isAsked(query) {
            guard let parsed = query.parsed, evaluator.admits(host, parsed) else { return false }
        }
        return true
    }
}
