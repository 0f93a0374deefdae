import GRDB
public import Identifiers
public import StateStore

/// The store of one control plane: everything in memory, every commit in one SQLite file before it is acknowledged.
///
/// One process owns the file; `backup(of:to:)` works beside it from any other.
public final class SQLiteStateStore: StateStore {
    /// Most commits read back at start for watchers that resume. Larger makes the start slower.
    private static let recentCommits = 256

    public let path: String
    let engine: StoreEngine
    private let log: SQLiteLog

    private init(path: String, engine: StoreEngine, log: SQLiteLog) {
        self.path = path
        self.engine = engine
        self.log = log
    }

    /// Opens the data file, or makes an empty one where there is none. Its directory must exist.
    ///
    /// The file is checked completely first; a damaged, newer or foreign one is refused and left as it is.
    /// - Parameter now: the wall clock that commits are stamped with.
    public static func open(
        path: String, limits: StoreLimits = StoreLimits(), now: @escaping @Sendable () -> Timestamp
    ) throws(StoreOpenError) -> SQLiteStateStore {
        let lock = try DataFileLock(of: path)
        let database = try DataFile.open(path)
        let log = try SQLiteLog(path: path, database: database, lock: lock)
        let state = try DataFile.translating(path) { try database.read { try DataFile.load($0) } }
        let engine = StoreEngine(
            log: log, state: state, recent: try log.recent(limit: recentCommits), limits: limits, now: now)
        return SQLiteStateStore(path: path, engine: engine, log: log)
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

    /// Commits kept in the file after `revision`, oldest first, at most `limit`; older ones are forgotten.
    ///
    /// The newest are in memory: who follows the commits does not read the file for each.
    public func history(after revision: Revision, limit: Int) async throws(BackupError) -> [CommitBatch] {
        if let recent = engine.remembered(after: revision, limit: limit), !recent.isEmpty { return recent }
        do throws(LogError) {
            return try await log.history(after: revision, limit: limit)
        } catch {
            throw BackupError(error.text)
        }
    }

    /// Closes the file and gives it free for another server. The store takes no commits afterwards.
    public func close() { log.close() }
}
