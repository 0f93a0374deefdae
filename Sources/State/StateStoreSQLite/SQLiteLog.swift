import Domain
import Foundation
import GRDB
import Identifiers
import StateStore
import Synchronization

/// The durable log in one SQLite file. Everything runs on the queue of its one connection, never on a caller's thread.
final class SQLiteLog: DurableLog {
    /// Most bytes of the change log kept in the file. Larger is more history, smaller is a smaller file.
    static let keptBytes = 64 * 1_048_576
    /// Groups of commits before the log's space is taken: a server that writes next to nothing needs none.
    private static let groupsBeforeSpace = 64

    private let path: String
    private let database: DatabaseQueue
    /// After the database, so that it is given free last.
    private let lock: DataFileLock
    private let coder = RecordCoder()
    private let kept: Mutex<KeptChanges>
    private let groups = Mutex(0)

    init(path: String, database: DatabaseQueue, lock: DataFileLock) throws(StoreOpenError) {
        self.path = path
        self.database = database
        self.lock = lock
        kept = Mutex(try DataFile.translating(path) { try database.read(Self.kept) })
    }

    // MARK: DurableLog

    func append(_ batches: [CommitBatch]) async throws(LogError) {
        try await onQueue { database in
            var added: [KeptChanges.Entry] = []
            var forgotten: Int64?
            try database.inTransaction(.immediate) {
                for batch in batches {
                    added.append(.init(revision: batch.revision.value, bytes: try self.write(batch, database)))
                }
                let bytes = added.reduce(0) { $0 + $1.bytes }
                forgotten = self.kept.withLock { $0.surplus(adding: bytes, limit: Self.keptBytes) }
                if let forgotten {
                    try database.cachedStatement(sql: "DELETE FROM changes WHERE revision <= ?")
                        .execute(arguments: [forgotten])
                }
                return .commit
            }
            self.kept.withLock { [added, forgotten] kept in
                for entry in added { kept.add(entry) }
                if let forgotten { kept.forget(through: forgotten) }
            }
            self.countGroup()
        }
    }

    func verify() async throws(LogError) -> Revision {
        try await onQueue { database in
            var revision: Int64 = 0
            try database.inTransaction(.immediate) {
                try database.execute(sql: "UPDATE meta SET value = value + 1 WHERE name = 'probe'")
                revision = try DataFile.revision(database)
                return .commit
            }
            return Revision(revision)
        }
    }

    func load() async throws(LogError) -> StateSnapshot { try await onQueue { try DataFile.load($0) } }

    func replace(with state: StateSnapshot) async throws(LogError) {
        try await onQueue { database in
            try database.inTransaction(.immediate) {
                try database.execute(sql: "DELETE FROM records; DELETE FROM changes")
                try state.forEachRecord { record in _ = try self.put(record, state.revision, database) }
                try database.execute(
                    sql: "UPDATE meta SET value = ? WHERE name = 'revision'", arguments: [state.revision.value])
                return .commit
            }
            self.kept.withLock { $0 = KeptChanges() }
        }
    }

    /// Commits kept in the file, oldest first, after `revision`; at most `limit`.
    func history(after revision: Revision, limit: Int) async throws(LogError) -> [CommitBatch] {
        try await onQueue { database in
            try self.fetchBatches(
                database, "WHERE revision > ? ORDER BY revision LIMIT ?", [revision.value, limit])
        }
    }

    /// The newest commits, oldest first, for watchers that resume after a restart.
    func recent(limit: Int) throws(StoreOpenError) -> [CommitBatch] {
        try DataFile.translating(path) {
            try database.read { database in
                try self.fetchBatches(database, "ORDER BY revision DESC LIMIT ?", [limit]).reversed()
            }
        }
    }

    /// Closes the file and gives it free for another server. The log is of no use afterwards.
    func close() {
        guard (try? database.close()) != nil else { return }
        lock.release()
    }

    // MARK: Rows

