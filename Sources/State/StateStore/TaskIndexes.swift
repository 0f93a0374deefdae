import Domain
public import Identifiers

/// The secondary indexes of the task table.
struct TaskIndexes: Sendable {
    private(set) var byService = IndexByKey<ServiceID, TaskID>()
    private(set) var byDaemon = IndexByKey<DaemonID, TaskID>()
    private(set) var byInstance = IndexByKey<ContainerInstanceID, TaskID>()
    private(set) var byFamily = IndexByKey<FamilyID, TaskID>()
    private(set) var liveByService = IndexByKey<ServiceID, TaskID>()
    private(set) var liveByInstance = IndexByKey<ContainerInstanceID, TaskID>()
    private(set) var unplaced = OrderedIndex<WaitingTask>()
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
        unplaced.move(from: wasLive.flatMap(WaitingTask.init), to: isLive.flatMap(WaitingTask.init))
        stopped.move(from: old.flatMap(StoppedTask.init), to: new.flatMap(StoppedTask.init))
    }
}

/// A task without a host in the order in which tasks get one: pinned ones, for what a host has left is theirs before it is
/// anybody's; then the oldest.
public struct WaitingTask: Comparable, Sendable {
    public let id: TaskID
    private let isPinned: Bool
    private let createdAt: Timestamp

    /// nil for a task that has a host. It must be live.
    init?(_ task: TaskRecord) {
        guard task.placement == nil else { return nil }
        id = task.id
        isPinned = task.pinnedTo != nil
        createdAt = task.createdAt
    }

    public static func < (lhs: WaitingTask, rhs: WaitingTask) -> Bool {
        if lhs.isPinned != rhs.isPinned { return lhs.isPinned }
        return (lhs.createdAt, lhs.id) < (rhs.createdAt, rhs.id)
    }
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
