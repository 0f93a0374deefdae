import Domain
import Foundation
import Identifiers
import StateStore
import StateStoreSQLite
import Testing

@Suite("A store on a full disk")
struct FullDiskTests {
    @Test("refuses writes, loses nothing acknowledged, and goes on once there is space", .enabled(if: getuid() == 0))
    func fullDisk() async throws {
        let disk = try SmallDisk(megabytes: 2)
        let path = disk.path + "/state.db"
        let store = try SQLiteStateStore.open(path: path, now: epoch)
        var acknowledged = 0
        var refusal: String?
        while refusal == nil, acknowledged < 5_000 {
            let next = acknowledged + 1
            do throws(CommitError<Never>) {
                _ = try await store.commit { $0.put(Self.padded(next)) }
                acknowledged = next
                if acknowledged == 20 { try? disk.fill() }
            } catch {
                guard case .unavailable(let text) = error else { throw error }
                refusal = text
            }
        }
        #expect(acknowledged >= 20)
        let text = try #require(refusal)
        #expect(text.contains(path) && text.contains("full"))
        #expect(store.committed().clusters.count == acknowledged)
        await #expect(throws: CommitError<Never>.self) {
            _ = try await store.commit { transaction in
                for number in 0..<90 { transaction.put(Self.padded(10_000 + number)) }
            }
        }

        try disk.free()
        let last = acknowledged + 1
        _ = try await store.commit { $0.put(Self.padded(last)) }
        store.close()
        let reopened = try SQLiteStateStore.open(path: path, now: epoch)
        #expect(reopened.committed().clusters.count == acknowledged + 1)
        reopened.close()
    }

    private static func padded(_ number: Int) -> ClusterRecord {
        var cluster = ClusterRecord(id: .init(scope: Fixture.scope, name: "cluster\(number)"), createdAt: epoch())
        cluster.tags = [KeyValue(key: "padding", value: String(repeating: "x", count: 2_000))]
        return cluster
    }
}

/// A small file system of its own, unmounted with the value.
private final class SmallDisk {
    let path: String
    private let directory: TemporaryDirectory

    init(megabytes: Int) throws {
        directory = try TemporaryDirectory()
        path = directory.path
        let mount = try Process.run(
            URL(fileURLWithPath: "/usr/bin/env"),
            arguments: ["mount", "-t", "tmpfs", "-o", "size=\(megabytes)m", "tmpfs", path])
        mount.waitUntilExit()
        try #require(mount.terminationStatus == 0, "a tmpfs must be mountable")
    }

    /// Takes all space that is left.
    func fill() throws {
        let file = open(path + "/filler", O_WRONLY | O_CREAT, 0o600)
        try #require(file >= 0)
        defer { close(file) }
        let block = [UInt8](repeating: 1, count: 4_096)
        while write(file, block, block.count) > 0 {}
    }

    func free() throws { try FileManager.default.removeItem(atPath: path + "/filler") }

    deinit { umount2(path, Int32(MNT_DETACH)) }
}
