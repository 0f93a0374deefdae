import Foundation
import GRDB
import Identifiers
import LogStore

/// The file that holds the logs: opening it, and setting it aside when it is damaged.
struct LogFile: Sendable {
    let path: String

    /// The connections to the file, which is made when it is absent.
    func open() throws -> any DatabaseWriter {
        let database = try DatabasePool(path: path, configuration: Self.configuration)
        try database.writeWithoutTransaction { database in
            let pages = try Int.fetchOne(database, sql: "PRAGMA page_count") ?? 0
            if pages > 0, try Int.fetchOne(database, sql: "PRAGMA application_id") != LogSchema.applicationID,
                try database.tableExists("events") || database.tableExists("grdb_migrations")
            {
                throw DatabaseError(resultCode: .SQLITE_NOTADB, message: "it is not Berth's log file")
            }
            try database.execute(sql: "PRAGMA application_id = \(LogSchema.applicationID)")
        }
        try LogSchema.migrator.migrate(database)
        return database
    }

    static var configuration: Configuration {
        var configuration = Configuration()
        configuration.busyMode = .timeout(10)
        configuration.prepareDatabase { database in
            guard !database.configuration.readonly else { return }
            // Only of effect while the file has no tables.
            try database.execute(sql: "PRAGMA auto_vacuum = INCREMENTAL; PRAGMA synchronous = FULL")
            _ = try Int.fetchOne(database, sql: "PRAGMA wal_autocheckpoint = 4096")
            _ = try Int.fetchOne(database, sql: "PRAGMA journal_size_limit = 67108864")
        }
        return configuration
    }

    /// Whether an error says that the file's content is damaged, rather than its disk full or busy.
    static func isDamage(_ error: any Error) -> Bool {
        guard let error = error as? DatabaseError else { return false }
        return error.resultCode == .SQLITE_CORRUPT || error.resultCode == .SQLITE_NOTADB
    }

    /// Moves the file, with its log, out of the way, and makes an empty one that has its groups as far as they can be read.
    ///
    /// - Returns: the connections to the new one and where the old one is.
    func replace(now: Timestamp) throws -> (database: any DatabaseWriter, aside: String) {
        var aside = "\(path).damaged-\(now.milliseconds)"
        while FileManager.default.fileExists(atPath: aside) { aside += "0" }
        for suffix in ["", "-wal", "-shm"] {
            if rename(path + suffix, aside + suffix) != 0, errno != ENOENT {
                throw CocoaError(.fileWriteUnknown)
            }
        }
        let groups = Self.groups(in: aside)
        let database = try open()
        try database.write { database in
            for group in groups { try group.insert(database) }
        }
        return (database, aside)
    }

    private static func groups(in path: String) -> [LogGroupRecord] {
        var configuration = Configuration()
        configuration.readonly = true
        guard let database = try? DatabaseQueue(path: path, configuration: configuration) else { return [] }
        defer { try? database.close() }
        // Row by row: one that cannot be read ends it, and those before it count.
        return
            (try? database.read { database in
                var found: [LogGroupRecord] = []
                let rows = try Row.fetchCursor(database, sql: "SELECT * FROM groups WHERE deleted = 0 ORDER BY id")
                while let row = try? rows.next() {
                    guard var group = LogGroupRecord(row) else { continue }
                    group.storedBytes = 0
                    found.append(group)
                }
                return found
            }) ?? []
    }
}
