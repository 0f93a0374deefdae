import Domain
import Identifiers
package import StateStore
import Synchronization

/// Gives every session numbers above those of all sessions before, those before a restart or a restore included.
///
/// Numbers are set aside in the store before the first of them is used, a few thousand at a time.
package final class SequenceSource: Sendable {
    /// Numbers set aside at once. Fewer mean more commits; more mean that restarts waste more of the 40 bits.
    private static let block = SequenceLease.size * 64

    private struct Reserved {
        var epoch = 0
        var next: Int64 = 0
        var end: Int64 = 0

        mutating func take() -> SequenceLease? {
            guard end - next >= SequenceLease.size else { return nil }
            defer { next += SequenceLease.size }
            return SequenceLease(epoch: epoch, first: next)
        }
    }

    private let store: any StateStore
    private let reserved = Mutex(Reserved())

    package init(store: any StateStore) { self.store = store }

    package func lease() async throws -> SequenceLease {
        let epoch = store.committed().installation?.epoch
        let ready = reserved.withLock { $0.epoch == epoch ? $0.take() : nil }
        if let ready { return ready }
        let fresh = try await store.commit { (transaction: inout Transaction) throws(ReportError) in
            guard var installation = transaction.state.installation else { throw .unavailable("not initialised") }
            let first = installation.reserveSequence(Self.block)
            transaction.put(installation)
            return Reserved(epoch: installation.epoch, next: first, end: first + Self.block)
        }
        var block = fresh.result
        let lease = block.take() ?? SequenceLease(epoch: block.epoch, first: block.next)
        reserved.withLock { known in
            if (known.epoch, known.end) < (block.epoch, block.end) { known = block }
        }
        return lease
    }
}
