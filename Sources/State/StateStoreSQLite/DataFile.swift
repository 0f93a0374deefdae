import Domain
import Foundation
import GRDB
import Identifiers
import StateStore

/// Opening a data file: created when absent, otherwise checked through and through before anything is written.
enum DataFile {
    static let restoreHint = "restore a backup with `berth restore`, or move the file away to start empty"

    /// The checked connection that everything of this process goes through.
    static func open(_ path: String) throws(StoreOpenError) -> DatabaseQueue {
        try refuseOrphans(path)
        if !exists(path) { try create(path) }
        try refuseTorn(path)
        return try translating(path) {
            var configuration = Configuration()
            // Readers of other processes (a backup) hold locks only briefly.
            configuration.busyMode = .timeout(10)
            let database = try DatabaseQueue(path: path, configuration: configuration)
            try database.writeWithoutTransaction { database in
                try check(database, path)
                try makeDurable(database)
            }
            try Schema.migrator.migrate(database)
            return database
        }
    }

    /// A file only read: a backup, or the file of a running server.
    static func openForReading(_ path: String) throws(StoreOpenError) -> DatabaseQueue {
        guard exists(path) else { throw .inaccessible("There is no file \(path).") }
        try refuseTorn(path)
        return try translating(path) {
            var configuration = Configuration()
            configuration.readonly = true
            configuration.busyMode = .timeout(10)
            let database = try DatabaseQueue(path: path, configuration: configuration)
            try database.read { try check($0, path) }
            return database
        }
    }

    /// Everything stored.
    static func load(_ database: Database) throws -> StateSnapshot {
        let coder = RecordCoder()
        var loader = SnapshotLoader()
        let rows = try Row.fetchCursor(
            database, sql: "SELECT kind, key, revision, value, checksum FROM records ORDER BY kind, key")
        while let row = try rows.next() {
            let kind: String = row[0]
            let key: String = row[1]
            let revision: Int64 = row[2]
            let value: Data = row[3]
            guard let known = RecordKind(rawValue: kind), row[4] == Checksum.of(kind, key, revision, value) else {
                throw DamagedRow(text: "the stored \(kind) \(key) does not match its checksum")
            }
            loader.add(try coder.decode(known, value), Revision(revision))
        }
        let newest = try Int64.fetchOne(database, sql: "SELECT max(revision) FROM records")
        let revision = try revision(database)
        guard revision >= newest ?? 0 else { throw DamagedRow(text: "its revision is older than its records") }
        return loader.finish(Revision(revision))
    }

    /// The newest commit: the last of the change log, or where a restore began one.
    static func revision(_ database: Database) throws -> Int64 {
        guard let start = try Int64.fetchOne(database, sql: "SELECT value FROM meta WHERE name = 'revision'") else {
            throw DamagedRow(text: "its revision is missing")
        }
        return max(start, try Int64.fetchOne(database, sql: "SELECT max(revision) FROM changes") ?? 0)
    }

    /// Runs `body` and words whatever it throws for the operator.
    static func translating<Result>(_ path: String, _ body: () throws -> Result) throws(StoreOpenError) -> Result {
        do {
            return try body()
        } catch let error as StoreOpenError {
            throw error
        } catch let error as DatabaseError {
            switch error.resultCode {
            case .SQLITE_CORRUPT, .SQLITE_NOTADB:
                throw .damaged("The data file \(path) is damaged (\(error.message ?? "unreadable")): \(restoreHint).")
            case .SQLITE_BUSY, .SQLITE_LOCKED:
                throw .inUse("The data file \(path) is locked by another program; stop that one first.")
            case .SQLITE_FULL: throw .inaccessible("The disk of \(path) is full: free some space first.")
            default: throw .inaccessible("The data file \(path) cannot be opened: \(error.message ?? "\(error)").")
            }
        } catch {
            throw .damaged("The data file \(path) is damaged (\(error)): \(restoreHint).")
        }
    }

    private static func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

