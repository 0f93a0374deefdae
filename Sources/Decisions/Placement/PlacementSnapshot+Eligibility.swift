public import Domain
public import Identifiers

extension PlacementSnapshot {
    /// The hosts that may ever run the task, whatever they have left now and whether or not they are connected, in order
    /// of their ids: where a service with the DAEMON strategy has a task.
    public func eligibleHosts(for task: TaskRecord) -> [ContainerInstanceID] {
        var filter = PlacementFilter(task)
        return candidates(for: task).compactMap { filter.excludes(hosts[$0]) ? nil : hosts[$0].record.id }
    }
}
