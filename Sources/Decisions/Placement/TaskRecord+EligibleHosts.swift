public import Domain
public import Identifiers

extension TaskRecord {
    /// The hosts that may ever run the task, whatever they have left now and whether or not they are connected, in the
    /// order given: where a service with the DAEMON strategy has a task.
    /// - Parameter tasks: what is placed on a host; asked only when a constraint does.
    public func eligibleHosts(
        among hosts: some Sequence<ContainerInstanceRecord>, tasks: (ContainerInstanceID) -> [TaskRecord]
    ) -> [ContainerInstanceID] {
        var filter = PlacementFilter(self)
        let pool = PlacementPool(self)
        return hosts.compactMap { record in
            guard pinnedTo == nil || pinnedTo == record.id, PlacementPool.pools(of: record).contains(pool) else {
                return nil
            }
            let tasks = filter.dependsOnTasks ? tasks(record.id) : []
            return filter.excludes(PlacementHost(record: record, isConnected: true, tasks: tasks)) ? nil : record.id
        }
    }
}
