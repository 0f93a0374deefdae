import GRDB
public import Identifiers
public import LogStore

/// Groups and streams.
extension SQLiteLogStore {
    /// Behind every name that begins with a prefix.
    static let last = "\u{10ffff}\u{10ffff}"

    public func create(_ group: LogGroupRecord) async throws(LogStoreError) {
        try await write { database in
            guard try database.groupRow(group.id) == nil else { throw LogStoreError.groupExists }
            try group.insert(database)
        }
    }

    public func delete(_ group: LogGroupID) async throws(LogStoreError) {
        try await write { database in
            let row = try database.row(of: group)
            guard row["protected"] == 0 else { throw LogStoreError.groupIsProtected }
            let id: Int64 = row["id"]
            try database.execute(sql: "UPDATE groups SET deleted = 1 WHERE id = ?", arguments: [id])
        }
    }

    public func group(_ id: LogGroupID) async throws(LogStoreError) -> LogGroupRecord {
        try await read { database in
            guard let group = LogGroupRecord(try database.row(of: id)) else { throw LogStoreError.noSuchGroup }
            return group
        }
    }

    public func groups(_ query: LogGroupQuery) async throws(LogStoreError) -> [LogGroupRecord] {
        try await read { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT * FROM groups WHERE account = ? AND region = ? AND deleted = 0
                        AND name >= ? AND name < ? AND name > ? AND instr(name, ?) > 0
                    ORDER BY name LIMIT ?
                    """,
                arguments: [
                    query.scope.account, query.scope.region, query.prefix, query.prefix + Self.last,
                    query.after ?? "", query.part, query.limit,
                ]
            ).compactMap { LogGroupRecord($0) }
        }
    }

    public func change<Result: Sendable>(
        _ group: LogGroupID, _ body: @escaping @Sendable (inout LogGroupRecord) -> Result
    ) async throws(LogStoreError) -> Result {
        try await write { database in
            let row = try database.row(of: group)
            guard var record = LogGroupRecord(row) else { throw LogStoreError.noSuchGroup }
            let result = body(&record)
            try record.update(row["id"], database)
            return result
        }
    }

    public func create(_ stream: LogStreamID, now: Timestamp) async throws(LogStoreError) {
        try await write { database in
            let group: Int64 = try database.row(of: stream.group)["id"]
            guard try database.streamRow(stream.name, of: group) == nil else { throw LogStoreError.streamExists }
            _ = try database.insertStream(stream.name, of: group, now: now)
        }
    }

    public func delete(_ stream: LogStreamID) async throws(LogStoreError) {
        try await write { database in
            let group: Int64 = try database.row(of: stream.group)["id"]
            guard let row = try database.streamRow(stream.name, of: group) else { throw LogStoreError.noSuchStream }
            let id: Int64 = row["id"]
            try database.execute(sql: "UPDATE streams SET deleted = 1 WHERE id = ?", arguments: [id])
        }
    }

    public func streams(_ query: LogStreamQuery) async throws(LogStoreError) -> [LogStreamRecord] {
        try await read { database in
            let group: Int64 = try database.row(of: query.group)["id"]
            let (compare, direction) = query.descending ? ("<", "DESC") : (">", "ASC")
            let isByName = query.order == .name
            var sql = """
                SELECT id, name, created, last_event, last_ingestion,
                    (SELECT min(time) FROM events WHERE stream_id = streams.id) AS first_event
                FROM streams WHERE group_id = ? AND deleted = 0 AND name >= ? AND name < ?
                """
            var arguments: StatementArguments = [group, query.prefix, query.prefix + Self.last]
            if let after = query.after {
                sql += isByName ? " AND name \(compare) ?" : " AND (last_event, name) \(compare) (?, ?)"
                if !isByName { arguments += [after.lastEvent?.milliseconds ?? -1] }
                arguments += [after.name]
            }
            sql += isByName ? " ORDER BY name \(direction)" : " ORDER BY last_event \(direction), name \(direction)"
            arguments += [query.limit]
            return try Row.fetchAll(database, sql: sql + " LIMIT ?", arguments: arguments)
                .map { LogStreamRecord($0, of: query.group) }
        }
    }
}

extension LogStreamRecord {
    fileprivate init(_ row: Row, of group: LogGroupID) {
        self.init(
            id: LogStreamID(group: group, name: row["name"]), createdAt: Timestamp(milliseconds: row["created"]))
        firstEvent = (row["first_event"] as Int64?).map { Timestamp(milliseconds: $0) }
        guard firstEvent != nil else { return }
        lastEvent = Timestamp(milliseconds: row["last_event"])
        lastIngestion = Timestamp(milliseconds: row["last_ingestion"])
    }
}
