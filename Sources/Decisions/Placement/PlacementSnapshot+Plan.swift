public import Domain
import Identifiers

extension PlacementSnapshot {
    /// Places `tasks` one after the other, each with the earlier ones in mind.
    ///
    /// Pure: equal snapshots, tasks and random numbers give equal plans. Costs one pass over the hosts per task; tasks
    /// of one shape that found no host are answered together.
    public mutating func plan(
        _ tasks: some Sequence<TaskRecord>, using random: inout some RandomNumberGenerator
    ) -> PlacementPlan {
        var plan = PlacementPlan()
        var hopeless: [TaskShape: PlacementFailure] = [:]
        for task in tasks {
            let shape = TaskShape(task)
            if var known = hopeless[shape] {
                known.task = task.id
                plan.failures.append(known)
                continue
            }
            var filter = PlacementFilter(task)
            switch choose(for: task, &filter, using: &random) {
            case .host(let index):
                place(task, on: index)
                plan.placements.append(PlacementPlan.Placement(task: task.id, instance: hosts[index].record.id))
            case .none(let failure):
                plan.failures.append(failure)
                if filter.refusalsLast { hopeless[shape] = failure }
            }
        }
        return plan
    }

    private enum Choice {
        case host(Int)
        case none(PlacementFailure)
    }

    private mutating func choose(
        for task: TaskRecord, _ filter: inout PlacementFilter, using random: inout some RandomNumberGenerator
    ) -> Choice {
        var admitted: [Int] = []
        var counts = [Int](repeating: 0, count: PlacementRefusal.allCases.count)
        var closest: PlacementRejection?
        for index in candidates(for: task) {
            guard let refusal = filter.refusal(of: hosts[index]) else {
                admitted.append(index)
                continue
            }
            counts[refusal.rawValue] += 1
            if refusal != .inactive, closest.map({ $0.refusal < refusal }) ?? true {
                closest = PlacementRejection(instance: hosts[index].record.id, refusal: refusal)
            }
        }
        if let index = prefer(admitted, for: task, using: &random) { return .host(index) }
        let refusals = PlacementRefusal.allCases.filter { counts[$0.rawValue] > 0 }
            .map { PlacementRefusalCount(reason: $0.code, hosts: counts[$0.rawValue]) }
            .sorted { $0.reason < $1.reason }
        return .none(
            PlacementFailure(
                task: task.id, launchType: task.launchType, capacityProvider: task.capacityProvider, refusals: refusals,
                closest: closest))
    }

    /// Narrows the hosts by each strategy in turn; then fewest tasks of the group, fewest tasks, lowest id.
    private mutating func prefer(
        _ admitted: [Int], for task: TaskRecord, using random: inout some RandomNumberGenerator
    ) -> Int? {
        var hosts = admitted
        let strategies =
            task.placementStrategy.isEmpty ? [.spread("attribute:ecs.availability-zone")] : task.placementStrategy
        for strategy in strategies where hosts.count > 1 { narrow(&hosts, by: strategy, for: task, using: &random) }
        guard hosts.count > 1 else { return hosts.first }
        let counts = groupCounts[TaskGroup(task)] ?? [:]
        hosts.keepLeast { counts[$0] ?? 0 }
        hosts.keepLeast { self.hosts[$0].liveTasks }
        return hosts.first
    }

    private mutating func narrow(
        _ hosts: inout [Int], by strategy: PlacementStrategy, for task: TaskRecord,
        using random: inout some RandomNumberGenerator
    ) {
        switch strategy {
        case .random: hosts = hosts.randomElement(using: &random).map { [$0] } ?? []
        case .binpack(.cpu): hosts.keepLeast { self.hosts[$0].remaining.cpu.value }
        case .binpack(.memory): hosts.keepLeast { self.hosts[$0].remaining.memory.value }
        case .spread(let field):
            let counts = groupCounts[TaskGroup(task)] ?? [:]
            guard field.hasPrefix("attribute:") else {
                hosts.keepLeast { counts[$0] ?? 0 }
                return
            }
            let zone = zone(of: String(field.dropFirst(10)))
            var inZone: [Int: Int] = [:]
            for (host, count) in counts { inZone[zone[host], default: 0] += count }
            hosts.keepLeast { inZone[zone[$0]] ?? 0 }
        }
    }
}

/// What decides whether a host admits a task; tasks of one shape are refused alike.
private struct TaskShape: Hashable {
    var group: TaskGroup
    var launchType: LaunchType
    var capacityProvider: String?
    var reservation: Resources
    var hostPorts: [Port]
    var requiresAttributes: [String]
    var constraints: [PlacementConstraint]
    var pinnedTo: ContainerInstanceID?

    init(_ task: TaskRecord) {
        group = TaskGroup(task)
        launchType = task.launchType
        capacityProvider = task.capacityProvider
        reservation = task.reservation
        hostPorts = task.hostPorts
        requiresAttributes = task.requiresAttributes
        constraints = task.placementConstraints
        pinnedTo = task.pinnedTo
    }
}

extension [Int] {
    /// Keeps the elements with the least cost, in their order.
    fileprivate mutating func keepLeast(_ cost: (Int) -> Int) {
        guard let least = self.lazy.map(cost).min() else { return }
        self = filter { cost($0) == least }
    }
}
