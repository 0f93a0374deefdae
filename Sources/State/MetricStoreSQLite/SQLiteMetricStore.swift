public import Domain
import Foundation
import GRDB
public import Identifiers
public import MetricStore
import Synchronization

/// A metric store in one SQLite file: the newest minutes in memory and in the file's journal, the rest in chunks.
///
/// One process owns the file; who owns the data directory does. A call is one transaction, which a kill of the process does
/// not undo; what a power cut may take is the last seconds.
public final class SQLiteMetricStore: MarkedMetricStore {
    public let path: String
    private let limits: MetricLimits
    private let report: @Sendable (String) -> Void
    private let engine: Mutex<MetricEngine>
    private let pool: Mutex<DatabasePool>

    /// Opens the file, or makes one where there is none. Its directory must exist.
    /// - Parameter report: called with one sentence for the operator when a damaged file was moved aside, now or later.
    public init(
        path: String, limits: MetricLimits = MetricLimits(), report: @escaping @Sendable (String) -> Void
    ) throws(MetricStoreError) {
        let (pool, engine) = try MetricFile.open(path, limits, aside: report)
        self.path = path
        self.limits = limits
        self.report = report
        self.engine = Mutex(engine)
        self.pool = Mutex(pool)
    }

    // MARK: MetricStore

    public func record(
        _ samples: [MetricSample], mark: [UInt8]?, now: Timestamp
    ) async throws(MetricStoreError) {
        let pool = pool.withLock { $0 }
        let outcome = await withCheckedContinuation {
            (continuation: CheckedContinuation<Result<Int, any Error>, Never>) in
            // Not GRDB's async functions: those give up when the calling task is cancelled.
            pool.asyncWriteWithoutTransaction { database in
                continuation.resume(returning: Result { try self.record(samples, mark, now, database) })
            }
        }
        switch outcome {
        case .success(0): return
        case .success(let dropped): throw .full(dropped: dropped)
        case .failure(let error):
            if MetricFile.isDamage(error) { try replace(pool) }
            throw .unavailable("Writing \(path) failed: \(MetricFile.words(for: error)).")
        }
    }

    public func points(
        of metric: MetricID, unit: MetricUnit?, from: Timestamp, to: Timestamp, period: Int
    ) -> [MetricPoint] {
        let (range, readings) = engine.withLock { engine -> (MetricRange?, [SeriesReading]) in
            guard let range = engine.range(from: from, to: to, period: period) else { return (nil, []) }
            return (range, engine.reading(of: metric, unit: unit, in: range))
        }
        guard let range, !readings.isEmpty else { return [] }
        guard range.needsChunks(readings) else { return range.newestPoints(of: readings) }
        // What memory holds is better than nothing while the file cannot be read; the next write says what is wrong.
        let found = try? pool.withLock { $0 }.read { try range.points(of: readings, on: SQLiteShelf(database: $0)) }
        return found ?? range.newestPoints(of: readings)
    }

    public func metrics(
        in scope: Scope, matching filter: MetricFilter, after: MetricID?, limit: Int
    ) -> [MetricListing] {
        engine.withLock { $0.metrics(in: scope, matching: filter, after: after, limit: limit) }
    }

    public func newest(since: Timestamp) -> [MetricSample] { engine.withLock { $0.newest(since: since) } }

    public var statistics: MetricStoreStatistics { engine.withLock { $0.statistics } }

    public var mark: [UInt8]? {
        try? pool.withLock { $0 }.read { try MetricSchema.mark($0) }
    }

    /// Closes the file. The store records nothing afterwards.
    public func close() { try? pool.withLock { $0 }.close() }

    // MARK: Writing

    /// On the file's one queue of writes: what is drafted is of the newest engine.
    private func record(
        _ samples: [MetricSample], _ mark: [UInt8]?, _ now: Timestamp, _ database: Database
    ) throws -> Int {
        let draft = engine.withLock { $0.draft(samples, now: now) }
        if !draft.isEmpty || mark != nil {
            try database.inTransaction(.immediate) {
                try write(draft, database)
                if let mark { try MetricSchema.put(mark, database) }
                return .commit
            }
        }
        engine.withLock { $0.apply(draft) }
        // It is recorded: what fails now is found out by the next write.
        if draft.settledBefore != nil { try? bound(database) }
        return draft.refused
    }

    private func write(_ draft: MetricDraft, _ database: Database) throws {
        for new in draft.created {
            let metric = new.metric
            try database.cachedStatement(sql: "INSERT INTO series VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)").execute(
                arguments: [
                    new.number, metric.scope.account, metric.scope.region, metric.namespace, metric.name,
                    try MetricSchema.text(of: metric.dimensions), new.unit.rawValue, draft.sealedOfNew,
                    draft.newest(of: new.number) ?? 0,
                ])
        }
        var shelf = SQLiteShelf(database: database)
        try draft.settle(on: &shelf, limits: limits)
        for (number, newest) in draft.moved {
            try database.cachedStatement(
                sql: "UPDATE series SET sealed = max(sealed, ?), seen = max(seen, ?) WHERE number = ?"
            ).execute(arguments: [draft.sealed(of: number), newest, number])
        }
        for number in draft.dropped {
            try database.cachedStatement(sql: "DELETE FROM series WHERE number = ?").execute(arguments: [number])
        }
        if let newest = draft.newestFresh {
            try database.cachedStatement(sql: "INSERT INTO journal (newest, bytes) VALUES (?, ?)")
                .execute(arguments: [newest, Data(draft.journal())])
        }
        if let before = draft.settledBefore {
            try database.cachedStatement(sql: "DELETE FROM journal WHERE newest < ?").execute(arguments: [before])
        }
    }

    /// Keeps the file within its bytes: history gets shorter while it is larger, and whole again when there is room.
    private func bound(_ database: Database) throws {
        let pages = try Int.fetchOne(database, sql: "PRAGMA page_count") ?? 0
        let free = try Int.fetchOne(database, sql: "PRAGMA freelist_count") ?? 0
        let size = try Int.fetchOne(database, sql: "PRAGMA page_size") ?? 0
        engine.withLock { $0.bound(bytes: (pages - free) * size) }
    }

    /// Puts the file aside that turned out damaged, and begins a new one.
    private func replace(_ damaged: DatabasePool) throws(MetricStoreError) {
        let outcome = pool.withLock { pool -> Result<Void, MetricStoreError> in
            // Another call did it meanwhile.
            guard pool === damaged else { return .success(()) }
            try? pool.close()
            do throws(MetricStoreError) {
                let (new, fresh) = try MetricFile.open(path, limits, aside: report)
                engine.withLock { $0 = fresh }
                pool = new
                return .success(())
            } catch {
                return .failure(error)
            }
        }
        try outcome.get()
    }
}
