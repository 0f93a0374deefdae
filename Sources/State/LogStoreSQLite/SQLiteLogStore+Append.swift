import Foundation
import GRDB
public import Identifiers
public import LogStore
import Synchronization

/// An append that waits to be written.
struct WaitingAppend: Sendable {
    var events: [NewLogEvent]
    var stream: LogStreamID
    var creating: LogCreation
    var now: Timestamp
    var bytes: Int
    var done: CheckedContinuation<Result<Void, any Error>, Never>
}

/// Appends in the order in which they came.
struct WaitingAppends {
    /// Bytes held in memory; a disk that cannot follow makes callers hear of it rather than fill the memory.
    private static let limit = 64 << 20
    /// Bytes of one transaction: larger ones keep readers of what is new waiting, smaller ones flush more often.
    private static let batch = 8 << 20

    private var appends: [WaitingAppend] = []
    private var bytes = 0

    /// - Returns: whether there was room.
    mutating func add(_ append: WaitingAppend) -> Bool {
        guard bytes == 0 || bytes + append.bytes <= Self.limit else { return false }
        bytes += append.bytes
        appends.append(append)
        return true
    }

    /// The next of one transaction; none when nothing waits.
    mutating func take() -> [WaitingAppend] {
        var taken = 0
        var count = 0
        while count < appends.count, count == 0 || taken + appends[count].bytes <= Self.batch {
            taken += appends[count].bytes
            count += 1
        }
        bytes -= taken
        defer { appends.removeFirst(count) }
        return Array(appends.prefix(count))
    }
}

extension SQLiteLogStore {
    public func append(
        _ events: [NewLogEvent], to stream: LogStreamID, creating: LogCreation, now: Timestamp
    ) async throws(LogStoreError) {
        let connection = current
        let outcome = await withCheckedContinuation {
            (done: CheckedContinuation<Result<Void, any Error>, Never>) in
            let append = WaitingAppend(
                events: events, stream: stream, creating: creating, now: now,
                bytes: events.reduce(200) { $0 + $1.storedBytes }, done: done)
            guard waiting.withLock({ $0.add(append) }) else {
                done.resume(returning: .failure(LogStoreError.overloaded))
                return
            }
            // Each takes all that waits by then: of many only some find anything.
            connection.database.asyncWriteWithoutTransaction { self.writeWaiting($0) }
        }
        try value(of: outcome, connection)
    }

    private func writeWaiting(_ database: Database) {
        let appends = waiting.withLock { $0.take() }
        guard !appends.isEmpty else { return }
        do {
            let refusals = try database.whole { database in
                let refusals = try appends.map { try self.add($0, database) }
                try self.makeRoom(after: appends.reduce(0) { $0 + $1.events.count }, database)
                return refusals
            }
            for (append, refusal) in zip(appends, refusals) {
                append.done.resume(returning: refusal.map { .failure($0) } ?? .success(()))
            }
        } catch {
            for append in appends { append.done.resume(returning: .failure(error)) }
        }
    }

    /// - Returns: why nothing was added.
    private func add(_ append: WaitingAppend, _ database: Database) throws -> LogStoreError? {
        let id = append.stream.group
        let group: Int64
        if let row = try database.groupRow(id) {
            group = row["id"]
        } else {
            guard append.creating == .groupAndStream else { return .noSuchGroup }
            group = try LogGroupRecord(id: id, createdAt: append.now).insert(database)
        }
        let stream: Int64
        if let row = try database.streamRow(append.stream.name, of: group) {
            stream = row["id"]
            if append.creating == .streamOnce, row["last_event"] >= 0 { return nil }
        } else {
            guard append.creating != .nothing else { return .noSuchStream }
            stream = try database.insertStream(append.stream.name, of: group, now: append.now)
        }
        guard let newest = append.events.map(\.time.milliseconds).max() else { return nil }
        let insert = try database.cachedStatement(
            sql: "INSERT INTO events (group_id, stream_id, time, ingested, message) VALUES (?, ?, ?, ?, ?)")
        for event in append.events {
            try insert.execute(arguments: [
                group, stream, max(0, event.time.milliseconds), append.now.milliseconds, Data(event.message.utf8),
            ])
        }
        try database.cachedStatement(
            sql: "UPDATE streams SET last_event = max(last_event, ?), last_ingestion = ? WHERE id = ?"
        ).execute(arguments: [max(0, newest), append.now.milliseconds, stream])
        try database.cachedStatement(sql: "UPDATE groups SET bytes = bytes + ? WHERE id = ?")
            .execute(arguments: [append.events.reduce(0) { $0 + $1.storedBytes }, group])
        return nil
    }

    /// Takes the oldest events away while the file is too full: as many as were added and some more at most, so that no
    /// append takes long.
    private func makeRoom(after added: Int, _ database: Database) throws {
        var pieces = added / 100 + 50
        while pieces > 0, try database.usedBytes() > limit {
            guard try database.takeEvents(where: "1 ORDER BY id LIMIT 200", []) > 0 else { return }
            pieces -= 1
        }
    }
}

extension NewLogEvent {
    /// As CloudWatch Logs counts.
    fileprivate var storedBytes: Int { message.utf8.count + 26 }
}
