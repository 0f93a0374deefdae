import Domain
import Foundation
import Identifiers
import LogStore
import LogStoreSQLite
import Testing

@Suite("Log file")
struct LogFileTests {
    @Test("has after a kill all that was acknowledged")
    func kill() async throws {
        let folder = try LogFolder()
        let store = try folder.open()
        defer { store.close() }
        try await withThrowingTaskGroup { group in
            for number in 0..<50 {
                group.addTask {
                    try await store.append(
                        lines("a", "b"), to: stream("s\(number)"), creating: .groupAndStream, now: start)
                }
            }
            try await group.waitForAll()
        }
        let left = try folder.killed()
        let reopened = try left.open()
        defer { withExtendedLifetime(left) { reopened.close() } }
        #expect(try await reopened.messages().count == 100)
        #expect(try await reopened.streams(LogStreamQuery(group: web, limit: 100)).count == 50)
    }

    enum Damage: CaseIterable, Sendable { case noise, cutInPage, cutToPages, otherSQLite, emptied }

    @Test("that is damaged is set aside, and the store goes on with an empty one", arguments: Damage.allCases)
    func damaged(_ damage: Damage) async throws {
        let folder = try LogFolder()
        let store = try folder.open()
        try await store.append(many(), to: stream("s"), creating: .groupAndStream, now: start)
        store.close()
        try spoil(folder.file, damage)
        let reopened = try folder.open()
        defer { reopened.close() }
        // Where opening finds nothing, reading or writing does; the call that does is refused, and later ones go on.
        for _ in 0..<3 {
            _ = try? await reopened.messages()
            try? await reopened.append(many(), to: stream("t"), creating: .groupAndStream, now: start)
        }
        try await reopened.append(lines("z", from: 99), to: stream("t"), creating: .groupAndStream, now: start)
        #expect(try await reopened.messages(.named(["t"])).last == "z")
        if damage != .emptied { #expect(try folder.setAside().count == 1) }
    }

    @Test("leaves its groups to the one that takes its place")
    func salvage() async throws {
        let folder = try LogFolder()
        let store = try folder.open()
        var group = LogGroupRecord(id: web, createdAt: start)
        group.retentionDays = 30
        group.tags = [KeyValue(key: "team", value: "a")]
        try await store.create(group)
        try await store.append(many(), to: stream("s"), creating: .stream, now: start)
        store.close()
        // The tables' roots and the groups stand at the beginning, the events behind.
        let size = try #require(FileManager.default.attributesOfItem(atPath: folder.file)[.size] as? Int)
        let handle = try #require(FileHandle(forUpdatingAtPath: folder.file))
        try handle.seek(toOffset: UInt64(size / 2))
        try handle.write(contentsOf: Data(repeating: 0xff, count: size / 2))
        try handle.close()
        let reopened = try folder.open()
        defer { reopened.close() }
        await #expect(throws: (any Error).self) { try await reopened.messages { $0.byteLimit = 1 << 30 } }
        #expect(try await reopened.group(web) == group)
        #expect(try await reopened.messages().isEmpty)
        #expect(try folder.setAside().count == 1)
    }

    private func many() -> [NewLogEvent] {
        (0..<2_000).map { NewLogEvent(time: at($0 % 50), message: "line \($0) " + String(repeating: "-", count: 100)) }
    }

    private func spoil(_ path: String, _ damage: Damage) throws {
        let size = try #require(FileManager.default.attributesOfItem(atPath: path)[.size] as? Int)
        switch damage {
        case .noise: try Data(repeating: 0x5a, count: 70_000).write(to: URL(fileURLWithPath: path))
        case .cutInPage: try truncate(path, size / 2 + 100)
        case .cutToPages: try truncate(path, size / 2 / 4096 * 4096)
        case .otherSQLite:
            var file = try Data(contentsOf: URL(fileURLWithPath: path))
            file.replaceSubrange(68..<72, with: [1, 2, 3, 4])
            try file.write(to: URL(fileURLWithPath: path))
        case .emptied: try truncate(path, 0)
        }
    }

    private func truncate(_ path: String, _ size: Int) throws {
        let handle = try #require(FileHandle(forUpdatingAtPath: path))
        try handle.truncate(atOffset: UInt64(size))
        try handle.close()
    }
}
