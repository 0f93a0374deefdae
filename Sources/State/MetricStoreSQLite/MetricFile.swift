import Foundation
import GRDB
import MetricStore

/// Opening the metrics file. One that cannot be used is moved aside, for no metric is worth a control plane that stands.
enum MetricFile {
    /// - Parameter aside: called with one sentence for the operator when a file was moved away.
    static func open(
        _ path: String, _ limits: MetricLimits, aside: (String) -> Void
    ) throws(MetricStoreError) -> (DatabasePool, MetricEngine) {
        if FileManager.default.fileExists(atPath: path) || FileManager.default.fileExists(atPath: path + "-wal") {
            do {
                return try use(path, limits)
            } catch  where isDamage(error) {
                let kept = try moveAside(path)
                aside(
                    "The metrics file \(path) is damaged (\(words(for: error))): it is kept as \(kept), and a new one begins."
                )
            } catch {
                throw .unavailable("The metrics file \(path) cannot be opened: \(words(for: error)).")
            }
        }
        do {
            return try use(path, limits)
        } catch {
            throw .unavailable("The metrics file \(path) cannot be made: \(words(for: error)).")
        }
    }

    private static func use(_ path: String, _ limits: MetricLimits) throws -> (DatabasePool, MetricEngine) {
        let isNew = !FileManager.default.fileExists(atPath: path)
        if isNew {
            guard !FileManager.default.fileExists(atPath: path + "-wal") else {
                throw DamagedMetrics(text: "only its log is there")
            }
            let descriptor = Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
            if descriptor >= 0 { Glibc.close(descriptor) }
        } else if let size = try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int, size < 512 {
            throw DamagedMetrics(text: "it is torn")
        }
        var configuration = Configuration()
        configuration.busyMode = .timeout(10)
        configuration.prepareDatabase { database in
            // A kill of the process loses nothing; a power cut may lose the last seconds.
            try database.execute(sql: "PRAGMA synchronous = NORMAL")
        }
        let pool = try DatabasePool(path: path, configuration: configuration)
        let engine = try pool.writeWithoutTransaction { database in
            if isNew {
                try database.inTransaction {
                    try MetricSchema.create(database)
                    return .commit
                }
            }
            try check(database)
            // The log file is cut back after a burst.
            _ = try Int.fetchOne(database, sql: "PRAGMA journal_size_limit = 67108864")
            return try MetricSchema.load(database, limits)
        }
        return (pool, engine)
    }

    private static func check(_ database: Database) throws {
        guard try Int.fetchOne(database, sql: "PRAGMA application_id") == MetricSchema.applicationID else {
            throw DamagedMetrics(text: "it is not Berth's")
        }
        let version = try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
        guard version == MetricSchema.version else {
            throw DamagedMetrics(text: "it is of version \(version), which this Berth does not read")
        }
    }

    static func isDamage(_ error: any Error) -> Bool {
        guard let error = error as? DatabaseError else { return error is DamagedMetrics }
        return error.resultCode == .SQLITE_CORRUPT || error.resultCode == .SQLITE_NOTADB
            || (error.resultCode == .SQLITE_ERROR && error.message?.hasPrefix("no such table") == true)
    }

    /// - Returns: where the file is now.
    private static func moveAside(_ path: String) throws(MetricStoreError) -> String {
        var number = 1
        while FileManager.default.fileExists(atPath: "\(path).damaged-\(number)") { number += 1 }
        let kept = "\(path).damaged-\(number)"
        rename(path + "-wal", kept + "-wal")
        unlink(path + "-shm")
        guard rename(path, kept) == 0 || errno == ENOENT else {
            throw .unavailable("\(path) is damaged and cannot be moved away: \(String(cString: strerror(errno))).")
        }
        return kept
    }

    static func words(for error: any Error) -> String {
        guard let error = error as? DatabaseError else { return "\(error)" }
        return error.message ?? "\(error.resultCode)"
    }
}
