public import Domain
import Synchronization

/// What agents told of their tasks' use since the collector looked last: in memory only, and bounded.
public final class TaskUseBoard: Sendable {
    private struct State {
        var waiting: [TaskUse] = []
        var taken = 0
        var lost = 0
    }

    private let limit: Int
    private let state = Mutex(State())

    /// - Parameter limit: how much waits at most; what comes beyond is lost, and counted.
    public init(limit: Int = 200_000) { self.limit = limit }

    public func put(_ use: TaskUse) {
        state.withLock { state in
            guard state.waiting.count < limit else { return state.lost &+= 1 }
            state.waiting.append(use)
        }
    }

    /// Everything since the call before, in the order it came.
    public func take() -> [TaskUse] {
        state.withLock { state in
            state.taken &+= state.waiting.count
            defer { state.waiting = [] }
            return state.waiting
        }
    }

    /// How much was taken and lost since the start.
    public var counts: (taken: Int, lost: Int) { state.withLock { ($0.taken, $0.lost) } }
}
