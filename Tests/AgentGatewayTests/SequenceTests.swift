import AgentWire
import Domain
import Identifiers
import StateStore
import Testing

@testable import AgentGateway

@Suite("Sequence numbers")
struct SequenceTests {
    private func store(epoch: Int) async throws -> MemoryStateStore {
        let store = MemoryStateStore()
        _ = try await store.commit { (transaction: inout Transaction) throws(Never) in
            transaction.put(InstallationRecord(scope: scope, taskCIDR: "10.99.0.0/16", epoch: epoch))
        }
        return store
    }

    @Test("manifest and payloads of a connection count up, above every earlier connection")
    func countsUp() async throws {
        let source = SequenceSource(store: try await store(epoch: 1))
        var last: Int64 = 0
        for _ in 0..<200 {
            var lease = try await source.lease()
            for _ in 0..<3 {
                let number = lease.next()
                #expect(number > last)
                last = number
            }
        }
    }

    @Test("a used-up lease repeats its last number and never reaches into the next")
    func usedUp() {
        var lease = SequenceLease(epoch: 1, first: 64)
        var next = SequenceLease(epoch: 1, first: 128)
        let numbers = (0..<100).map { _ in lease.next() }
        #expect(numbers[98] == numbers[99])
        let following = next.next()
        #expect(numbers[99] < following)
    }

    @Test("numbers never go back over a restart of the control plane, even when nothing was committed between")
    func restart() async throws {
        let store = try await store(epoch: 1)
        var before = try await SequenceSource(store: store).lease()
        let used = (0..<100).map { _ in before.next() }.max() ?? 0
        var after = try await SequenceSource(store: store).lease()
        let number = after.next()
        #expect(number > used)
    }

    @Test("numbers never go back over a restore of an older backup, which raises the epoch")
    func restore() async throws {
        let running = try await store(epoch: 1)
        var used: Int64 = 0
        let source = SequenceSource(store: running)
        for _ in 0..<300 {
            var lease = try await source.lease()
            used = lease.next()
        }
        var restored = try await SequenceSource(store: try await store(epoch: 2)).lease()
        let number = restored.next()
        #expect(number > used)
    }

    @Test("a store without an installation gives no numbers")
    func notInitialised() async {
        let source = SequenceSource(store: MemoryStateStore())
        await #expect(throws: (any Error).self) { try await source.lease() }
    }

    @Test("connections that open at once never share a number")
    func concurrent() async throws {
        let source = SequenceSource(store: try await store(epoch: 1))
        let numbers = try await withThrowingTaskGroup(of: Int64.self) { group in
            for _ in 0..<100 {
                group.addTask {
                    var lease = try await source.lease()
                    return lease.next()
                }
            }
            return try await group.reduce(into: [Int64]()) { $0.append($1) }
        }
        #expect(Set(numbers).count == 100)
    }
}
