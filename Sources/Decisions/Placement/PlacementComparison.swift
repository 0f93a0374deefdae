/// Compares two hosts of a pool, named by their positions, by the keys of an order.
struct PlacementComparison {
    /// Where the value of a key is found.
    enum Source: Sendable {
        /// It is the host's own.
        case host
        /// It is that of the host's zone.
        case zone
        /// It is the number of the group's tasks on the host.
        case group
        /// It is not looked at: between the hosts that are compared it is equal.
        case none
    }

    /// By key.
    let sources: [Source]
    /// By position, then by key: the host's value, or the number of its zone.
    let values: [Int]
    /// By position; what is equal is decided by it. nil leaves it undecided.
    let hosts: [Int]?
    /// By key, then by the number of the zone; empty for other keys.
    var zones: [[Int]] = []
    /// By position.
    var group: [Int32] = []

    /// Negative, zero or positive as the host at `left` comes before, with or after that at `right`.
    func order(_ left: Int, _ right: Int) -> Int {
        let (leftStart, rightStart) = (left * sources.count, right * sources.count)
        for key in sources.indices {
            let (a, b): (Int, Int)
            switch sources[key] {
            case .host: (a, b) = (values[leftStart + key], values[rightStart + key])
            case .zone: (a, b) = (zones[key][values[leftStart + key]], zones[key][values[rightStart + key]])
            case .group: (a, b) = (Int(group[left]), Int(group[right]))
            case .none: continue
            }
            if a != b { return a < b ? -1 : 1 }
        }
        guard let hosts else { return 0 }
        return hosts[left] - hosts[right]
    }
}
