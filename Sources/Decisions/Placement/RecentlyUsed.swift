/// Values by key, as many as weigh no more than a limit: what was used longest ago goes first.
struct RecentlyUsed<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private struct Entry: Sendable {
        let key: Key
        let weight: Int
        var usedAt: Int
    }

    /// What a value weighs beside what its owner says, so that small ones do not pile up.
    private static var ownWeight: Int { 16 }

    private let limit: Int
    private var weight = 0
    private var clock = 0
    private var slots: [Key: Int] = [:]
    private var entries: [Entry] = []
    /// By slot. A slot holds until the next insertion.
    var values: [Value] = []

    init(limit: Int) { self.limit = limit }

    /// The slot of the value, which counts as used now; nil when there is none.
    mutating func slot(_ key: Key) -> Int? {
        guard let slot = slots[key] else { return nil }
        clock += 1
        entries[slot].usedAt = clock
        return slot
    }

    /// Adds a value under a key that has none. It stays even if it weighs more than the limit by itself.
    /// - Returns: its slot.
    mutating func insert(_ key: Key, _ value: Value, weight said: Int) -> Int {
        let more = said + Self.ownWeight
        while weight + more > limit, let oldest = entries.indices.min(by: { entries[$0].usedAt < entries[$1].usedAt }) {
            remove(oldest)
        }
        clock += 1
        weight += more
        slots[key] = entries.count
        entries.append(Entry(key: key, weight: more, usedAt: clock))
        values.append(value)
        return entries.count - 1
    }

    /// The last value moves to the freed slot.
    private mutating func remove(_ slot: Int) {
        slots[entries[slot].key] = nil
        weight -= entries[slot].weight
        let last = entries.count - 1
        entries.swapAt(slot, last)
        values.swapAt(slot, last)
        entries.removeLast()
        values.removeLast()
        if slot < last { slots[entries[slot].key] = slot }
    }
}
