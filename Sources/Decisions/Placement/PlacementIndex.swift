import Domain

/// Finds the host that comes first for a task without looking at all of them.
///
/// Chooses what a scan of all hosts would: filters, then the keys of the order, then the lowest id. Where chance decides
/// between hosts that are equal so far, it counts them zone by zone, then by their ids.
/// Tasks with equal attributes and constraints share `SuitableHosts`; those of a shape share `PlacementRanks`, made from
/// them; those of a group have a `PlacementQueue`, made from the ranks. All are kept as long as there is room.
struct PlacementIndex: Sendable {
    /// Hosts that there is room for: in all layouts together, in all ranks, and twice as many in all queues; one of each
    /// takes some 120 bytes. Enough for 20 shapes and 40 groups on 50,000 hosts; with less, those that alternate are made
    /// again and again.
    static let room = 1_000_000

    private struct LayoutKey: Hashable, Sendable {
        var pool: PlacementPool
        var attributes: [String]
    }

    private struct SuitableKey: Hashable, Sendable {
        var pool: PlacementPool
        var requiresAttributes: [String]
        var constraints: [PlacementConstraint]
    }

    private struct RanksKey: Hashable, Sendable {
        var suitable: SuitableKey
        var reservation: Resources
        var hostPorts: [Port]
        var strategy: [PlacementStrategy]

        init(_ task: TaskRecord) {
            suitable = SuitableKey(
                pool: PlacementPool(task), requiresAttributes: task.requiresAttributes,
                constraints: task.placementConstraints)
            reservation = task.reservation
            hostPorts = task.hostPorts
            strategy = task.placementStrategy
        }
    }

    private struct QueueKey: Hashable, Sendable {
        var ranks: RanksKey
        var group: TaskGroup
    }

    let room: Int
    private var layouts: RecentlyUsed<LayoutKey, PlacementLayout>
    private var suitable: RecentlyUsed<SuitableKey, SuitableHosts>
    private var ranks: RecentlyUsed<RanksKey, PlacementRanks>
    private var queues: RecentlyUsed<QueueKey, PlacementQueue>

    init(room: Int) {
        self.room = room
        layouts = RecentlyUsed(limit: room)
        suitable = RecentlyUsed(limit: room)
        ranks = RecentlyUsed(limit: room)
        queues = RecentlyUsed(limit: 2 * room)
    }

    /// The host, as its index, that the task goes to; nil when none admits it.
    /// - Parameter pool: the indices of the task's pool, ascending.
    mutating func best(
        for task: TaskRecord, in pool: [Int], of table: inout HostTable,
        using random: inout some RandomNumberGenerator
    ) -> Int? {
        let key = RanksKey(task)
        let slot = slot(of: key, for: task, pool, &table)
        table.keepZones(of: ranks.values[slot].order.attributes, for: TaskGroup(task))
        ranks.values[slot].catchUp(with: table)
        let queue = self.slot(of: QueueKey(ranks: key, group: TaskGroup(task)), for: task, ranks.values[slot], table)
        return queues.values[queue].best(ranks.values[slot], in: table, using: &random)
    }

    private mutating func slot(
        of key: RanksKey, for task: TaskRecord, _ pool: [Int], _ table: inout HostTable
    ) -> Int {
        if let slot = ranks.slot(key) { return slot }
        let order = PlacementOrder(task.placementStrategy)
        let layout = layout(LayoutKey(pool: key.suitable.pool, attributes: order.attributes), pool, &table)
        let suitable = suitable(key.suitable, for: task, pool, table)
        return ranks.insert(key, PlacementRanks(for: task, order, layout, suitable, in: table), weight: pool.count)
    }

    private mutating func slot(
        of key: QueueKey, for task: TaskRecord, _ ranks: PlacementRanks, _ table: HostTable
    ) -> Int {
        if let slot = queues.slot(key) { return slot }
        return queues.insert(key, PlacementQueue(for: task, ranks, in: table), weight: ranks.layout.hosts.count)
    }

    private mutating func suitable(
        _ key: SuitableKey, for task: TaskRecord, _ pool: [Int], _ table: HostTable
    ) -> SuitableHosts {
        if let slot = suitable.slot(key) {
            suitable.values[slot].catchUp(with: table)
            return suitable.values[slot]
        }
        let made = SuitableHosts(pool, for: task, in: table)
        _ = suitable.insert(key, made, weight: table.hosts.count)
        return made
    }

    private mutating func layout(_ key: LayoutKey, _ pool: [Int], _ table: inout HostTable) -> PlacementLayout {
        if let slot = layouts.slot(key) { return layouts.values[slot] }
        let layout = PlacementLayout(pool, zones: key.attributes.map { table.zones(of: $0) })
        _ = layouts.insert(key, layout, weight: pool.count)
        return layout
    }
}
