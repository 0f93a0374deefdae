import Foundation
import Identifiers
import LogStore
import LogStoreSQLite
import Logging

let scope = Scope(account: "000000000000", region: "us-east-1")
let web = LogGroupID(scope: scope, name: "/web")
let start = Timestamp(milliseconds: 1_700_000_000_000)

func at(_ seconds: Int) -> Timestamp { start.adding(.seconds(seconds)) }

func stream(_ name: String, of group: LogGroupID = web) -> LogStreamID { LogStreamID(group: group, name: name) }

func lines(_ messages: String..., from seconds: Int = 0) -> [NewLogEvent] {
    messages.enumerated().map { NewLogEvent(time: at(seconds + $0.offset), message: $0.element) }
}

/// A directory of one test with a log file in it; gone with the value.
final class LogFolder: Sendable {
    let path: String
    var file: String { path + "/logs.sqlite" }

    init() throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("berth-logs-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    func open(limit: Int64 = SQLiteLogStore.standardLimit) throws -> SQLiteLogStore {
        try SQLiteLogStore.open(
            path: file, limit: limit, now: { start }, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    /// What a kill at this instant would leave.
    func killed() throws -> LogFolder {
        let copy = try LogFolder()
        for suffix in ["", "-wal"] where FileManager.default.fileExists(atPath: file + suffix) {
            try FileManager.default.copyItem(atPath: file + suffix, toPath: copy.file + suffix)
        }
        return copy
    }

    func setAside() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: path).filter {
            $0.hasPrefix("logs.sqlite.damaged-") && !$0.hasSuffix("-wal") && !$0.hasSuffix("-shm")
        }
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}

extension LogStore {
    func messages(
        _ streams: LogQuery.Streams = .all, of group: LogGroupID = web, now: Timestamp = start,
        _ change: (inout LogQuery) -> Void = { _ in }
    ) async throws -> [String] {
        var query = LogQuery(group: group, streams: streams)
        change(&query)
        return try await events(query, now: now).events.map(\.message)
    }

    func sweepAll(now: Timestamp) async throws {
        while try await !sweep(now: now) {}
    }
}
