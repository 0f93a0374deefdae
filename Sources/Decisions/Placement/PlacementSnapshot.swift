public import Domain
public import Identifiers

/// Which hosts got which tasks, and which tasks got none.
public struct PlacementPlan: Hashable, Sendable {
    public struct Placement: Hashable, Sendable {
        public var task: TaskID
        public var instance: ContainerInstanceID
    }

    public var placements: [Placement] = []
    public var failures: [PlacementFailure] = []
}

/// The hosts of one decision, with what is free on each: worked out once, kept true while tasks are placed.
public struct PlacementSnapshot: Sendable {
    private(set) var hosts: [PlacementHost]
    private let pools: [Pool: [Int]]
    private(set) var groupCounts: [TaskGroup: [Int: Int]] = [:]
    /// Equal attribute values get equal numbers; by attribute name, then by host.
    private var zones: [String: [Int]] = [:]

    /// Where a task may look for a host at all.
    private enum Pool: Hashable, Sendable {
        case managed(Scope)
        case own(ClusterID, LaunchType)
        /// The hosts of one capacity provider of a cluster.
        case provider(ClusterID, String)

        init(_ task: TaskRecord) {
            if task.launchType.isManaged {
                self = .managed(task.id.cluster.scope)
            } else {
                self =
                    task.capacityProvider.map { .provider(task.id.cluster, $0) }
                    ?? .own(task.id.cluster, task.launchType)
            }
        }

        static func pools(of host: ContainerInstanceRecord) -> [Pool] {
            guard let cluster = host.cluster else { return [.managed(host.id.scope)] }
            return [.own(cluster, host.launchType)] + (host.capacityProvider.map { [.provider(cluster, $0)] } ?? [])
        }
    }

    public init(hosts: some Sequence<PlacementHost>) {
        let hosts = hosts.filter { $0.record.status != .inactive }.sorted { $0.record.id < $1.record.id }
        self.hosts = hosts
        var pools: [Pool: [Int]] = [:]
        for index in hosts.indices {
            for pool in Pool.pools(of: hosts[index].record) { pools[pool, default: []].append(index) }
        }
        self.pools = pools
        for index in hosts.indices {
            for (group, count) in hosts[index].groupCounts { groupCounts[group, default: [:]][index] = count }
        }
    }

    /// Whether any host could ever admit the task by cluster, launch type and capacity provider.
    public func hasHosts(for task: TaskRecord) -> Bool { !(pools[Pool(task)] ?? []).isEmpty }

    /// Every host of the task's pool that does not admit it now, in order of the ids.
    public func rejections(of task: TaskRecord) -> [PlacementRejection] {
        var filter = PlacementFilter(task)
        return candidates(for: task).compactMap { index in
            filter.refusal(of: hosts[index]).map { PlacementRejection(instance: hosts[index].record.id, refusal: $0) }
        }
    }

    func candidates(for task: TaskRecord) -> [Int] {
        let pool = pools[Pool(task)] ?? []
        guard let host = task.pinnedTo else { return pool }
        return pool.filter { hosts[$0].record.id == host }
    }

    mutating func place(_ task: TaskRecord, on index: Int) {
        hosts[index].add(task)
        groupCounts[TaskGroup(task), default: [:]][index, default: 0] += 1
    }

    /// For each host a number that is equal where the attribute's value is.
    mutating func zone(of attribute: String) -> [Int] {
        if let known = zones[attribute] { return known }
        var numbers: [String?: Int] = [:]
        let zone = hosts.map { host in
            let value = host.attributes[attribute]?.value
            if let number = numbers[value] { return number }
            numbers[value] = numbers.count
            return numbers.count - 1
        }
        zones[attribute] = zone
        return zone
    }
}
