public import Identifiers

/// Why a call did nothing.
public enum LogStoreError: Error, Hashable, Sendable {
    case noSuchGroup
    case noSuchStream
    case groupExists
    case streamExists
    case groupIsProtected
    /// More waits to be written than is held in memory; later there is room again.
    case overloaded
    /// The file cannot be read or written: for people, what was found.
    case unavailable(String)
}

/// What an append makes when it is not there.
public enum LogCreation: Hashable, Sendable {
    case nothing
    case stream
    case groupAndStream
    /// The stream; and where it has events already, nothing is added: an append that is repeated counts once.
    case streamOnce
}

/// Log groups, their streams and the streams' events.
///
/// It stands beside the `StateStore`: events never enter its log. What a call acknowledged outlives `kill -9` and, where the
/// disk keeps its word, a power cut. Calls of several callers are written together.
public protocol LogStore: Sendable {
    /// - Throws: `.groupExists`.
    func create(_ group: LogGroupRecord) async throws(LogStoreError)

    /// Takes the group away at once, and its events little by little in later calls of `sweep`.
    ///
    /// - Throws: `.noSuchGroup`, `.groupIsProtected`.
    func delete(_ group: LogGroupID) async throws(LogStoreError)

    /// - Throws: `.noSuchGroup`.
    func group(_ id: LogGroupID) async throws(LogStoreError) -> LogGroupRecord

    func groups(_ query: LogGroupQuery) async throws(LogStoreError) -> [LogGroupRecord]

    /// Changes retention, protection or tags of a group, and returns what `body` does.
    ///
    /// - Throws: `.noSuchGroup`.
    func change<Result: Sendable>(
        _ group: LogGroupID, _ body: @escaping @Sendable (inout LogGroupRecord) -> Result
    ) async throws(LogStoreError) -> Result

    /// - Throws: `.noSuchGroup`, `.streamExists`.
    func create(_ stream: LogStreamID, now: Timestamp) async throws(LogStoreError)

    /// Takes the stream away at once, and its events as those of a group.
    ///
    /// - Throws: `.noSuchGroup`, `.noSuchStream`.
    func delete(_ stream: LogStreamID) async throws(LogStoreError)

    /// - Throws: `.noSuchGroup`.
    func streams(_ query: LogStreamQuery) async throws(LogStoreError) -> [LogStreamRecord]

    /// Adds events to a stream, all or none; on return they are durable and are read.
    ///
    /// - Parameter now: when they came.
    /// - Throws: `.noSuchGroup` and `.noSuchStream` for what `creating` does not make; `.overloaded`.
    func append(
        _ events: [NewLogEvent], to stream: LogStreamID, creating: LogCreation, now: Timestamp
    ) async throws(LogStoreError)

    /// Events that the group's retention still keeps.
    ///
    /// - Throws: `.noSuchGroup`; `.noSuchStream` when one of the names of a query does not exist.
    func events(_ query: LogQuery, now: Timestamp) async throws(LogStoreError) -> LogPage

    /// Takes away, in small pieces, what is expired or deleted, and streams that emptied so.
    ///
    /// - Returns: whether all of it is gone; otherwise another call goes on.
    func sweep(now: Timestamp) async throws(LogStoreError) -> Bool
}
