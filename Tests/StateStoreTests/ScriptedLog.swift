import StateStore
import Synchronization

/// A log in memory that can be held back and made to fail.
final class ScriptedLog: DurableLog {
    private struct State {
        var written: [[CommitBatch]] = []
        var failures: [LogError] = []
        var verifyFailure: LogError?
        var keepsFailedBatches = false
        var held: CheckedContinuation<Void, Never>?
        var isHolding = false
        var arrivals: [CheckedContinuation<Void, Never>] = []
        var durable = Revision.zero
        var loaded = StateSnapshot()
    }

    private let state = Mutex(State())

    /// The batches of each append that succeeded.
    var written: [[CommitBatch]] { state.withLock { $0.written } }

    /// Makes the next append fail; with `kept`, although it reached the disk.
    func failNext(_ text: String, kept: Bool = false) {
        state.withLock { state in
            state.failures.append(LogError(text))
            state.keepsFailedBatches = kept
        }
    }

    /// Makes every verification fail until nil is given.
    func failVerification(_ text: String?) { state.withLock { $0.verifyFailure = text.map { LogError($0) } } }

    /// Holds the next append until `release`.
    func hold() { state.withLock { $0.isHolding = true } }

    /// Waits until an append is held.
    func untilHeld() async {
        await withCheckedContinuation { continuation in
            let isHeld = state.withLock { state in
                if state.held == nil { state.arrivals.append(continuation) }
                return state.held != nil
            }
            if isHeld { continuation.resume() }
        }
    }

    func release() {
        let held = state.withLock { state in
            state.isHolding = false
            defer { state.held = nil }
            return state.held
        }
        held?.resume()
    }

    /// What `load` gives back, as if somebody else had written it.
    func plant(_ snapshot: StateSnapshot) {
        state.withLock { state in
            state.loaded = snapshot
            state.durable = snapshot.revision
        }
    }

    func append(_ batches: [CommitBatch]) async throws(LogError) {
        if state.withLock({ $0.isHolding }) {
            await withCheckedContinuation { continuation in
                let arrivals = state.withLock { state in
                    state.held = continuation
                    defer { state.arrivals = [] }
                    return state.arrivals
                }
                for arrival in arrivals { arrival.resume() }
            }
        }
        let failure = state.withLock { state -> LogError? in
            let failure = state.failures.isEmpty ? nil : state.failures.removeFirst()
            if failure == nil || state.keepsFailedBatches {
                state.written.append(batches)
                state.durable = batches.last?.revision ?? state.durable
                state.keepsFailedBatches = false
            }
            return failure
        }
        if let failure { throw failure }
    }

    func verify() async throws(LogError) -> Revision {
        let (failure, revision) = state.withLock { ($0.verifyFailure, $0.durable) }
        if let failure { throw failure }
        return revision
    }

    func load() async throws(LogError) -> StateSnapshot { state.withLock { $0.loaded } }

    func replace(with snapshot: StateSnapshot) async throws(LogError) { plant(snapshot) }
}
