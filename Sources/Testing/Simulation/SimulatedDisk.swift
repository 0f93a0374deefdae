import Identifiers
import StateStore
import Synchronization

/// The disk of the control plane: what is on it outlives every crash.
final class SimulatedDisk: Sendable {
    private struct State {
        var stored: StateSnapshot
        /// The change log, oldest first.
        var changes: [CommitBatch] = []
        /// Why it takes no writes; nil when it does.
        var refusal: String?
    }

    private let state: Mutex<State>

    init(_ stored: StateSnapshot) { state = Mutex(State(stored: stored)) }

    var stored: StateSnapshot { state.withLock { $0.stored } }
    var refusal: String? { state.withLock { $0.refusal } }

    func refuse(_ reason: String?) { state.withLock { $0.refusal = reason } }

    func write(_ batch: CommitBatch) {
        state.withLock { state in
            for change in batch.changes { state.stored.apply(key: change.key, after: change.after) }
            state.stored.stamp(batch.changes, revision: batch.revision)
            state.changes.append(batch)
        }
    }

    /// What was committed after `revision`, oldest first.
    func history(after revision: Revision, limit: Int) -> [CommitBatch] {
        state.withLock { state in
            // Revisions follow each other without a gap, but for the one that a restore leaves before the first.
            guard let first = state.changes.first?.revision.value else { return [] }
            let skipped = min(max(0, revision.value + 1 - first), Int64(state.changes.count))
            return Array(state.changes.dropFirst(Int(skipped)).prefix(limit))
        }
    }

    /// Puts a backup in place of everything, the change log too.
    func restore(_ stored: StateSnapshot) {
        state.withLock { state in
            state.stored = stored
            state.changes = []
        }
    }

    func replace(_ stored: StateSnapshot) { state.withLock { $0.stored = stored } }
}

/// The durable log of one run of the control plane, over a disk. The simulation decides when and how each write ends.
final class SimulatedLog: DurableLog {
    struct Write: Sendable {
        var content: Content
        fileprivate var continuation: CheckedContinuation<String?, Never>

        /// - Parameter failure: nil when the content is on disk.
        func finish(failure: String?) { continuation.resume(returning: failure) }
    }

    enum Content: Sendable {
        case batches([CommitBatch])
        /// Takes the place of all that is there.
        case everything(StateSnapshot)
    }

    private struct State {
        var waiting: Write?
        var isOver = false
    }

    private let disk: SimulatedDisk
    private let state = Mutex(State())

    init(_ disk: SimulatedDisk) { self.disk = disk }

    /// The write that came since the last call.
    func takeWrite() -> Write? {
        state.withLock { state in
            defer { state.waiting = nil }
            return state.waiting
        }
    }

    /// The process that had it open is gone.
    func end() { state.withLock { $0.isOver = true } }

    func append(_ batches: [CommitBatch]) async throws(LogError) {
        try await write(.batches(batches))
    }

    private func write(_ content: Content) async throws(LogError) {
        let failure = await withCheckedContinuation { continuation in
            state.withLock { $0.waiting = Write(content: content, continuation: continuation) }
        }
        if let failure { throw LogError(failure) }
    }

    func verify() async throws(LogError) -> Revision {
        try check()
        return disk.stored.revision
    }

    func load() async throws(LogError) -> StateSnapshot {
        try check()
        return disk.stored
    }

    func replace(with state: StateSnapshot) async throws(LogError) { try await write(.everything(state)) }

    private func check() throws(LogError) {
        if state.withLock({ $0.isOver }) { throw LogError("The process is gone.") }
        if let refusal = disk.refusal { throw LogError(refusal) }
    }
}
