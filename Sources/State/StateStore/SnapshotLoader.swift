/// Builds a snapshot from what a log holds.
package struct SnapshotLoader {
    private var state = StateSnapshot()

    package init() {}

    /// Adds a record with the revision that last changed it.
    package mutating func add(_ record: Record, _ revision: Revision) {
        state.apply(key: record.key, after: record)
        state.admit(record, revision)
    }

    /// The snapshot, at the log's own revision.
    package consuming func finish(_ revision: Revision) -> StateSnapshot {
        state.admitted(revision)
        return state
    }
}
