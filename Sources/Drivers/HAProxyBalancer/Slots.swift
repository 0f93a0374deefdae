import Balancer

/// A target in a prepared place of its group.
struct Slot: Hashable {
    var target: TargetPlan
    /// Whether it is past its first checks, so that it takes traffic when no target is healthy.
    var isProven: Bool
}

/// A group's prepared places, the first `s1`. A target keeps its place as long as it is in the plan, so that every worker,
/// old or new, means the same target by the same place.
struct Slots: Hashable {
    /// Places a group has at least. More cost memory and reading of statistics; fewer cost reloads.
    static let least = 16
    /// More than any group of ELB has; a larger one would only cost memory.
    static let most = 1 << 16

    var places: [Slot?] = []

    /// Gives every target of `targets` a place: its own, a free one, or one in twice the room.
    mutating func fit(_ targets: [TargetPlan]) {
        var wanted: [Endpoint: TargetPlan] = [:]
        for target in targets { wanted[Endpoint(target)] = target }
        for index in places.indices {
            guard let slot = places[index] else { continue }
            if let target = wanted.removeValue(forKey: Endpoint(slot.target)) {
                places[index]?.target = target
            } else {
                places[index] = nil
            }
        }
        let newcomers = targets.filter { wanted.removeValue(forKey: Endpoint($0)) != nil }
        let taken = places.count { $0 != nil }
        var room = max(Self.least, places.count)
        while room < taken &+ newcomers.count, room < Self.most { room = room &* 2 }
        places += Array(repeating: nil, count: room &- places.count)
        var free = places.indices.filter { places[$0] == nil }.makeIterator()
        for target in newcomers {
            guard let index = free.next() else { return }
            places[index] = Slot(target: target, isProven: false)
        }
    }

    /// The same room, all of it free.
    var empty: Slots { Slots(places: Array(repeating: nil, count: places.count)) }
}

/// A target's address and port, which tell it from all others of its group.
struct Endpoint: Hashable {
    var address: String
    var port: Int

    /// Where the server of an empty place points; it is in maintenance.
    static let nowhere = Endpoint(address: "127.0.0.1", port: 1)

    init(address: String, port: Int) {
        self.address = address
        self.port = port
    }

    init(_ target: TargetPlan) { self.init(address: Address.canonical(target.address), port: target.port) }
}
