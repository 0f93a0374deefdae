import Domain
import Foundation
import GRDB
import Identifiers
import LogStore

extension LogGroupRecord {
    /// nil for a row that no version wrote.
    init?(_ row: Row) {
        guard let account = String.fromDatabaseValue(row["account"]),
            let region = String.fromDatabaseValue(row["region"]), let name = String.fromDatabaseValue(row["name"]),
            let created = Int64.fromDatabaseValue(row["created"])
        else { return nil }
        self.init(
            id: LogGroupID(scope: Scope(account: account, region: region), name: name),
            createdAt: Timestamp(milliseconds: created))
        retentionDays = Int.fromDatabaseValue(row["retention"])
        isDeletionProtected = Int.fromDatabaseValue(row["protected"]) == 1
        storedBytes = Int64.fromDatabaseValue(row["bytes"]) ?? 0
        let json = String.fromDatabaseValue(row["tags"]) ?? "[]"
        tags = (try? JSONDecoder().decode([KeyValue].self, from: Data(json.utf8))) ?? []
    }

    /// - Returns: its row's number.
    @discardableResult
    func insert(_ database: Database) throws -> Int64 {
        try database.cachedStatement(
            sql: """
                INSERT INTO groups (account, region, name, created, retention, protected, tags)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                """
        ).execute(arguments: [
            id.scope.account, id.scope.region, id.name, createdAt.milliseconds, retentionDays,
            isDeletionProtected ? 1 : 0, try tagsText(),
        ])
        return database.lastInsertedRowID
    }

    func update(_ row: Int64, _ database: Database) throws {
        try database.cachedStatement(sql: "UPDATE groups SET retention = ?, protected = ?, tags = ? WHERE id = ?")
            .execute(arguments: [retentionDays, isDeletionProtected ? 1 : 0, try tagsText(), row])
    }

    private func tagsText() throws -> String { String(decoding: try JSONEncoder().encode(tags), as: UTF8.self) }
}

extension Database {
    /// - Throws: `LogStoreError.noSuchGroup`.
    func row(of group: LogGroupID) throws -> Row {
        guard let row = try groupRow(group) else { throw LogStoreError.noSuchGroup }
        return row
    }

    func groupRow(_ group: LogGroupID) throws -> Row? {
        try Row.fetchOne(
            cachedStatement(
                sql: "SELECT * FROM groups WHERE account = ? AND region = ? AND name = ? AND deleted = 0"),
            arguments: [group.scope.account, group.scope.region, group.name])
    }

    func streamRow(_ name: String, of group: Int64) throws -> Row? {
        try Row.fetchOne(
            cachedStatement(
                sql: "SELECT id, created, last_event, last_ingestion FROM streams "
                    + "WHERE group_id = ? AND name = ? AND deleted = 0"),
            arguments: [group, name])
    }

    /// - Returns: the number of the new stream's row.
    func insertStream(_ name: String, of group: Int64, now: Timestamp) throws -> Int64 {
        try cachedStatement(sql: "INSERT INTO streams (group_id, name, created) VALUES (?, ?, ?)")
            .execute(arguments: [group, name, now.milliseconds])
        return lastInsertedRowID
    }

    /// Bytes of the file's pages that hold something.
    func usedBytes() throws -> Int64 {
        let pages = try Int64.fetchOne(self, sql: "PRAGMA page_count") ?? 0
        let free = try Int64.fetchOne(self, sql: "PRAGMA freelist_count") ?? 0
        return (pages &- free) &* (try Int64.fetchOne(self, sql: "PRAGMA page_size") ?? 4096)
    }
}
