import Foundation
import GRDB
import MetricStore

/// Chunks as rows of the metrics file, those of one series beside each other.
struct SQLiteShelf: ChunkShelf {
    let database: Database

    func chunk(_ key: ChunkKey) throws -> [UInt8]? {
        let statement = try database.cachedStatement(sql: "SELECT bytes FROM chunks WHERE place = ?")
        return try Data.fetchOne(statement, arguments: [key.place]).map { Array($0) }
    }

    func put(_ bytes: [UInt8], at key: ChunkKey) throws {
        try database.cachedStatement(
            sql: "INSERT INTO chunks VALUES (?, ?) ON CONFLICT DO UPDATE SET bytes = excluded.bytes"
        ).execute(arguments: [key.place, Data(bytes)])
    }

    func chunks(of series: Int, _ tier: MetricTier, from: Int, to: Int) throws -> [(start: Int, bytes: [UInt8])] {
        let statement = try database.cachedStatement(
            sql: "SELECT place, bytes FROM chunks WHERE place >= ? AND place < ? ORDER BY place")
        let first = ChunkKey(tier: tier, series: series, start: from)
        // One more where the range ends inside a window.
        let end = ChunkKey(tier: tier, series: series, start: to + tier.window - 1)
        return try Row.fetchAll(statement, arguments: [first.place, end.place]).map { row in
            let bytes: Data = try row.sound("bytes")
            return (start: ChunkKey.start(ofPlace: try row.sound("place"), tier), bytes: Array(bytes))
        }
    }

    func removeChunks(of series: Int, _ tier: MetricTier, before start: Int) throws {
        try database.cachedStatement(sql: "DELETE FROM chunks WHERE place >= ? AND place < ?").execute(arguments: [
            ChunkKey(tier: tier, series: series, start: 0).place,
            ChunkKey(tier: tier, series: series, start: start).place,
        ])
    }
}

extension ChunkKey {
    /// Windows since 1970 take so many bits: enough for a thousand years of the shorter ones.
    private static let bits: Int64 = 28
    private static let lastWindow: Int64 = (1 << bits) - 1

    /// Tier, series and window in one number, which rows are ordered by.
    var place: Int64 {
        let window = min(max(Int64(start / tier.window), 0), Self.lastWindow)
        return Int64(tier.rawValue) << 60 | Int64(series) << Self.bits | window
    }

    static func start(ofPlace place: Int64, _ tier: MetricTier) -> Int { Int(place & lastWindow) * tier.window }
}
