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

/// The hosts of decisions, with what is free on each: worked out once, kept true while tasks are placed and hosts change.
public struct PlacementSnapshot: Sendable {
    var table: HostTable
    var index: PlacementIndex
    var hopeless = HopelessShapes()
    private let pools: [PlacementPool: [Int]]

    public init(hosts: some Sequence<PlacementHost>) { self.init(hosts: hosts, room: nil) }

    /// - Parameter room: of the index; nil for the usual.
    init(hosts: some Sequence<PlacementHost>, room: Int?) {
        index = PlacementIndex(room: room ?? PlacementIndex.room)
        table = HostTable(hosts.filter { $0.record.status != .inactive })
        var pools: [PlacementPool: [Int]] = [:]
        for index in table.hosts.indices {
            for pool in PlacementPool.pools(of: table.hosts[index].record) { pools[pool, default: []].append(index) }
        }
        self.pools = pools
    }

    /// Takes in hosts as they are now: changed ones and new ones, and without those that are gone.
    ///
    /// Cheap while hosts stay and keep their attributes; else everything is worked out anew, in O(n log n).
    public mutating func update(_ hosts: [PlacementHost], gone: some Sequence<ContainerInstanceID> = []) {
        let gone = Set(gone).union(hosts.filter { $0.record.status == .inactive }.map(\.record.id))
        let hosts = hosts.filter { !gone.contains($0.record.id) }
        let places = hosts.map { host in
            table.index(of: host.record.id).flatMap { table.hosts[$0].isPlacedLike(host) ? $0 : nil }
        }
        if !places.contains(nil), !gone.contains(where: { table.index(of: $0) != nil }) {
            for case (let place?, let host) in zip(places, hosts) { table.replace(place, by: host) }
        } else {
            let outdated = gone.union(hosts.map(\.record.id))
            let others = table.hosts.filter { !outdated.contains($0.record.id) }
            self = PlacementSnapshot(hosts: others + hosts, room: index.room)
        }
    }

    /// Whether any host could ever admit the task by cluster, launch type and capacity provider.
    public func hasHosts(for task: TaskRecord) -> Bool { !pool(of: task).isEmpty }

    /// Every host of the task's pool that does not admit it now, in order of the ids.
    public func rejections(of task: TaskRecord) -> [PlacementRejection] {
        var filter = PlacementFilter(task)
        return candidates(for: task).compactMap { index in
            let host = table.hosts[index]
            return filter.refusal(of: host).map { PlacementRejection(instance: host.record.id, refusal: $0) }
        }
    }

    /// The hosts of the task's pool, as ascending indices.
    func pool(of task: TaskRecord) -> [Int] { pools[PlacementPool(task)] ?? [] }

    /// The hosts of the task's pool; of a pinned one, only that host.
    func candidates(for task: TaskRecord) -> [Int] {
        guard let pinned = task.pinnedTo else { return pool(of: task) }
        guard let index = table.index(of: pinned) else { return [] }
        return PlacementPool.pools(of: table.hosts[index].record).contains(PlacementPool(task)) ? [index] : []
    }
}
