/// Where the hosts of a pool stand in a tree: those of a zone side by side, then by their ids.
///
/// With several attributes the zones of the first contain those of the second, and so on.
struct PlacementLayout: Sendable {
    /// The index of the host by position.
    let hosts: [Int]
    /// By attribute, the zones' numbers by host.
    let zones: [HostZones]
    private var positions: [Int: Int] = [:]
    /// By attribute, by zone: the first and the last position of each range of hosts of the zone.
    private var ends: [[[Int]]]

    /// - Parameter pool: the indices of its hosts, ascending.
    init(_ pool: [Int], zones: [HostZones]) {
        let hosts =
            zones.isEmpty
            ? pool
            : pool.sorted { left, right in
                for zones in zones where zones.numbers[left] != zones.numbers[right] {
                    return zones.numbers[left] < zones.numbers[right]
                }
                return left < right
            }
        self.hosts = hosts
        self.zones = zones
        positions = Dictionary(uniqueKeysWithValues: zip(hosts, hosts.indices))
        ends = zones.map { zones in
            var ends = [[Int]](repeating: [], count: zones.count)
            for position in hosts.indices {
                let zone = zones.numbers[hosts[position]]
                let isFirst = position == 0 || zones.numbers[hosts[position - 1]] != zone
                let isLast = position == hosts.count - 1 || zones.numbers[hosts[position + 1]] != zone
                if isFirst { ends[zone].append(position) }
                if isLast, !isFirst { ends[zone].append(position) }
            }
            return ends
        }
    }

    /// nil for a host that is not of the pool.
    func position(of host: Int) -> Int? { positions[host] }

    /// Where the order between hosts changes when the counts of the zones of a host do. It need not be of the pool.
    func ends(ofZonesOf host: Int) -> [Int] {
        zones.indices.flatMap { ends[$0][zones[$0].numbers[host]] }
    }

    var allEnds: [Int] { ends.flatMap { $0.flatMap { $0 } } }
}
