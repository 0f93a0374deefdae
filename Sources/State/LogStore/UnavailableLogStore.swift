public import Identifiers

/// Answers every call that there is no store, and why: where no file can be opened, logs do not stop the rest.
public struct UnavailableLogStore: LogStore {
    private let reason: String

    /// - Parameter reason: for people.
    public init(_ reason: String) { self.reason = reason }

    private func fail() throws(LogStoreError) -> Never { throw .unavailable(reason) }

    public func create(_ group: LogGroupRecord) async throws(LogStoreError) { try fail() }
    public func delete(_ group: LogGroupID) async throws(LogStoreError) { try fail() }
    public func group(_ id: LogGroupID) async throws(LogStoreError) -> LogGroupRecord { try fail() }
    public func groups(_ query: LogGroupQuery) async throws(LogStoreError) -> [LogGroupRecord] { try fail() }
    public func create(_ stream: LogStreamID, now: Timestamp) async throws(LogStoreError) { try fail() }
    public func delete(_ stream: LogStreamID) async throws(LogStoreError) { try fail() }
    public func streams(_ query: LogStreamQuery) async throws(LogStoreError) -> [LogStreamRecord] { try fail() }
    public func events(_ query: LogQuery, now: Timestamp) async throws(LogStoreError) -> LogPage { try fail() }
    public func sweep(now: Timestamp) async throws(LogStoreError) -> Bool { try fail() }

    public func change<Result: Sendable>(
        _ group: LogGroupID, _ body: @escaping @Sendable (inout LogGroupRecord) -> Result
    ) async throws(LogStoreError) -> Result { try fail() }

    public func append(
        _ events: [NewLogEvent], to stream: LogStreamID, creating: LogCreation, now: Timestamp
    ) async throws(LogStoreError) { try fail() }
}
