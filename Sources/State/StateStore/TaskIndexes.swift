import Domain
import Identifiers

/// The secondary indexes of the task table.
struct TaskIndexes: Sendable {
    private(set) var byService = IndexByKey<ServiceID, TaskID>()
    private(set) var byDaemon = IndexByKey<DaemonID, TaskID>()
    private(set) var byInstance = IndexByKey<ContainerInstanceID, TaskID>()
    private(set) var byFamily = IndexByKey<FamilyID, TaskID>()
    private(set) var liveByService = IndexByKey<ServiceID, TaskID>()
    private(set) var liveByInstance = IndexByKey<ContainerInstanceID, TaskID>()
    private(set) var unplaced = OrderedIndex<TaskID>()
    private(set) var stopped = OrderedIndex<StoppedTask>()

    mutating func update(_ id: TaskID, from old: TaskRecord?, to new: TaskRecord?) {
        byService.move(id, from: old?.service, to: new?.service)
        byDaemon.move(id, from: old?.daemonRevision?.daemon, to: new?.daemonRevision?.daemon)
        byInstance.move(id, from: old?.placement?.instance, to: new?.placement?.instance)
        byFamily.move(id, from: old?.definition.family, to: new?.definition.family)
        let wasLive = old.flatMap { $0.isLive ? $0 : nil }
        let isLive = new.flatMap { $0.isLive ? $0 : nil }
        liveByService.move(id, from: wasLive?.service, to: isLive?.service)
        liveByInstance.move(id, from: wasLive?.placement?.instance, to: isLive?.placement?.instance)
        unplaced.move(from: Self.unplaced(wasLive), to: Self.unplaced(isLive))
        stopped.move(from: old.flatMap(StoppedTask.init), to: new.flatMap(StoppedTask.init))
    }

    private static func unplaced(_ live: TaskRecord?) -> TaskID? { live?.placement == nil ? live?.id : nil }
}

/// A stopped task in order of when it stopped.
struct StoppedTask: Comparable, Sendable {
    var at: Timestamp
    var id: TaskID

    init(at: Timestamp, id: TaskID) {
        self.at = at
        self.id = id
    }

    /// nil while the task is live. One whose node gave no time counts from its creation.
    init?(_ task: TaskRecord) {
        guard !task.isLive else { return nil }
        self.init(at: task.stoppedAt ?? task.createdAt, id: task.id)
    }

    static func < (lhs: StoppedTask, rhs: StoppedTask) -> Bool { (lhs.at, lhs.id) < (rhs.at, rhs.id) }
}

extension OrderedIndex {
    /// Replaces one element by another; nil is none.
    fileprivate mutating func move(from old: Element?, to new: Element?) {
        guard old != new else { return }
        if let old { remove(old) }
        if let new { insert(new) }
    }
}
