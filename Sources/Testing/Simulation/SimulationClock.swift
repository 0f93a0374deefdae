import AgentGateway
import Identifiers
import Synchronization
import TestKit

/// The time of one simulation: stands still between its events.
///
/// The monotonic clock is everybody's; the wall clock is that of the control plane and may be made to jump.
final class SimulationClock: GatewayClock {
    struct Sleeper: Sendable {
        var id: Int
        var deadline: Instant
    }

    private struct State {
        var instant = Instant.zero
        var offset = Duration.zero
        var newest = 0
        var fresh: [Sleeper] = []
        var asleep: [Int: CheckedContinuation<Void, any Error>] = [:]
    }

    private let state = Mutex(State())

    var instant: Instant { state.withLock { $0.instant } }
    var wall: Timestamp { state.withLock { Self.wall($0) } }

    func now() -> Moment { state.withLock { Moment(instant: $0.instant, wall: Self.wall($0)) } }

    private static func wall(_ state: State) -> Timestamp {
        Timestamp.test().adding(state.instant.since(.zero) + state.offset)
    }

    func advance(to instant: Instant) { state.withLock { $0.instant = max($0.instant, instant) } }

    func jump(by duration: Duration) { state.withLock { $0.offset += duration } }

    func sleep(until deadline: Instant) async throws {
        let id = state.withLock { state in
            state.newest += 1
            return state.newest
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                // Only the simulation's thread comes here: nobody cancels between the question and the answer.
                if Task.isCancelled { return continuation.resume(throwing: CancellationError()) }
                state.withLock { state in
                    state.asleep[id] = continuation
                    state.fresh.append(Sleeper(id: id, deadline: deadline))
                }
            }
        } onCancel: {
            state.withLock { $0.asleep.removeValue(forKey: id) }?.resume(throwing: CancellationError())
        }
    }

    /// Who went to sleep since the last call.
    func takeSleepers() -> [Sleeper] {
        state.withLock { state in
            defer { state.fresh = [] }
            return state.fresh
        }
    }

    func wake(_ id: Int) { state.withLock { $0.asleep.removeValue(forKey: id) }?.resume() }
}
