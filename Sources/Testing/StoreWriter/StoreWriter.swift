import Domain
import Foundation
import Identifiers
import StateStore
import StateStoreSQLite

/// Commits to a data file from several writers and prints `WRITER SEQUENCE` once a commit is acknowledged.
///
/// `store-writer FILE WRITERS COMMITS`: every writer makes COMMITS commits (0: without end), each of which raises its own
/// two counters together, so that a torn commit shows. The first line is `ready`.
@main
struct StoreWriter {
    static func main() async throws {
        let arguments = CommandLine.arguments
        guard arguments.count == 4, let writers = Int(arguments[2]), let commits = Int(arguments[3]) else {
            FileHandle.standardError.write(Data("usage: store-writer FILE WRITERS COMMITS\n".utf8))
            exit(64)
        }
        let store = try SQLiteStateStore.open(path: arguments[1]) {
            Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000))
        }
        say("ready")
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<writers {
                group.addTask { try await write(to: store, as: writer, commits: commits) }
            }
            try await group.waitForAll()
        }
    }

    private static func write(to store: SQLiteStateStore, as writer: Int, commits: Int) async throws {
        let scope = Scope(account: "000000000000", region: "us-east-1")
        let left = FamilyID(scope: scope, name: "left\(writer)")
        let right = FamilyID(scope: scope, name: "right\(writer)")
        var made = 0
        while commits == 0 || made < commits {
            let sequence = try await store.commit { transaction in
                let next = (transaction.state.families[left]?.latestRevision ?? 0) + 1
                transaction.put(FamilyRecord(id: left, latestRevision: next))
                transaction.put(FamilyRecord(id: right, latestRevision: next))
                return next
            }.result
            say("\(writer) \(sequence)")
            made += 1
        }
    }

    /// One `write` per line, so that a kill never leaves an acknowledgement in a buffer.
    private static func say(_ line: String) {
        let bytes = Array((line + "\n").utf8)
        _ = bytes.withUnsafeBytes { Glibc.write(1, $0.baseAddress, $0.count) }
    }
}
