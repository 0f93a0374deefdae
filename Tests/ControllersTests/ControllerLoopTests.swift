import Domain
import Identifiers
import Logging
import StateStore
import Synchronization
import TestKit
import Testing

@testable import Controllers

@Suite("The loop of controllers")
struct ControllerLoopTests {
    @Test("hands over the key of every commit, those that came in its pauses too", .timeLimit(.minutes(1)))
    func everyKey() async throws {
        let store = MemoryStateStore()
        let loop = ControllerLoop<String>(
            store: store, scope: .clusters, clock: ContinuousClock(), logger: Logger(label: "test"))
        let (wakeups, continuation) = AsyncStream.makeStream(of: Wakeup<String>.self)
        let running = Task {
            try await loop.run(keys: Self.names) { wakeup, _ in
                continuation.yield(wakeup)
                return nil
            }
        }
        var iterator = wakeups.makeAsyncIterator()
        // The first look is at everything; what is committed from now on must come by its key.
        #expect(await iterator.next()?.isResync == true)
        let names = (0..<600).map { "cluster\($0)" }
        let writing = Task {
            for name in names {
                let id = ClusterID(scope: Scope(account: "000000000000", region: "us-east-1"), name: name)
                _ = try await store.commit { $0.put(ClusterRecord(id: id, createdAt: .test())) }
                // Some come alone, some in a burst.
                if name.hasSuffix("99") { try await Task.sleep(for: .milliseconds(15)) }
            }
        }
        var seen: Set<String> = []
        while seen.count < names.count, let wakeup = await iterator.next() { seen.formUnion(wakeup.keys) }
        #expect(seen == Set(names))
        try await writing.value
        running.cancel()
    }

    @Sendable private static func names(_ change: Change) -> [String] {
        if case .cluster(let id) = change.key { [id.name] } else { [] }
    }
}
