public import Identifiers

/// The changes of one commit, as the log keeps them.
public struct CommitBatch: Hashable, Sendable {
    public var revision: Revision
    /// When it was committed, by the wall clock of the control plane.
    public var time: Timestamp
    public var changes: [Change]

    public init(revision: Revision, time: Timestamp, changes: [Change]) {
        self.revision = revision
        self.time = time
        self.changes = changes
    }
}

/// What makes commits survive. One caller at a time; calls never overlap.
package protocol DurableLog: Sendable {
    /// Writes the batches, in order, all or none; returns once they are on disk.
    ///
    /// - Throws: when that is not certain. `verify` tells then what holds.
    func append(_ batches: [CommitBatch]) async throws(LogError)

    /// Proves with a write that the log takes writes, and reads back up to which revision it reaches.
    ///
    /// After it returned, what it did not count in never comes back, not even after a crash.
    func verify() async throws(LogError) -> Revision

    /// Everything stored, at the log's own revision.
    func load() async throws(LogError) -> StateSnapshot

    /// Replaces everything with `state`, in one write, and forgets the changes before it.
    func replace(with state: StateSnapshot) async throws(LogError)
}

/// Why the log could not do it, in one sentence for people: what was found and what would mend it.
package struct LogError: Error, Hashable, Sendable {
    package var text: String

    package init(_ text: String) { self.text = text }
}