    private static func check(_ database: Database, _ path: String) throws {
        let application = try Int.fetchOne(database, sql: "PRAGMA application_id")
        guard application == Schema.applicationID else {
            throw StoreOpenError.foreign(
                "The file \(path) is an SQLite file, but not Berth's: choose another data directory.")
        }
        if try Schema.migrator.hasBeenSuperseded(database) {
            throw StoreOpenError.newer(
                "The data file \(path) was written by a newer Berth: start that version, or a later one.")
        }
        if let finding = try String.fetchOne(database, sql: "PRAGMA integrity_check(1)"), finding != "ok" {
            throw DamagedRow(text: finding)
        }
    }

    /// GRDB sets `synchronous` to NORMAL when it switches to WAL by itself, which loses commits at a power cut.
    private static func makeDurable(_ database: Database) throws {
        let mode = try String.fetchOne(database, sql: "PRAGMA journal_mode = WAL")
        try database.execute(sql: "PRAGMA synchronous = FULL")
        guard mode == "wal", try Int.fetchOne(database, sql: "PRAGMA synchronous") == 2 else {
            throw StoreOpenError.inaccessible(
                "SQLite does not offer write-ahead logging with full synchronisation here.")
        }
        // SQLite copies its log into the file every so many pages: 16 MiB at a time, not 4, touch each page less often.
        _ = try Int.fetchOne(database, sql: "PRAGMA wal_autocheckpoint = 4096")
        // The log file is cut back to 64 MiB after a burst.
        _ = try Int.fetchOne(database, sql: "PRAGMA journal_size_limit = 67108864")
    }

    /// SQLite takes a file without a whole first page for a new one and would write to it.
    private static func refuseTorn(_ path: String) throws(StoreOpenError) {
        let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .inaccessible("Cannot read \(path): \(String(cString: strerror(errno))).") }
        defer { Glibc.close(descriptor) }
        // SQLite's smallest page.
        var page = [UInt8](repeating: 0, count: 512)
        let count = read(descriptor, &page, page.count)
        if count == 0 { throw .damaged("The data file \(path) is damaged (it is empty): \(restoreHint).") }
        guard count == page.count, page.starts(with: "SQLite format 3\0".utf8) else {
            throw .damaged("The data file \(path) is damaged (its beginning is not SQLite's): \(restoreHint).")
        }
    }

    /// SQLite would delete a write-ahead log whose file is gone; it may hold commits.
    private static func refuseOrphans(_ path: String) throws(StoreOpenError) {
        guard !exists(path), exists(path + "-wal") else { return }
        throw .damaged(
            "The data file \(path) is missing but its log \(path)-wal is there: put the file back, or \(restoreHint).")
    }

    /// Makes an empty file under another name first, so that a crash never leaves a half-made one.
    private static func create(_ path: String) throws(StoreOpenError) {
        let draft = path + ".new"
        unlink(draft)
        unlink(draft + "-journal")
        let descriptor = Glibc.open(draft, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw .inaccessible("Cannot create \(path): \(String(cString: strerror(errno))).")
        }
        Glibc.close(descriptor)
        try translating(path) {
            let database = try DatabaseQueue(path: draft)
            try database.writeWithoutTransaction { database in
                try database.execute(sql: "PRAGMA synchronous = FULL; PRAGMA application_id = \(Schema.applicationID)")
            }
            try Schema.migrator.migrate(database)
            try database.close()
        }
        guard rename(draft, path) == 0 else {
            throw .inaccessible("Cannot create \(path): \(String(cString: strerror(errno))).")
        }
        try synchronise(directoryOf: path)
    }

    static func synchronise(directoryOf path: String) throws(StoreOpenError) {
        let directory = URL(fileURLWithPath: path).deletingLastPathComponent().path
        let descriptor = Glibc.open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw .inaccessible("Cannot open \(directory): \(String(cString: strerror(errno))).")
        }
        defer { Glibc.close(descriptor) }
        guard fsync(descriptor) == 0 else {
            throw .inaccessible("Cannot write \(directory): \(String(cString: strerror(errno))).")
        }
    }
}

/// What is wrong inside a file that SQLite itself can read.
struct DamagedRow: Error, CustomStringConvertible {
    var text: String
    var description: String { text }
}
