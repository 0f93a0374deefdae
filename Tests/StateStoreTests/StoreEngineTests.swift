import Domain
import Identifiers
import StateStore
import Synchronization
import Testing

@Suite("The engine of all stores")
struct StoreEngineTests {
    let log = ScriptedLog()
    let engine: StoreEngine

    init() {
        engine = StoreEngine(log: log, state: StateSnapshot(), limits: StoreLimits()) { Timestamp(milliseconds: 0) }
    }

    @Test("gathers what arrives during a flush into one next flush")
    func gathers() async throws {
        log.hold()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await put("first") }
            await log.untilHeld()
            for number in 0..<20 { group.addTask { try await put("family\(number)") } }
            while engine.gatheredCount < 20 { await Task.yield() }
            log.release()
            try await group.waitForAll()
        }
        #expect(log.written.map(\.count) == [1, 20])
        #expect(engine.committed().families.count == 21)
    }

    @Test("shows readers nothing that is not durable")
    func hidesTip() async throws {
        log.hold()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await put("first") }
            await log.untilHeld()
            #expect(engine.committed().families.count == 0)
            log.release()
            try await group.waitForAll()
        }
        #expect(engine.committed().families.count == 1)
    }

    @Test("makes a body that changed nothing wait until what it saw is durable, and fail with it")
    func readersWait() async throws {
        log.hold()
        log.failNext("disk gone")
        let hasRead = Flag()
        await withTaskGroup(of: String?.self) { group in
            group.addTask { await failure { try await put("first") } }
            await log.untilHeld()
            group.addTask {
                await failure {
                    let seen = try await engine.commit(expecting: AggregateVersions()) { transaction in
                        hasRead.raise()
                        return transaction.state.families.count
                    }
                    Issue.record("saw \(seen.result) although it was not durable")
                }
            }
            group.addTask { await failure { try await put("second") } }
            while !hasRead.isRaised || engine.gatheredCount < 1 { await Task.yield() }
            log.release()
            for await text in group { #expect(text == "disk gone") }
        }
        #expect(engine.committed().families.count == 0)
        #expect(engine.committed().revision == .zero)
    }

    @Test("takes writes again at once when the log reads back as it was")
    func recoversAtOnce() async throws {
        log.failNext("hiccup")
        #expect(await failure { try await put("lost") } == "hiccup")
        try await put("kept")
        #expect(engine.committed().families.values().map { $0.0.name } == ["kept"])
        #expect(engine.committed().revision == Revision(1))
    }

    @Test("acknowledges a flush that failed when the log turns out to hold it")
    func failedButWritten() async throws {
        log.failNext("late answer", kept: true)
        try await put("kept")
        #expect(engine.committed().families.count == 1)
        #expect(engine.committed().revision == Revision(1))
    }

    @Test("stays read-only while the log cannot be verified, and opens when it can")
    func readOnly() async throws {
        try await put("before")
        log.failNext("disk full")
        log.failVerification("disk still full")
        #expect(await failure { try await put("lost") } == "disk full")
        #expect(await failure { try await put("lost") } == "disk still full")
        #expect(engine.committed().families.count == 1)
        log.failVerification(nil)
        try await put("after")
        #expect(engine.committed().families.values().map { $0.0.name } == ["after", "before"])
    }

    @Test("takes over what the log holds when that is not what it knew, and sends watchers back to a snapshot")
    func adopts() async throws {
        try await put("before")
        log.failNext("disk full")
        log.failVerification("disk still full")
        #expect(await failure { try await put("lost") } != nil)
        var events = engine.watch(.all, after: Revision(1)).makeAsyncIterator()
        var loader = SnapshotLoader()
        loader.add(.family(family("planted")), Revision(7))
        log.plant(loader.finish(Revision(7)))
        log.failVerification(nil)
        try await put("after")
        #expect(await events.next() == .resync)
        #expect(engine.committed().families.values().map { $0.0.name } == ["after", "planted"])
        #expect(engine.committed().revision == Revision(8))
    }

    @Test("replaces everything behind the flushes on their way, and before what comes later")
    func replaces() async throws {
        log.hold()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await put("before") }
            await log.untilHeld()
            group.addTask {
                let revision = try await engine.replace { tip in
                    #expect(tip.families.count == 1)
                    var loader = SnapshotLoader()
                    loader.add(.family(family("restored")), Revision(40))
                    return loader.finish(Revision(50))
                }
                #expect(revision == Revision(51))
                try await put("after")
            }
            log.release()
            try await group.waitForAll()
        }
        #expect(engine.committed().families.values().map { $0.0.name } == ["after", "restored"])
        #expect(engine.committed().version(of: .family(family("restored").id)) == Revision(51))
        #expect(engine.committed().revision == Revision(52))
    }

    private func family(_ name: String) -> FamilyRecord {
        FamilyRecord(id: FamilyID(scope: Scope(account: "0", region: "r"), name: name), latestRevision: 1)
    }

    private func put(_ name: String) async throws(CommitError<Never>) {
        _ = try await engine.commit(expecting: AggregateVersions()) { $0.put(family(name)) }
    }

    /// The text of `.unavailable`, or nil when `body` went well.
    private func failure(_ body: () async throws -> Void) async -> String? {
        do {
            try await body()
            return nil
        } catch CommitError<Never>.unavailable(let text) {
            return text
        } catch {
            return "\(error)"
        }
    }
}

private final class Flag: Sendable {
    private let state = Mutex(false)
    var isRaised: Bool { state.withLock { $0 } }
    func raise() { state.withLock { $0 = true } }
}
