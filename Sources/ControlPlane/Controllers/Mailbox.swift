import Synchronization

/// What woke a controller.
struct Wakeup<Key: Hashable & Sendable>: Sendable {
    var keys: Set<Key> = []
    /// Anything may have changed: look at everything.
    var isResync = false
}

/// Gathers what wakes one controller until it has time; bounded, for keys are kept once.
final class Mailbox<Key: Hashable & Sendable>: Sendable {
    private struct State {
        var wakeup = Wakeup<Key>()
        var isRung = false
        var waiter: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())

    func post(_ keys: some Sequence<Key>) {
        ring { $0.wakeup.keys.formUnion(keys) }
    }

    func postResync() {
        ring { $0.wakeup.isResync = true }
    }

    /// Wakes the reader without news, as a timer does.
    func ring() { ring { _ in } }

    /// Returns once anything was posted since `take`, or the calling task is cancelled. One reader only.
    func rung() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isReady = state.withLock { state in
                    if state.isRung || Task.isCancelled { return true }
                    state.waiter = continuation
                    return false
                }
                if isReady { continuation.resume() }
            }
        } onCancel: {
            let waiter = state.withLock { state in
                defer { state.waiter = nil }
                return state.waiter
            }
            waiter?.resume()
        }
    }

    /// Whether anything was posted since `take`.
    var isRung: Bool { state.withLock { $0.isRung } }

    func take() -> Wakeup<Key> {
        state.withLock { state in
            defer {
                state.wakeup = Wakeup()
                state.isRung = false
            }
            return state.wakeup
        }
    }

    private func ring(_ change: (inout State) -> Void) {
        let waiter = state.withLock { state in
            change(&state)
            state.isRung = true
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume()
    }
}
