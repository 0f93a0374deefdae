import Domain

/// Which of the hosts that admit a task comes first: the keys of its strategies one after the other, the least first.
///
/// Without `random` the keys end with the fewest tasks of the group and the fewest tasks, and the lowest id decides what
/// is still equal. With it, chance decides that.
struct PlacementOrder: Sendable {
    enum Key: Hashable, Sendable {
        /// Tasks of the group on all hosts that have the same value of the attribute.
        case zone(String)
        /// Tasks of the group on the host.
        case group
        /// What the host has left.
        case cpu, memory
        /// Tasks on the host.
        case tasks
    }

    /// No key twice: a second time it would decide nothing.
    let keys: [Key]
    let isRandom: Bool

    init(_ strategy: [PlacementStrategy]) {
        let asked = strategy.isEmpty ? [.spread("attribute:ecs.availability-zone")] : strategy
        let before = asked.prefix { $0 != .random }
        isRandom = before.count < asked.count
        var keys: [Key] = []
        for key in before.compactMap(Key.init) + (isRandom ? [] : [.group, .tasks]) where !keys.contains(key) {
            keys.append(key)
        }
        self.keys = keys
    }

    /// The attributes whose zones count.
    var attributes: [String] { keys.compactMap(\.attribute) }
}

extension PlacementOrder.Key {
    /// nil for `random`, which is no key.
    fileprivate init?(_ strategy: PlacementStrategy) {
        switch strategy {
        case .random: return nil
        case .binpack(.cpu): self = .cpu
        case .binpack(.memory): self = .memory
        case .spread(let field): self = field.hasPrefix("attribute:") ? .zone(String(field.dropFirst(10))) : .group
        }
    }

    var attribute: String? { if case .zone(let attribute) = self { attribute } else { nil } }
}
