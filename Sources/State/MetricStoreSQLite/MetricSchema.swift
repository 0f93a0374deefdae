import Domain
import Foundation
import GRDB
import Identifiers
import MetricStore

/// The tables of the metrics file. Its version is SQLite's `user_version`.
enum MetricSchema {
    /// `BRTM`: marks an SQLite file as Berth's metrics.
    static let applicationID = 0x4252_544D
    static let version = 1

    static func create(_ database: Database) throws {
        try database.execute(
            sql: """
                CREATE TABLE series (
                    number INTEGER PRIMARY KEY AUTOINCREMENT, account TEXT NOT NULL, region TEXT NOT NULL, namespace TEXT NOT NULL,
                    name TEXT NOT NULL, dimensions TEXT NOT NULL, unit TEXT NOT NULL,
                    sealed INTEGER NOT NULL, seen INTEGER NOT NULL);
                CREATE TABLE chunks (place INTEGER PRIMARY KEY, bytes BLOB NOT NULL);
                CREATE TABLE journal (id INTEGER PRIMARY KEY, newest INTEGER NOT NULL, bytes BLOB NOT NULL);
                CREATE TABLE mark (id INTEGER PRIMARY KEY CHECK (id = 1), bytes BLOB NOT NULL);
                PRAGMA user_version = \(version);
                PRAGMA application_id = \(applicationID);
                """)
    }

    /// Everything that memory holds.
    static func load(_ database: Database, _ limits: MetricLimits) throws -> MetricEngine {
        var engine = MetricEngine(limits: limits)
        let rows = try Row.fetchCursor(database, sql: "SELECT * FROM series ORDER BY number")
        while let row = try rows.next() {
            guard let unit = MetricUnit(rawValue: try row.sound("unit")),
                let pairs = dimensions(from: try row.sound("dimensions"))
            else { throw DamagedMetrics(text: "a metric's row cannot be read") }
            let metric = MetricID(
                scope: Scope(account: try row.sound("account"), region: try row.sound("region")),
                namespace: try row.sound("namespace"), name: try row.sound("name"), dimensions: pairs)
            engine.restore(
                try row.sound("number"), metric, unit, lastSeen: try row.sound("seen"), sealed: try row.sound("sealed"))
        }
        // A number never comes again, for the journal may still speak of a metric that is forgotten.
        engine.skipNumbers(
            through: try Int.fetchOne(database, sql: "SELECT seq FROM sqlite_sequence WHERE name = 'series'") ?? 0)
        let journal = try Row.fetchCursor(database, sql: "SELECT bytes FROM journal ORDER BY id")
        while let row = try journal.next() {
            let bytes: Data = try row.sound("bytes")
            guard engine.replay(Array(bytes)) else { throw DamagedMetrics(text: "its newest values cannot be read") }
        }
        return engine
    }

    static func put(_ mark: [UInt8], _ database: Database) throws {
        try database.cachedStatement(
            sql: "INSERT INTO mark VALUES (1, ?) ON CONFLICT DO UPDATE SET bytes = excluded.bytes"
        ).execute(arguments: [Data(mark)])
    }

    static func mark(_ database: Database) throws -> [UInt8]? {
        try Data.fetchOne(database, sql: "SELECT bytes FROM mark").map { Array($0) }
    }

    static func text(of dimensions: [KeyValue]) throws -> String {
        String(decoding: try JSONEncoder().encode(dimensions.flatMap { [$0.key, $0.value] }), as: UTF8.self)
    }

    private static func dimensions(from text: String) -> [KeyValue]? {
        guard let words = try? JSONDecoder().decode([String].self, from: Data(text.utf8)), words.count % 2 == 0 else {
            return nil
        }
        return stride(from: 0, to: words.count, by: 2).map { KeyValue(key: words[$0], value: words[$0 + 1]) }
    }
}

extension Row {
    /// A column's value. GRDB's own subscripts end the process when a damaged file has another kind of value there.
    func sound<Value: DatabaseValueConvertible>(_ name: String) throws -> Value {
        let stored: DatabaseValue = self[name]
        guard let value = Value.fromDatabaseValue(stored) else { throw DamagedMetrics(text: "a row cannot be read") }
        return value
    }
}

/// What is wrong inside a file that SQLite itself can read.
struct DamagedMetrics: Error, CustomStringConvertible {
    var text: String
    var description: String { text }
}
