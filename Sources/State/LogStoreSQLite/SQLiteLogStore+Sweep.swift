import GRDB
public import Identifiers
public import LogStore

extension SQLiteLogStore {
    /// Rows of one transaction: appends wait for so many at most.
    private static let piece = 5_000

    public func sweep(now: Timestamp) async throws(LogStoreError) -> Bool {
        let taken = try await write { database in
            var left = Self.piece
            try self.sweepDeletedGroups(&left, database)
            try self.sweepDeletedStreams(&left, database)
            try self.sweepExpired(&left, now: now, database)
            return Self.piece - left
        }
        guard taken < Self.piece else { return false }
        return try await shrink()
    }

    private func sweepDeletedGroups(_ left: inout Int, _ database: Database) throws {
        while left > 0, let group = try Int64.fetchOne(database, sql: "SELECT id FROM groups WHERE deleted = 1") {
            left -= try database.takeEvents(where: "group_id = ? LIMIT ?", [group, left])
            guard left > 0 else { return }
            try database.execute(
                sql: "DELETE FROM streams WHERE id IN (SELECT id FROM streams WHERE group_id = ? LIMIT ?)",
                arguments: [group, left])
            left -= database.changesCount
            guard left > 0 else { return }
            try database.execute(sql: "DELETE FROM groups WHERE id = ?", arguments: [group])
            left -= 1
        }
    }

    private func sweepDeletedStreams(_ left: inout Int, _ database: Database) throws {
        while left > 0, let stream = try Int64.fetchOne(database, sql: "SELECT id FROM streams WHERE deleted = 1") {
            left -= try database.takeEvents(where: "stream_id = ? LIMIT ?", [stream, left])
            guard left > 0 else { return }
            try database.execute(sql: "DELETE FROM streams WHERE id = ?", arguments: [stream])
            left -= 1
        }
    }

    private func sweepExpired(_ left: inout Int, now: Timestamp, _ database: Database) throws {
        let groups = try Row.fetchAll(
            database, sql: "SELECT * FROM groups WHERE deleted = 0 AND retention IS NOT NULL ORDER BY id")
        for row in groups where left > 0 {
            guard let expiry = LogGroupRecord(row)?.expiry(at: now) else { continue }
            let group: Int64 = row["id"]
            left -= try database.takeEvents(
                where: "group_id = ? AND time < ? ORDER BY time LIMIT ?", [group, expiry.milliseconds, left])
        }
    }

    /// Gives the disk back what stands empty, once that is a quarter of the file.
    private func shrink() async throws(LogStoreError) -> Bool {
        try await write { database in
            let pages = try Int.fetchOne(database, sql: "PRAGMA page_count") ?? 0
            let free = try Int.fetchOne(database, sql: "PRAGMA freelist_count") ?? 0
            guard free > 256, free > pages / 4 else { return true }
            // Each row is a page given back.
            _ = try Row.fetchAll(database, sql: "PRAGMA incremental_vacuum(2000)")
            return free <= 2_000
        }
    }
}

extension Database {
    /// Takes events away, and streams that are empty then.
    ///
    /// - Parameter condition: with its order and limit.
    /// - Returns: how many events.
    func takeEvents(where condition: String, _ arguments: StatementArguments) throws -> Int {
        var bytes: [Int64: Int64] = [:]
        var streams: Set<Int64> = []
        var count = 0
        let rows = try Row.fetchCursor(
            self,
            sql: """
                DELETE FROM events WHERE id IN (SELECT id FROM events WHERE \(condition))
                RETURNING group_id, stream_id, length(message) + 26
                """, arguments: arguments)
        while let row = try rows.next() {
            bytes[row[0], default: 0] += row[2]
            streams.insert(row[1])
            count += 1
        }
        for (group, taken) in bytes {
            try cachedStatement(sql: "UPDATE groups SET bytes = max(0, bytes - ?) WHERE id = ?")
                .execute(arguments: [taken, group])
        }
        for stream in streams {
            try cachedStatement(
                sql: "DELETE FROM streams WHERE id = ? AND NOT EXISTS (SELECT 1 FROM events WHERE stream_id = ?)"
            ).execute(arguments: [stream, stream])
        }
        return count
    }
}
