import Domain

/// Which hosts of a pool suit tasks whatever runs there: attributes, connection and constraints.
///
/// Asking is dear and the answer lasts, so tasks of all sizes share it.
struct SuitableHosts: Sendable {
    private var filter: PlacementFilter
    /// By host, as its index; without meaning for those of other pools.
    private var suits: [Bool]
    private let pool: [Int]
    private var seen: Int

    /// - Parameter task: any with the same attributes and constraints.
    init(_ pool: [Int], for task: TaskRecord, in table: HostTable) {
        self.pool = pool
        filter = PlacementFilter(task)
        suits = [Bool](repeating: false, count: table.hosts.count)
        seen = table.replacements.end
        for index in pool { suits[index] = filter.suits(table.hosts[index]) }
    }

    subscript(index: Int) -> Bool { suits[index] }

    mutating func catchUp(with table: HostTable) {
        guard seen < table.replacements.end else { return }
        for index in table.replacements.since(seen).map(Array.init) ?? pool {
            suits[index] = filter.suits(table.hosts[index])
        }
        seen = table.replacements.end
    }
}
