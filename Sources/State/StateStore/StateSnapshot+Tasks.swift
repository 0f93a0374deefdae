public import Domain
public import Identifiers

extension StateSnapshot {
    /// All tasks of a service, stopped ones included, in order of their ids.
    public func tasks(of service: ServiceID) -> [TaskRecord] { records(taskIndexes.byService.elements(under: service)) }

    /// All tasks of a daemon, stopped ones included, in order of their ids.
    public func tasks(of daemon: DaemonID) -> [TaskRecord] { records(taskIndexes.byDaemon.elements(under: daemon)) }

    /// All tasks ever placed on a host, stopped ones included, in order of their ids.
    public func tasks(on instance: ContainerInstanceID) -> [TaskRecord] {
        records(taskIndexes.byInstance.elements(under: instance))
    }

    /// All tasks made from any revision of a family, stopped ones included, in order of their ids.
    public func tasks(of family: FamilyID) -> [TaskRecord] { records(taskIndexes.byFamily.elements(under: family)) }

    /// The tasks of a service that are not STOPPED, in order of their ids.
    public func liveTasks(of service: ServiceID) -> [TaskRecord] {
        records(taskIndexes.liveByService.elements(under: service))
    }

    /// The tasks on a host that are not STOPPED, in order of their ids.
    public func liveTasks(on instance: ContainerInstanceID) -> [TaskRecord] {
        records(taskIndexes.liveByInstance.elements(under: instance))
    }

    /// How many tasks on a host are not STOPPED.
    public func liveTaskCount(on instance: ContainerInstanceID) -> Int {
        taskIndexes.liveByInstance.count(under: instance)
    }

    /// Tasks that no host has yet and nobody asked to stop, in the order in which they get one.
    public var unplacedTasks: OrderedIndex<WaitingTask> { taskIndexes.unplaced }

    /// Tasks that stopped before `time`, the earliest first.
    public func tasks(stoppedBefore time: Timestamp) -> some Sequence<TaskRecord> {
        taskIndexes.stopped.ascending().lazy.prefix { $0.at < time }.compactMap { tasks[$0.id] }
    }

    /// All tasks of a cluster in order of their ids, from `start` on (inclusive).
    public func tasks(in cluster: ClusterID, from start: TaskID? = nil) -> some Sequence<TaskRecord> {
        tasks.values(from: start ?? TaskID(cluster: cluster, id: "")).lazy
            .prefix { $0.0.cluster == cluster }.map { $0.1 }
    }

    /// All services of a cluster in order of their names, from `start` on (inclusive).
    public func services(in cluster: ClusterID, from start: ServiceID? = nil) -> some Sequence<ServiceRecord> {
        services.values(from: start ?? ServiceID(cluster: cluster, name: "")).lazy
            .prefix { $0.0.cluster == cluster }.map { $0.1 }
    }

    /// All revisions of a family, ascending.
    public func revisions(of family: FamilyID) -> some Sequence<TaskDefinitionRecord> {
        taskDefinitions.values(from: TaskDefinitionID(family: family, revision: 0)).lazy
            .prefix { $0.0.family == family }.map { $0.1 }
    }

    private func records(_ ids: AnySequence<TaskID>) -> [TaskRecord] { ids.compactMap { tasks[$0] } }
}