    /// Returns the bytes the batch takes in the change log.
    private func write(_ batch: CommitBatch, _ database: Database) throws -> Int {
        var stored: [StoredBytes] = []
        for change in batch.changes {
            let before = try change.before.map { _ in try self.value(of: change.key, database) }
            if let record = change.after {
                stored.append(StoredBytes(before: before, after: try put(record, batch.revision, database)))
            } else {
                try database.cachedStatement(sql: "DELETE FROM records WHERE kind = ? AND key = ?")
                    .execute(arguments: [change.key.kind.rawValue, change.key.text])
                stored.append(StoredBytes(before: before))
            }
        }
        let json = RecordCoder.batch(batch.changes, stored)
        try database.cachedStatement(sql: "INSERT INTO changes VALUES (?, ?, ?, ?)").execute(arguments: [
            batch.revision.value, batch.time.milliseconds, json,
            Checksum.of("changes", "\(batch.time.milliseconds)", batch.revision.value, json),
        ])
        return json.count
    }

    /// The bytes of a record as they are stored, which is quicker than encoding it again.
    private func value(of key: RecordKey, _ database: Database) throws -> Data {
        let statement = try database.cachedStatement(sql: "SELECT value FROM records WHERE kind = ? AND key = ?")
        guard let value = try Data.fetchOne(statement, arguments: [key.kind.rawValue, key.text]) else {
            throw DamagedRow(text: "the stored \(key.kind.rawValue) \(key.text) is missing")
        }
        return value
    }

    private func put(_ record: StoredRecord, _ revision: Revision, _ database: Database) throws -> Data {
        let kind = record.key.kind.rawValue
        let key = record.key.text
        let value = try coder.encode(record)
        try database.cachedStatement(
            sql: """
                INSERT INTO records VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE
                SET revision = excluded.revision, value = excluded.value, checksum = excluded.checksum
                """
        ).execute(arguments: [kind, key, revision.value, value, Checksum.of(kind, key, revision.value, value)])
        return value
    }

    private func fetchBatches(
        _ database: Database, _ clause: String, _ arguments: StatementArguments
    ) throws -> [CommitBatch] {
        try Row.fetchAll(
            database, sql: "SELECT revision, time, batch, checksum FROM changes \(clause)", arguments: arguments
        ).map { row in
            let revision: Int64 = row[0]
            let time: Int64 = row[1]
            let json: Data = row[2]
            guard row[3] == Checksum.of("changes", "\(time)", revision, json) else {
                throw DamagedRow(text: "the stored change \(revision) does not match its checksum")
            }
            return CommitBatch(
                revision: Revision(revision), time: Timestamp(milliseconds: time),
                changes: try coder.decodeChanges(json))
        }
    }

    private static func kept(_ database: Database) throws -> KeptChanges {
        var kept = KeptChanges()
        let rows = try Row.fetchCursor(database, sql: "SELECT revision, length(batch) FROM changes ORDER BY revision")
        while let row = try rows.next() { kept.add(.init(revision: row[0], bytes: row[1])) }
        return kept
    }

    /// Takes the log's space once. Within the group's turn of the queue, so that the file is still this process's.
    private func countGroup() {
        let count = groups.withLock { groups in
            if groups <= Self.groupsBeforeSpace { groups += 1 }
            return groups
        }
        guard count == Self.groupsBeforeSpace else { return }
        LogSpace(dataFile: path).take()
    }

    // MARK: The queue

    /// Not GRDB's async functions: those give up when the calling task is cancelled, and with it the whole group.
    private func onQueue<Value: Sendable>(
        _ body: @escaping @Sendable (Database) throws -> Value
    ) async throws(LogError) -> Value {
        let outcome = await withCheckedContinuation {
            (continuation: CheckedContinuation<Result<Value, LogError>, Never>) in
            database.asyncWriteWithoutTransaction { database in
                do {
                    continuation.resume(returning: .success(try body(database)))
                } catch {
                    continuation.resume(returning: .failure(LogError(self.words(for: error))))
                }
            }
        }
        return try outcome.get()
    }

    private func words(for error: any Error) -> String {
        let kept = "nothing acknowledged is lost, and writes are taken again as soon as"
        guard let error = error as? DatabaseError else { return "Writing \(path) failed (\(error))." }
        if error.resultCode == .SQLITE_FULL || isDiskFull {
            return "The disk of \(path) is full: \(kept) some space is free."
        }
        return "Writing \(path) failed (\(error.message ?? "\(error.resultCode)")): \(kept) the disk works."
    }

    private var isDiskFull: Bool {
        var status = statvfs()
        guard statvfs(path, &status) == 0 else { return false }
        return status.f_bavail == 0
    }
}
