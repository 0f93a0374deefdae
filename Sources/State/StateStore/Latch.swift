import Synchronization

/// Opens once, with a value; everybody who waits gets it, early or late.
final class Latch<Outcome: Sendable>: Sendable {
    private enum State {
        case closed([CheckedContinuation<Outcome, Never>])
        case open(Outcome)
    }

    private let state = Mutex(State.closed([]))

    /// Lets everybody through with `outcome`. Opening twice keeps the first outcome.
    func open(_ outcome: Outcome) {
        let waiting = state.withLock { state -> [CheckedContinuation<Outcome, Never>] in
            guard case .closed(let waiting) = state else { return [] }
            state = .open(outcome)
            return waiting
        }
        for continuation in waiting { continuation.resume(returning: outcome) }
    }

    /// Waits for the outcome. Cancellation does not end the wait: what is written is written.
    func outcome() async -> Outcome {
        await withCheckedContinuation { continuation in
            let known = state.withLock { state -> Outcome? in
                switch state {
                case .open(let outcome): return outcome
                case .closed(let waiting):
                    state = .closed(waiting + [continuation])
                    return nil
                }
            }
            if let known { continuation.resume(returning: known) }
        }
    }
}
