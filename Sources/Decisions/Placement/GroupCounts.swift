/// How many live tasks of one group are where.
struct GroupCounts: Sendable {
    /// By host, as its index.
    private(set) var byHost: [Int: Int] = [:]
    /// By attribute, then by zone. A list: those of one strategy, so they are very few.
    private var byZone: [(attribute: String, zones: HostZones, counts: [Int])] = []

    /// - Parameter more: below zero when tasks go.
    mutating func add(_ more: Int, on host: Int) {
        let count = (byHost[host] ?? 0) + more
        byHost[host] = count > 0 ? count : nil
        for index in byZone.indices { byZone[index].counts[byZone[index].zones.numbers[host]] += more }
    }

    /// Whether it counts by the zones of each of these attributes.
    func keeps(_ attributes: [String]) -> Bool {
        attributes.allSatisfy { attribute in byZone.contains { $0.attribute == attribute } }
    }

    /// Counts by the zones of these attributes from now on, and of no others.
    mutating func keep(_ zones: [(attribute: String, zones: HostZones)]) {
        byZone = zones.map { attribute, zones in
            var counts = [Int](repeating: 0, count: zones.count)
            for (host, count) in byHost { counts[zones.numbers[host]] += count }
            return (attribute, zones, counts)
        }
    }

    /// By zone; empty unless it is kept.
    func counts(by attribute: String) -> [Int] { byZone.first { $0.attribute == attribute }?.counts ?? [] }
}
