import Domain
import Foundation
import Identifiers
import StateStore
import StateStoreSQLite
import Testing

@Suite("Backup and restore")
struct BackupTests {
    @Test("a backup beside a running server is whole and holds all that was acknowledged before it")
    func backupOfRunningWriter() throws {
        let directory = try TemporaryDirectory()
        let file = directory.file("state.db")
        let writer = try WriterProcess(file: file, writers: 8)
        writer.read(lines: 100)
        let before = writer.acknowledged
        try SQLiteStateStore.backup(of: file, to: directory.file("backup.db"))
        writer.read(lines: 50)
        writer.kill()
        let copy = try WriterCounters(file: directory.file("backup.db"))
        #expect(copy.left == copy.right)
        for (number, acknowledged) in before { #expect(copy.left["\(number)", default: 0] >= acknowledged) }
        #expect(try WriterCounters(file: file).left != copy.left)
    }

    @Test("a backup never overwrites a file, and leaves none behind when its source is damaged")
    func refusals() async throws {
        let directory = try TemporaryDirectory()
        let file = directory.file("state.db")
        let target = directory.file("backup.db")
        try await Fixture.makeFile(file)
        try Fixture.write(Data("mine".utf8), to: target)
        #expect(throws: BackupError.self) { try SQLiteStateStore.backup(of: file, to: target) }
        #expect(try Fixture.bytes(target) == Data("mine".utf8))
        try Fixture.write(try Fixture.bytes(file).prefix(9_000), to: file)
        #expect(throws: BackupError.self) { try SQLiteStateStore.backup(of: file, to: directory.file("other.db")) }
        #expect(!FileManager.default.fileExists(atPath: directory.file("other.db")))
        #expect(!FileManager.default.fileExists(atPath: directory.file("other.db.partial")))
    }

    @Test("a restore into a running store brings the content back, in a later revision and epoch")
    func restoreRunning() async throws {
        let directory = try TemporaryDirectory()
        let file = directory.file("state.db")
        try await Fixture.makeFile(file, families: 5)
        let provider = CapacityProviderRecord(
            id: CapacityProviderID(scope: Fixture.scope, name: "blue"), createdAt: epoch(), autoScalingGroup: "g")
        let first = try SQLiteStateStore.open(path: file, now: epoch)
        _ = try await first.commit { $0.put(provider) }
        first.close()
        try SQLiteStateStore.backup(of: file, to: directory.file("backup.db"))
        let store = try SQLiteStateStore.open(path: file, now: epoch)
        _ = try await store.commit { transaction in
            transaction.put(Fixture.installation(epoch: 4))
            transaction.put(Fixture.family("later"))
        }
        let before = store.committed()
        let plan = AggregateVersions(before, [.family(Fixture.family("family1").id)])
        var events = store.watch(.all, after: before.revision).makeAsyncIterator()

        let revision = try await store.restore(from: directory.file("backup.db"))

        #expect(await events.next() == .resync)
        #expect(await events.next() == nil)
        #expect(store.committed().revision == revision && revision > before.revision)
        #expect(store.committed().installation?.epoch == 5)
        #expect(store.committed().families.count == 5)
        await #expect(throws: CommitError<Never>.self) {
            try await store.commit(expecting: plan) { $0.put(Fixture.family("never")) }
        }
        let next = try await store.commit { $0.put(Fixture.family("next")) }.revision
        store.close()
        let reopened = try SQLiteStateStore.open(path: file, now: epoch)
        #expect(reopened.committed().revision == next)
        #expect(reopened.committed().families.count == 6)
        #expect(reopened.committed().capacityProviders[provider.id] == provider)
        #expect(reopened.committed().installation?.epoch == 5)
        reopened.close()
    }

    @Test("a restore where no server runs replaces a damaged file and keeps it aside")
    func restoreOverDamage() async throws {
        let directory = try TemporaryDirectory()
        let file = directory.file("state.db")
        try await Fixture.makeFile(file, families: 5)
        try SQLiteStateStore.backup(of: file, to: directory.file("backup.db"))
        let torn = try Fixture.bytes(file).prefix(9_000)
        try Fixture.write(Data(torn), to: file)
        let restored = try await SQLiteStateStore.restore(
            backup: directory.file("backup.db"), into: file, now: epoch)
        let aside = try #require(restored.damaged)
        #expect(try Fixture.bytes(aside) == torn)
        let store = try SQLiteStateStore.open(path: file, now: epoch)
        #expect(store.committed().families.count == 5)
        #expect(store.committed().installation?.epoch == 2)
        store.close()
    }

    @Test("restores of one old backup over a damaged or missing file never repeat an epoch")
    func epochsOfRepeatedRestores() async throws {
        let directory = try TemporaryDirectory()
        let file = directory.file("state.db")
        try await Fixture.makeFile(file, families: 1)
        try SQLiteStateStore.backup(of: file, to: directory.file("backup.db"))
        var epochs: [Int] = []
        for damage in 0..<4 {
            if damage % 2 == 0 {
                try Fixture.write(Data(try Fixture.bytes(file).prefix(9_000)), to: file)
            } else {
                try FileManager.default.removeItem(atPath: file)
            }
            _ = try await SQLiteStateStore.restore(backup: directory.file("backup.db"), into: file, now: epoch)
            let store = try SQLiteStateStore.open(path: file, now: epoch)
            epochs.append(try #require(store.committed().installation?.epoch))
            store.close()
        }
        #expect(epochs == [2, 3, 4, 5])
    }

    @Test("a restore into an empty directory makes the data file")
    func restoreIntoNothing() async throws {
        let directory = try TemporaryDirectory()
        try await Fixture.makeFile(directory.file("old.db"), families: 3)
        try SQLiteStateStore.backup(of: directory.file("old.db"), to: directory.file("backup.db"))
        let restored = try await SQLiteStateStore.restore(
            backup: directory.file("backup.db"), into: directory.file("new.db"), now: epoch)
        #expect(restored.damaged == nil)
        let store = try SQLiteStateStore.open(path: directory.file("new.db"), now: epoch)
        #expect(store.committed().families.count == 3)
        #expect(store.committed().revision == restored.revision)
        store.close()
    }

    @Test("history and watches reach over a restart")
    func history() async throws {
        let directory = try TemporaryDirectory()
        let file = directory.file("state.db")
        try await Fixture.makeFile(file, families: 5)
        let store = try SQLiteStateStore.open(path: file, now: epoch)
        let batches = try await store.history(after: Revision(2), limit: 3)
        #expect(batches.map(\.revision.value) == [3, 4, 5])
        #expect(batches.first?.time == epoch())
        #expect(batches.first?.changes.map(\.after) == [.family(Fixture.family("family1", 1))])
        var events = store.watch(.all, after: Revision(4)).makeAsyncIterator()
        guard case .batch(Revision(5), _)? = await events.next() else {
            Issue.record("revision 5 should be resumable")
            return
        }
        store.close()
    }
}
