import Domain

/// For each host, as its index, the number of its zone: equal where an attribute's value is.
struct HostZones: Sendable {
    private(set) var numbers: [Int] = []
    /// Zones are numbered from 0 in the order in which the hosts show them.
    private(set) var count = 0

    init(of attribute: String, on hosts: [PlacementHost]) {
        var known: [String?: Int] = [:]
        numbers.reserveCapacity(hosts.count)
        for host in hosts {
            let value = host.attribute(attribute)?.value
            if let number = known[value] {
                numbers.append(number)
            } else {
                known[value] = count
                numbers.append(count)
                count += 1
            }
        }
    }
}
