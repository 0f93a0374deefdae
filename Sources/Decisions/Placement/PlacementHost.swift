public import Domain
import Identifiers

/// A host as placement sees it: what is free is worked out once, then kept as tasks are placed.
public struct PlacementHost: Sendable {
    public let record: ContainerInstanceRecord
    public let isConnected: Bool
    /// What live tasks have left; below zero when the host shrank.
    public private(set) var remaining: Resources
    /// Reserved ones, and those that live tasks fix.
    public private(set) var usedPorts: Set<Port>
    public private(set) var liveTasks = 0
    /// Live tasks that nobody asked to stop.
    private(set) var runningTasks = 0
    private var liveByGroup: [TaskGroup: Int] = [:]
    let attributes: [String: Attribute]

    /// - Parameter tasks: every task placed on the host; stopped ones take no room.
    public init(record: ContainerInstanceRecord, isConnected: Bool, tasks: some Sequence<TaskRecord>) {
        self.record = record
        self.isConnected = isConnected && record.lostAt == nil
        remaining = record.resources
        usedPorts = Set(record.reservedPorts)
        attributes = Dictionary(record.attributes.map { ($0.name, $0) }) { $1 }
        for task in tasks where task.isLive { add(task) }
    }

    mutating func add(_ task: TaskRecord) {
        remaining.cpu.value = remaining.cpu.value.subtractingClamped(task.reservation.cpu.value)
        remaining.memory.value = remaining.memory.value.subtractingClamped(task.reservation.memory.value)
        usedPorts.formUnion(task.hostPorts)
        liveTasks += 1
        if task.desiredStatus == .running { runningTasks += 1 }
        liveByGroup[TaskGroup(task), default: 0] += 1
    }

    func count(of group: TaskGroup) -> Int { liveByGroup[group] ?? 0 }

    var groupCounts: [TaskGroup: Int] { liveByGroup }

    var groups: [String] { liveByGroup.keys.map(\.name).sorted() }

    var isActive: Bool { record.status == .active }
}

/// The tasks that strategies and `distinctInstance` count together.
struct TaskGroup: Hashable, Sendable {
    var cluster: ClusterID
    var name: String

    init(_ task: TaskRecord) {
        cluster = task.id.cluster
        name = task.group
    }
}

extension Int {
    fileprivate func subtractingClamped(_ other: Int) -> Int {
        let (difference, overflow) = subtractingReportingOverflow(other)
        return overflow ? (other > 0 ? .min : .max) : difference
    }
}
