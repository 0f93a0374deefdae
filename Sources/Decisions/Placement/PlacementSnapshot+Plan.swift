public import Domain
import Identifiers

extension PlacementSnapshot {
    /// Places `tasks` one after the other, each with the earlier ones in mind.
    ///
    /// Pure: equal snapshots, tasks and random numbers give equal plans. Costs little more with more hosts and tasks. Tasks
    /// of one shape that found no host are answered together.
    public mutating func plan(
        _ tasks: some Sequence<TaskRecord>, using random: inout some RandomNumberGenerator
    ) -> PlacementPlan {
        var plan = PlacementPlan()
        hopeless.begin(at: table.changes.end)
        for task in tasks {
            if let known = hopeless.failure(of: task, at: table.changes.end) {
                plan.failures.append(known)
            } else if let index = choose(for: task, using: &random) {
                table.place(task, on: index)
                plan.placements.append(
                    PlacementPlan.Placement(task: task.id, instance: table.hosts[index].record.id))
            } else {
                plan.failures.append(explain(task))
            }
        }
        return plan
    }

    /// The host that the task goes to, as its index; nil when none admits it.
    private mutating func choose(for task: TaskRecord, using random: inout some RandomNumberGenerator) -> Int? {
        guard task.pinnedTo != nil else {
            return index.best(for: task, in: pool(of: task), of: &table, using: &random)
        }
        var filter = PlacementFilter(task)
        return candidates(for: task).first { filter.refusal(of: table.hosts[$0]) == nil }
    }

    /// Why no host admits the task. Looks at each.
    private mutating func explain(_ task: TaskRecord) -> PlacementFailure {
        var filter = PlacementFilter(task)
        var counts = [Int](repeating: 0, count: PlacementRefusal.allCases.count)
        var closest: PlacementRejection?
        for index in candidates(for: task) {
            guard let refusal = filter.refusal(of: table.hosts[index]) else { continue }
            counts[refusal.rawValue] += 1
            if refusal != .inactive, closest.map({ $0.refusal < refusal }) ?? true {
                closest = PlacementRejection(instance: table.hosts[index].record.id, refusal: refusal)
            }
        }
        let refusals = PlacementRefusal.allCases.filter { counts[$0.rawValue] > 0 }
            .map { PlacementRefusalCount(reason: $0.code, hosts: counts[$0.rawValue]) }
            .sorted { $0.reason < $1.reason }
        let failure = PlacementFailure(
            task: task.id, launchType: task.launchType, capacityProvider: task.capacityProvider, refusals: refusals,
            closest: closest)
        // A host that refuses keeps refusing while others are placed, unless a constraint asks for them.
        if !filter.dependsOnTasks { hopeless.remember(failure, of: task) }
        return failure
    }
}
