public import Domain
public import Identifiers

/// Capacity that tasks of one cluster wait for, of one provider or launch type.
public struct CapacityNeed: Hashable, Sendable {
    public var cluster: ClusterID
    public var launchType: LaunchType
    /// nil where the tasks name a launch type.
    public var capacityProvider: String?
    /// Tasks that no host admits.
    public var tasks: Int
    /// What they reserve together.
    public var resources: Resources
    /// The most of each that one of them reserves: a host with less is no help to it.
    public var largest: Resources
    /// Hosts that are used, and those that would hold what waits.
    public var instancesNeeded: Int
    /// How many hosts the provider's managed scaling wants there: where the reservation is at its target, as far as one step
    /// out goes. Without managed scaling those that are needed.
    public var instancesWanted: Int
    /// Hosts of the provider or launch type that are there; those that drain are on their way out.
    public var instancesRunning: Int
    /// Where fewer are wanted than there are: the hosts that run nothing but daemons, which may go.
    public var idle: [ContainerInstanceID] = []

    /// ECS's metric of the same name, in percent: 100 where there is as much as is needed, 200 where there is nothing at all.
    /// - Source: Amazon ECS Developer Guide, "Amazon ECS cluster auto scaling", CapacityProviderReservation.
    public var reservation: Double {
        guard instancesRunning > 0 else { return instancesNeeded > 0 ? 200 : 100 }
        return Double(instancesNeeded) / Double(instancesRunning) * 100
    }

    /// What the waiting tasks are short of, in order of cluster, launch type and provider.
    ///
    /// - Parameters:
    ///   - waiting: tasks without a host. Those for one certain host are left out: no other one helps them.
    ///   - hosts: every host with its live tasks.
    ///   - scaling: of a provider; nil where it is not managed, and may grow by as many as are missing.
    public static func needs(
        of waiting: some Sequence<TaskRecord>, on hosts: [(record: ContainerInstanceRecord, tasks: [TaskRecord])],
        scaling: (CapacityProviderID) -> ManagedScaling?
    ) -> [CapacityNeed] {
        let pools = Dictionary(grouping: waiting.filter { $0.pinnedTo == nil }, by: Pool.init)
        return pools.sorted { $0.key < $1.key }.map { pool, tasks in
            let running = hosts.filter { $0.record.status == .active && pool.holds($0.record) }
            let used = running.count { $0.tasks.contains { $0.isLive && $0.daemonRevision == nil } }
            let size = running.map(\.record.resources).max { ($0.cpu, $0.memory) < ($1.cpu, $1.memory) }
            let missing = HostPacking.hosts(for: tasks, of: size)
            let provider = pool.provider.map { CapacityProviderID(scope: pool.cluster.scope, name: $0) }
            let scaling = provider.flatMap(scaling)
            let needed = used + (scaling?.step(missing) ?? missing)
            return CapacityNeed(
                cluster: pool.cluster, launchType: pool.launchType, capacityProvider: pool.provider,
                tasks: tasks.count, resources: tasks.map(\.reservation).reduce(.zero) { $0.adding($1) },
                largest: tasks.map(\.reservation).reduce(.zero) { $0.larger($1) }, instancesNeeded: needed,
                instancesWanted: scaling?.wanted(needed: used + missing, running: running.count) ?? needed,
                instancesRunning: running.count)
        }
    }
}

/// Where tasks look for a host, each cluster for itself.
private struct Pool: Hashable, Comparable {
    var cluster: ClusterID
    var launchType: LaunchType
    var provider: String?

    init(_ task: TaskRecord) {
        cluster = task.id.cluster
        launchType = task.launchType
        provider = task.capacityProvider
    }

    func holds(_ host: ContainerInstanceRecord) -> Bool {
        if launchType.isManaged { return host.cluster == nil && host.id.scope == cluster.scope }
        guard host.cluster == cluster else { return false }
        return provider.map { host.capacityProvider == $0 } ?? (host.launchType == launchType)
    }

    static func < (lhs: Pool, rhs: Pool) -> Bool {
        (lhs.cluster, lhs.launchType.rawValue, lhs.provider ?? "")
            < (rhs.cluster, rhs.launchType.rawValue, rhs.provider ?? "")
    }
}

/// How many empty hosts hold tasks: the largest first, each on the first host with room.
private struct HostPacking {
    /// Beyond these the number of hosts grows as it did so far: packing stays cheap however many tasks wait.
    private static let sample = 1_000

    private var left: Resources
    private var ports: Set<Port> = []
    private var alone: Set<TaskGroup> = []

    /// - Parameter size: of a new host; nil where none shows what they are like.
    static func hosts(for tasks: [TaskRecord], of size: Resources?) -> Int {
        guard let size, !tasks.isEmpty else { return tasks.isEmpty ? 0 : 1 }
        let largestFirst = tasks.sorted {
            ($0.reservation.cpu, $0.reservation.memory, $1.id) > ($1.reservation.cpu, $1.reservation.memory, $0.id)
        }
        var hosts: [HostPacking] = []
        let sample = largestFirst.prefix(Self.sample)
        for task in sample {
            if let index = hosts.firstIndex(where: { $0.admits(task) }) {
                hosts[index].add(task)
            } else {
                // A task that is larger than such hosts needs one of another size: one all the same.
                var host = HostPacking(left: size)
                host.add(task)
                hosts.append(host)
            }
        }
        return (hosts.count * tasks.count + sample.count - 1) / sample.count
    }

    private init(left: Resources) { self.left = left }

    private func admits(_ task: TaskRecord) -> Bool {
        task.reservation.cpu <= left.cpu && task.reservation.memory <= left.memory
            && ports.isDisjoint(with: task.hostPorts)
            && !(task.placementConstraints.contains(.distinctInstance) && alone.contains(TaskGroup(task)))
    }

    private mutating func add(_ task: TaskRecord) {
        left = left.removing(task.reservation)
        ports.formUnion(task.hostPorts)
        alone.insert(TaskGroup(task))
    }
}

extension Resources {
    fileprivate func adding(_ other: Resources) -> Resources {
        func sum(_ lhs: Int, _ rhs: Int) -> Int {
            let (sum, isTooLarge) = lhs.addingReportingOverflow(rhs)
            return isTooLarge ? .max : sum
        }
        return Resources(
            cpu: CPUUnits(sum(cpu.value, other.cpu.value)), memory: MemoryMiB(sum(memory.value, other.memory.value)))
    }

    /// What is left, nothing at least.
    fileprivate func removing(_ other: Resources) -> Resources {
        Resources(
            cpu: CPUUnits(other.cpu < cpu ? cpu.value - max(0, other.cpu.value) : 0),
            memory: MemoryMiB(other.memory < memory ? memory.value - max(0, other.memory.value) : 0))
    }

    fileprivate func larger(_ other: Resources) -> Resources {
        Resources(cpu: max(cpu, other.cpu), memory: max(memory, other.memory))
    }
}
