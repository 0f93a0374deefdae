import DequeModule

/// The newest commits, kept in memory so that a watcher can resume.
struct ChangeLog {
    private var batches: Deque<CommitBatch> = []
    private var changeCount = 0
    /// Everything after this revision is here.
    private(set) var base: Revision
    private let limit: Int

    /// - Parameter limit: most changes kept. Larger costs memory (records are shared with the tables as long as they are
    ///   current); smaller sends slow watchers back to a snapshot sooner.
    init(base: Revision, limit: Int) {
        self.base = base
        self.limit = limit
    }

    mutating func append(_ batch: CommitBatch) {
        batches.append(batch)
        changeCount += batch.changes.count
        while changeCount > limit, let oldest = batches.popFirst() {
            changeCount -= oldest.changes.count
            base = oldest.revision
        }
    }

    /// Every batch after `revision`, or nil when some of them are forgotten.
    func batches(after revision: Revision) -> [CommitBatch]? {
        guard revision >= base else { return nil }
        return Array(batches.reversed().prefix { $0.revision > revision }.reversed())
    }

    /// At most `limit` batches after `revision`, oldest first, or nil when some of them are forgotten.
    func batches(after revision: Revision, limit: Int) -> [CommitBatch]? {
        guard revision >= base else { return nil }
        var (low, high) = (batches.startIndex, batches.endIndex)
        while low < high {
            let middle = low + (high - low) / 2
            if batches[middle].revision > revision { high = middle } else { low = middle + 1 }
        }
        return Array(batches[low...].prefix(max(0, limit)))
    }
}
