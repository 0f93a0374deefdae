import Foundation
import GRDB
public import Identifiers
public import LogStore

extension SQLiteLogStore {
    /// Most streams whose events are merged; events of more are picked out of the group's.
    private static let mergedStreams = 100
    /// Most events looked at for one answer.
    private static let scanned = 100_000

    public func events(_ query: LogQuery, now: Timestamp) async throws(LogStoreError) -> LogPage {
        try await read { database in
            let row = try database.row(of: query.group)
            guard let group = LogGroupRecord(row) else { throw LogStoreError.noSuchGroup }
            var query = query
            if let expiry = group.expiry(at: now) { query.from = max(query.from ?? expiry, expiry) }
            let (sources, prefix) = try Self.sources(query, group: row["id"], database)
            return try Self.page(query, sources, prefix: prefix)
        }
    }

    private static func sources(
        _ query: LogQuery, group: Int64, _ database: Database
    ) throws -> ([EventSource], prefix: String?) {
        switch query.streams {
        case .all: return ([try EventSource(query, "group_id", group, database)].compactMap(\.self), nil)
        case .named(let names):
            let sources = try Set(names).sorted().compactMap { name -> EventSource? in
                guard let row = try database.streamRow(name, of: group) else { throw LogStoreError.noSuchStream }
                return try EventSource(query, "stream_id", row["id"], database)
            }
            return (sources, nil)
        case .prefixed(let prefix):
            let streams = try Int64.fetchAll(
                database,
                sql: """
                    SELECT id FROM streams WHERE group_id = ? AND deleted = 0 AND name >= ? AND name < ?
                    ORDER BY name LIMIT ?
                    """, arguments: [group, prefix, prefix + SQLiteLogStore.last, mergedStreams + 1])
            guard streams.count <= mergedStreams else {
                return ([try EventSource(query, "group_id", group, database)].compactMap(\.self), prefix)
            }
            return (try streams.compactMap { try EventSource(query, "stream_id", $0, database) }, nil)
        }
    }

    /// Merges what the sources have, which is in order already.
    private static func page(_ query: LogQuery, _ sources: [EventSource], prefix: String?) throws -> LogPage {
        var sources = sources
        var page = LogPage(events: [], next: nil)
        var last: LogPosition?
        var bytes = 0
        var seen = 0
        while let index = sources.indices.min(by: { query.direction.orders(sources[$0], before: sources[$1]) }) {
            let event = sources[index].head
            let isWanted = prefix.map { event.stream.utf8.starts(with: $0.utf8) } ?? true
            let size = event.message.utf8.count + 26
            if page.events.count >= query.limit || seen >= scanned
                || (isWanted && !page.events.isEmpty && bytes + size > query.byteLimit)
            {
                page.next = last
                return page
            }
            if isWanted {
                page.events.append(event)
                bytes += size
            }
            seen += 1
            last = event.position
            if try !sources[index].advance() { sources.remove(at: index) }
        }
        return page
    }
}

extension LogQuery.Direction {
    fileprivate func orders(_ first: EventSource, before second: EventSource) -> Bool {
        self == .forwards
            ? first.head.position < second.head.position : first.head.position > second.head.position
    }
}

/// The events of one stream, or of a whole group, in the direction of a query; read one by one.
private struct EventSource {
    private let rows: RowCursor
    private(set) var head: LogEvent

    /// nil when there are none.
    init?(_ query: LogQuery, _ column: String, _ value: Int64, _ database: Database) throws {
        let isForwards = query.direction == .forwards
        let (compare, direction) = isForwards ? (">", "ASC") : ("<", "DESC")
        let index = column == "group_id" ? "events_by_group" : "events_by_stream"
        var sql = """
            SELECT streams.name, events.time, events.id, ingested, message
            FROM events INDEXED BY \(index) CROSS JOIN streams ON streams.id = events.stream_id
            WHERE events.\(column) = ? AND streams.deleted = 0
            """
        var arguments: StatementArguments = [value]
        if let position = query.position {
            sql += " AND events.time \(compare)= ? AND (events.time, events.id) \(compare) (?, ?)"
            arguments += [position.time.milliseconds, position.time.milliseconds, position.number]
        }
        if let from = query.from {
            sql += " AND events.time >= ?"
            arguments += [from.milliseconds]
        }
        if let to = query.to {
            sql += " AND events.time < ?"
            arguments += [to.milliseconds]
        }
        sql += " ORDER BY events.time \(direction), events.id \(direction)"
        rows = try Row.fetchCursor(database, sql: sql, arguments: arguments)
        guard let first = try rows.next() else { return nil }
        head = LogEvent(first)
    }

    /// - Returns: whether there is another.
    mutating func advance() throws -> Bool {
        guard let row = try rows.next() else { return false }
        head = LogEvent(row)
        return true
    }
}

extension LogEvent {
    fileprivate init(_ row: Row) {
        let message: Data = row[4]
        self.init(
            stream: row[0], position: LogPosition(time: Timestamp(milliseconds: row[1]), number: row[2]),
            ingestedAt: Timestamp(milliseconds: row[3]), message: String(decoding: message, as: UTF8.self))
    }
}
