import Domain

/// The hosts of a pool in the order in which tasks of one shape and group go there.
///
/// Starts as a copy of the shape's ranks, in which only the hosts and zones with tasks of the group stand elsewhere. Each
/// choice takes in what changed since the last one: O(log n) per change, whatever the number of hosts and of tasks.
struct PlacementQueue: Sendable {
    private let group: TaskGroup
    private let isDistinct: Bool
    /// Tasks of the group by position.
    private var counts: [Int32]
    private var tree: PlacementTree
    private var seen = 0

    /// - Parameters:
    ///   - task: any of the shape and group.
    ///   - ranks: those of the shape, as everywhere below: caught up, and of the same table.
    init(for task: TaskRecord, _ ranks: PlacementRanks, in table: HostTable) {
        group = TaskGroup(task)
        isDistinct = task.placementConstraints.contains(.distinctInstance)
        counts = []
        tree = ranks.tree
        begin(ranks, table)
    }

    /// The host, as its index, that a task goes to; nil when none admits it. The table must keep the zones of the order.
    mutating func best(
        _ ranks: PlacementRanks, in table: HostTable, using random: inout some RandomNumberGenerator
    ) -> Int? {
        catchUp(ranks, table)
        guard let best = tree.best else { return nil }
        guard tree.bestCount > 1 else { return ranks.layout.hosts[best] }
        let rank = Int.random(in: 0..<tree.bestCount, using: &random)
        return ranks.layout.hosts[tree.best(rank, by: ranks.comparison(counts, table.counts(of: group)))]
    }

    private mutating func catchUp(_ ranks: PlacementRanks, _ table: HostTable) {
        // Each change costs a few paths; beginning anew costs a copy and a path for each host of the group.
        let bound = max(64, table.counts(of: group).byHost.count)
        guard let changed = table.changes.since(seen), changed.count <= bound else { return begin(ranks, table) }
        guard !changed.isEmpty else { return }
        var touched: Set<Int> = []
        for host in changed {
            touched.formUnion(ranks.layout.ends(ofZonesOf: host))
            if let position = ranks.layout.position(of: host) { touched.insert(position) }
        }
        mend(touched, changed, ranks, table)
    }

    private mutating func begin(_ ranks: PlacementRanks, _ table: HostTable) {
        counts = [Int32](repeating: 0, count: ranks.layout.hosts.count)
        tree = ranks.tree
        let hosts = table.counts(of: group).byHost.keys
        mend(Set(ranks.layout.allEnds).union(hosts.compactMap(ranks.layout.position)), hosts, ranks, table)
    }

    /// Looks at the hosts anew and mends the paths of the touched positions, theirs among them.
    private mutating func mend(
        _ touched: Set<Int>, _ hosts: some Sequence<Int>, _ ranks: PlacementRanks, _ table: HostTable
    ) {
        let group = table.counts(of: group)
        for host in hosts {
            guard let position = ranks.layout.position(of: host) else { continue }
            counts[position] = Int32(clamping: group.byHost[host] ?? 0)
            tree.set(position, isIn: ranks.tree.contains(position) && !(isDistinct && counts[position] > 0))
        }
        let comparison = ranks.comparison(counts, group)
        if tree.isCheaperWhole(than: touched.count) {
            tree.mendWhole(by: comparison)
        } else {
            for position in touched { tree.mend(position, by: comparison) }
        }
        seen = table.changes.end
    }
}
