import Domain

/// What the hosts of a pool are to tasks of one shape whatever their group: who admits them, and who comes first among
/// those of a zone that have no task of the group.
///
/// Made once in O(n log n) and kept true with every host that changes; groups with tasks of equal shape share it.
struct PlacementRanks: Sendable {
    let order: PlacementOrder
    let layout: PlacementLayout
    private var suitable: SuitableHosts
    private var filter: PlacementFilter
    private var values: [Int] = []
    private(set) var tree: PlacementTree
    private var seen = 0

    /// - Parameter task: any of the shape.
    init(
        for task: TaskRecord, _ order: PlacementOrder, _ layout: PlacementLayout, _ suitable: SuitableHosts,
        in table: HostTable
    ) {
        self.order = order
        self.layout = layout
        self.suitable = suitable
        filter = PlacementFilter(task)
        tree = PlacementTree(count: layout.hosts.count, countsEquals: order.isRandom)
        rank(in: table)
    }

    mutating func catchUp(with table: HostTable) {
        suitable.catchUp(with: table)
        guard let changed = table.changes.since(seen), !tree.isCheaperWhole(than: changed.count) else {
            rank(in: table)
            return
        }
        let positions = changed.compactMap(layout.position)
        for position in positions { set(position, in: table) }
        let comparison = ownComparison
        for position in positions { tree.mend(position, by: comparison) }
        seen = table.changes.end
    }

    /// Compares hosts as a group sees them.
    /// - Parameter counts: tasks of the group by position.
    func comparison(_ counts: [Int32], _ group: GroupCounts) -> PlacementComparison {
        PlacementComparison(
            sources: order.keys.map(\.source), values: values, hosts: order.isRandom ? nil : layout.hosts,
            zones: order.keys.map { $0.attribute.map(group.counts) ?? [] }, group: counts)
    }

    private mutating func rank(in table: HostTable) {
        values = [Int](repeating: 0, count: layout.hosts.count * order.keys.count)
        for position in layout.hosts.indices { set(position, in: table) }
        tree.mendWhole(by: ownComparison)
        seen = table.changes.end
    }

    private mutating func set(_ position: Int, in table: HostTable) {
        let index = layout.hosts[position]
        var zones = layout.zones.makeIterator()
        for (column, key) in order.keys.enumerated() {
            let value: Int
            switch key {
            case .zone: value = zones.next()?.numbers[index] ?? 0
            case .cpu: value = table.hosts[index].remaining.cpu.value
            case .memory: value = table.hosts[index].remaining.memory.value
            case .tasks: value = table.hosts[index].liveTasks
            case .group: value = 0
            }
            values[position * order.keys.count + column] = value
        }
        tree.set(position, isIn: suitable[index] && filter.hasRoom(table.hosts[index]))
    }

    private var ownComparison: PlacementComparison {
        PlacementComparison(
            sources: order.keys.map { $0.source == .host ? .host : .none }, values: values,
            hosts: order.isRandom ? nil : layout.hosts)
    }
}

extension PlacementOrder.Key {
    fileprivate var source: PlacementComparison.Source {
        switch self {
        case .zone: .zone
        case .group: .group
        case .cpu, .memory, .tasks: .host
        }
    }
}
