public import Identifiers

/// A store that lives and dies with its process: for tests and simulations.
public final class MemoryStateStore: StateStore {
    let engine: StoreEngine

    /// - Parameters:
    ///   - now: the wall clock that commits are stamped with.
    public init(
        limits: StoreLimits = StoreLimits(),
        now: @escaping @Sendable () -> Timestamp = { Timestamp(milliseconds: 0) }
    ) {
        engine = StoreEngine(log: NoLog(), state: StateSnapshot(), limits: limits, now: now)
    }

    public func committed() -> StateSnapshot { engine.committed() }

    public func commit<Result: Sendable, Refusal: Error>(
        expecting expected: AggregateVersions,
        _ body: @Sendable (inout Transaction) throws(Refusal) -> Result
    ) async throws(CommitError<Refusal>) -> Committed<Result> {
        try await engine.commit(expecting: expected, body)
    }

    public func watch(_ scope: WatchScope, after revision: Revision) -> AsyncStream<WatchEvent> {
        engine.watch(scope, after: revision)
    }
}

/// Keeps nothing, so nothing can fail.
private struct NoLog: DurableLog {
    func append(_ batches: [CommitBatch]) async throws(LogError) {}
    func verify() async throws(LogError) -> Revision { throw LogError("This store keeps no log.") }
    func load() async throws(LogError) -> StateSnapshot { throw LogError("This store keeps no log.") }
    func replace(with state: StateSnapshot) async throws(LogError) {}
}
