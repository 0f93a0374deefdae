import Identifiers

/// What happens next, by time; of equal times, what was scheduled first.
struct EventQueue<Event> {
    private struct Entry {
        var at: Instant
        var number: Int
        var event: Event

        func isBefore(_ other: Entry) -> Bool { at == other.at ? number < other.number : at < other.at }
    }

    /// A binary heap.
    private var entries: [Entry] = []
    private var newest = 0

    var nextAt: Instant? { entries.first?.at }

    mutating func add(_ event: Event, at instant: Instant) {
        newest += 1
        entries.append(Entry(at: instant, number: newest, event: event))
        var child = entries.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard entries[child].isBefore(entries[parent]) else { return }
            entries.swapAt(child, parent)
            child = parent
        }
    }

    mutating func removeFirst() -> (at: Instant, event: Event)? {
        guard let first = entries.first, let last = entries.popLast() else { return nil }
        guard !entries.isEmpty else { return (first.at, first.event) }
        entries[0] = last
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2]
            where child < entries.count && entries[child].isBefore(entries[least]) {
                least = child
            }
            if least == parent { return (first.at, first.event) }
            entries.swapAt(parent, least)
            parent = least
        }
    }
}
