public import Domain
import Identifiers

/// A host as placement sees it: what is free is worked out once, then kept as tasks are placed.
public struct PlacementHost: Sendable {
    public var record: ContainerInstanceRecord { facts.record }
    public let isConnected: Bool
    /// Shared, so that passing a host to a filter copies little.
    private let facts: Facts
    /// What live tasks have left; below zero when the host shrank.
    public private(set) var remaining: Resources
    /// Reserved ones, and those that live tasks fix.
    public private(set) var usedPorts: Set<Port>
    public private(set) var liveTasks = 0
    /// Live tasks that nobody asked to stop.
    private(set) var runningTasks = 0
    private var liveByGroup: [TaskGroup: Int] = [:]
    let isActive: Bool
    private var kept = KeptRoom()

    private final class Facts: Sendable {
        let record: ContainerInstanceRecord
        /// By name: a tenth of what a dictionary would take.
        let attributes: [Attribute]

        init(_ record: ContainerInstanceRecord) {
            self.record = record
            attributes = record.attributes.sorted { $0.name < $1.name }
        }
    }

    /// nil when the host does not carry it; the last of equal names counts.
    func attribute(_ name: String) -> Attribute? {
        let attributes = facts.attributes
        var range = attributes.startIndex..<attributes.endIndex
        while !range.isEmpty {
            let middle = range.lowerBound + range.count / 2
            range = attributes[middle].name <= name ? middle + 1..<range.upperBound : range.lowerBound..<middle
        }
        let last = range.lowerBound - 1
        return attributes.indices.contains(last) && attributes[last].name == name ? attributes[last] : nil
    }

    /// Whether the same tasks may look for a host here as there, and strategies count both in the same zones.
    func isPlacedLike(_ other: PlacementHost) -> Bool {
        PlacementPool.pools(of: record) == PlacementPool.pools(of: other.record)
            && record.attributes == other.record.attributes
    }

    /// - Parameter tasks: every task placed on the host; stopped ones take no room.
    public init(record: ContainerInstanceRecord, isConnected: Bool, tasks: some Sequence<TaskRecord>) {
        facts = Facts(record)
        isActive = record.status == .active
        self.isConnected = isConnected && record.lostAt == nil
        remaining = record.resources
        usedPorts = Set(record.reservedPorts)
        for task in tasks where task.isLive { add(task) }
    }

    mutating func add(_ task: TaskRecord) {
        remaining.cpu.value = remaining.cpu.value.subtractingClamped(task.reservation.cpu.value)
        remaining.memory.value = remaining.memory.value.subtractingClamped(task.reservation.memory.value)
        usedPorts.formUnion(task.hostPorts)
        liveTasks += 1
        if task.desiredStatus == .running { runningTasks += 1 }
        let group = TaskGroup(task)
        liveByGroup[group, default: 0] += 1
        if !kept.isEmpty { kept.release(group) }
    }

    /// Keeps what the task of a daemon will take for it. Pinned tasks, as daemons' are, may take it.
    mutating func keepRoom(for task: TaskRecord) { kept.keep(task) }

    /// What is kept for daemons that are not here yet.
    var keptForDaemons: Resources { kept.resources }

    /// What a task may take.
    func room(forPinned isPinned: Bool) -> Resources {
        guard !isPinned, !kept.isEmpty else { return remaining }
        return Resources(
            cpu: CPUUnits(remaining.cpu.value.subtractingClamped(kept.resources.cpu.value)),
            memory: MemoryMiB(remaining.memory.value.subtractingClamped(kept.resources.memory.value)))
    }

    /// Whether a task may have host ports.
    func has(_ ports: [Port], forPinned isPinned: Bool) -> Bool {
        usedPorts.isDisjoint(with: ports) && (isPinned || kept.ports.isDisjoint(with: ports))
    }

    func count(of group: TaskGroup) -> Int { liveByGroup[group] ?? 0 }

    var groupCounts: [TaskGroup: Int] { liveByGroup }

    var groups: [String] { liveByGroup.keys.map(\.name).sorted() }
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
    func subtractingClamped(_ other: Int) -> Int {
        let (difference, overflow) = subtractingReportingOverflow(other)
        return overflow ? (other > 0 ? .min : .max) : difference
    }
}
