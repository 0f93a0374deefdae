/// The commits that a store still remembers. Every store passes the suite in `Conformance`.
public protocol CommitHistory: Sendable {
    /// Commits after `revision`, oldest first, at most `limit`, none left out between two of them; older ones are forgotten.
    /// - Throws: when the log cannot be read; the error says what was found.
    func history(after revision: Revision, limit: Int) async throws -> [CommitBatch]
}

extension MemoryStateStore: CommitHistory {
    public func history(after revision: Revision, limit: Int) -> [CommitBatch] {
        engine.kept(after: revision, limit: limit)
    }
}
