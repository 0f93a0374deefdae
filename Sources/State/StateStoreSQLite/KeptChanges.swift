import DequeModule

/// How much of the change log the file holds, so that the oldest can go when it grows too large.
struct KeptChanges {
    struct Entry {
        var revision: Int64
        var bytes: Int
    }

    private var entries: Deque<Entry> = []
    private var bytes = 0

    mutating func add(_ entry: Entry) {
        entries.append(entry)
        bytes += entry.bytes
    }

    /// The newest revision that must go so that what is here and `added` bytes fit in `limit`; nil when all fits.
    func surplus(adding added: Int, limit: Int) -> Int64? {
        var excess = bytes + added - limit
        var newest: Int64?
        for entry in entries {
            if excess <= 0 { break }
            excess -= entry.bytes
            newest = entry.revision
        }
        return newest
    }

    /// Forgets everything up to `revision`.
    mutating func forget(through revision: Int64) {
        while let oldest = entries.first, oldest.revision <= revision {
            entries.removeFirst()
            bytes -= oldest.bytes
        }
    }
}
