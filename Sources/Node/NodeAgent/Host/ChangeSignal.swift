import Synchronization

/// Wakes everyone who waits for a change; many changes at once wake once.
final class ChangeSignal: Sendable {
    private struct State {
        var subscribers: [Int: AsyncStream<Void>.Continuation] = [:]
        var nextID = 0
    }
    private let state = Mutex(State())

    func subscribe() -> AsyncStream<Void> {
        let (stream, continuation) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        let id = state.withLock { state in
            state.nextID += 1
            state.subscribers[state.nextID] = continuation
            return state.nextID
        }
        continuation.onTermination = { [weak self] _ in self?.state.withLock { $0.subscribers[id] = nil } }
        return stream
    }

    func notify() {
        for subscriber in state.withLock({ Array($0.subscribers.values) }) { subscriber.yield() }
    }
}
