import Foundation
import GRDB
import StateStore
import StateStoreSQLite
import Testing

@Suite("A data file that is not right")
struct DamagedFileTests {
    @Test("is refused when it is torn, and left as it was", arguments: [0, 1, 100, 4096, 9000, 20_000])
    func torn(_ length: Int) async throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("state.db")
        try await Fixture.makeFile(path)
        let torn = try Fixture.bytes(path).prefix(length)
        try Fixture.write(Data(torn), to: path)
        let error = #expect(throws: StoreOpenError.self) { try SQLiteStateStore.open(path: path, now: epoch) }
        guard case .damaged(let text)? = error else {
            Issue.record("expected a damaged file, got \(String(describing: error))")
            return
        }
        #expect(text.contains(path) && text.contains("berth restore"))
        #expect(try Fixture.bytes(path) == torn)
    }

    @Test("is refused when its header is overwritten")
    func header() async throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("state.db")
        try await Fixture.makeFile(path)
        var bytes = try Fixture.bytes(path)
        bytes.replaceSubrange(0..<16, with: Data(repeating: 0x41, count: 16))
        try Fixture.write(bytes, to: path)
        let error = #expect(throws: StoreOpenError.self) { try SQLiteStateStore.open(path: path, now: epoch) }
        guard case .damaged? = error else {
            Issue.record("expected a damaged file, got \(String(describing: error))")
            return
        }
        #expect(try Fixture.bytes(path) == bytes)
    }

    @Test("never shows other content after one byte changed anywhere")
    func flippedByte() async throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("state.db")
        try await Fixture.makeFile(path)
        let sound = try Fixture.bytes(path)
        let store = try SQLiteStateStore.open(path: path, now: epoch)
        let content = Fixture.records(store.committed())
        store.close()
        var refused = 0
        let step = max(1, sound.count / 150)
        for offset in stride(from: 17, to: sound.count, by: step) {
            let copy = directory.file("copy\(offset).db")
            var bytes = sound
            bytes[offset] ^= 0x21
            try Fixture.write(bytes, to: copy)
            do throws(StoreOpenError) {
                let opened = try SQLiteStateStore.open(path: copy, now: epoch)
                #expect(Fixture.records(opened.committed()) == content, "byte \(offset)")
                opened.close()
            } catch {
                refused += 1
                #expect(try Fixture.bytes(copy) == bytes, "byte \(offset)")
            }
        }
        #expect(refused > 20)
    }

    @Test("is refused when a newer Berth wrote it")
    func newer() async throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("state.db")
        try await Fixture.makeFile(path, families: 1)
        try await DatabaseQueue(path: path).write {
            try $0.execute(sql: "INSERT INTO grdb_migrations VALUES ('99 from the future')")
        }
        let error = #expect(throws: StoreOpenError.self) { try SQLiteStateStore.open(path: path, now: epoch) }
        guard case .newer? = error else {
            Issue.record("expected a newer file, got \(String(describing: error))")
            return
        }
    }

    @Test("is refused when it is some other program's")
    func foreign() async throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("state.db")
        try await DatabaseQueue(path: path).write { try $0.execute(sql: "CREATE TABLE theirs (a)") }
        let error = #expect(throws: StoreOpenError.self) { try SQLiteStateStore.open(path: path, now: epoch) }
        guard case .foreign? = error else {
            Issue.record("expected a foreign file, got \(String(describing: error))")
            return
        }
    }

    @Test("is refused while another store has it open, and free again once that is closed")
    func inUse() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("state.db")
        let first = try SQLiteStateStore.open(path: path, now: epoch)
        let error = #expect(throws: StoreOpenError.self) { try SQLiteStateStore.open(path: path, now: epoch) }
        guard case .inUse? = error else {
            Issue.record("expected a file in use, got \(String(describing: error))")
            return
        }
        first.close()
        try SQLiteStateStore.open(path: path, now: epoch).close()
    }

    @Test("is refused when only its log is left")
    func orphanedLog() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("state.db")
        try Fixture.write(Data("commits".utf8), to: path + "-wal")
        #expect(throws: StoreOpenError.self) { try SQLiteStateStore.open(path: path, now: epoch) }
        #expect(try Fixture.bytes(path + "-wal") == Data("commits".utf8))
    }
}
