import Domain
import Foundation
import Identifiers
import StateStore
import Testing

@testable import StateStoreSQLite

@Suite("The space of the write-ahead log")
struct LogSpaceTests {
    @Test("is taken once there are many commits, and a crash behind it loses none")
    func survivesCrash() async throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("state.db")
        let store = try SQLiteStateStore.open(path: path, now: epoch)
        for number in 0..<40 { _ = try await store.commit { $0.put(Fixture.family("family\(number)")) } }
        #expect(try size(path + "-wal") < LogSpace.bytes)
        for number in 40..<100 { _ = try await store.commit { $0.put(Fixture.family("family\(number)")) } }
        #expect(try size(path + "-wal") == LogSpace.bytes)

        // What a crash at this moment leaves: both files, and nobody who closed them.
        let crashed = directory.file("crashed.db")
        try Fixture.write(try Fixture.bytes(path), to: crashed)
        try Fixture.write(try Fixture.bytes(path + "-wal"), to: crashed + "-wal")
        let reopened = try SQLiteStateStore.open(path: crashed, now: epoch)
        #expect(Fixture.records(reopened.committed()) == Fixture.records(store.committed()))
        #expect(reopened.committed().families.count == 100)
        reopened.close()
        store.close()
    }

    @Test("keeps what the log holds, and leaves a log alone that is as long")
    func keepsContent() throws {
        let directory = try TemporaryDirectory()
        let file = directory.file("state.db")
        let held = Data((0..<5_000).map { UInt8($0 % 251) })
        try Fixture.write(held, to: file + "-wal")
        LogSpace(dataFile: file).take()
        let bytes = try Fixture.bytes(file + "-wal")
        #expect(bytes.count == LogSpace.bytes)
        #expect(bytes.prefix(held.count) == held)
        #expect(bytes.dropFirst(held.count).allSatisfy { $0 == 0 })

        let long = Data(repeating: 7, count: LogSpace.bytes + 1)
        try Fixture.write(long, to: file + "-wal")
        LogSpace(dataFile: file).take()
        #expect(try Fixture.bytes(file + "-wal") == long)
    }

    @Test("makes no log where there is none")
    func makesNone() throws {
        let directory = try TemporaryDirectory()
        LogSpace(dataFile: directory.file("state.db")).take()
        #expect(!FileManager.default.fileExists(atPath: directory.file("state.db-wal")))
    }

    private func size(_ path: String) throws -> Int {
        try #require(try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int)
    }
}
