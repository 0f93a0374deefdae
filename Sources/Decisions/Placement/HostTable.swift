import Domain
import Identifiers

/// The hosts of a snapshot in order of their ids, and what is counted of them. A host is named by its index.
struct HostTable: Sendable {
    /// Most numbers of zones of all attributes together; one takes 8 bytes. Enough for 20 attributes of 50,000 hosts.
    private static let zonesLimit = 1_000_000

    private(set) var hosts: [PlacementHost]
    private var groups: [TaskGroup: GroupCounts] = [:]
    /// By attribute.
    private var zones = RecentlyUsed<String, HostZones>(limit: zonesLimit)
    /// Every host that changed, by placements as well.
    private(set) var changes = ChangedHosts()
    /// Those that changed otherwise.
    private(set) var replacements = ChangedHosts()

    /// - Parameter hosts: in any order, without two of one id.
    init(_ hosts: [PlacementHost]) {
        self.hosts = hosts.sorted { $0.record.id < $1.record.id }
        for index in self.hosts.indices { count(self.hosts[index], index, 1) }
    }

    /// The index of a host; nil when there is none of that id.
    func index(of id: ContainerInstanceID) -> Int? {
        var range = hosts.startIndex..<hosts.endIndex
        while !range.isEmpty {
            let middle = range.lowerBound + range.count / 2
            let other = hosts[middle].record.id
            if other == id { return middle }
            range = other < id ? middle + 1..<range.upperBound : range.lowerBound..<middle
        }
        return nil
    }

    /// Counts in a task that the host gets.
    mutating func place(_ task: TaskRecord, on index: Int) {
        hosts[index].add(task)
        groups[TaskGroup(task), default: GroupCounts()].add(1, on: index)
        changes.append(index)
    }

    /// Puts the same host in its place, as it is now. Its attributes must be the same, for zones follow them.
    mutating func replace(_ index: Int, by host: PlacementHost) {
        // Counted in before the old ones are counted out: a group that stays keeps what is counted of it.
        count(host, index, 1)
        count(hosts[index], index, -1)
        hosts[index] = host
        changes.append(index)
        replacements.append(index)
    }

    private mutating func count(_ host: PlacementHost, _ index: Int, _ sign: Int) {
        for (group, count) in host.groupCounts {
            groups[group, default: GroupCounts()].add(sign * count, on: index)
            if sign < 0, groups[group]?.byHost.isEmpty == true { groups[group] = nil }
        }
    }

    func counts(of group: TaskGroup) -> GroupCounts { groups[group] ?? GroupCounts() }

    /// Makes `counts(of:)` count by the zones of these attributes.
    mutating func keepZones(of attributes: [String], for group: TaskGroup) {
        if groups[group]?.keeps(attributes) == true { return }
        let zones = attributes.map { ($0, self.zones(of: $0)) }
        groups[group, default: GroupCounts()].keep(zones)
    }

    mutating func zones(of attribute: String) -> HostZones {
        if let slot = zones.slot(attribute) { return zones.values[slot] }
        let made = HostZones(of: attribute, on: hosts)
        _ = zones.insert(attribute, made, weight: hosts.count)
        return made
    }
}
