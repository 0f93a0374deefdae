public import Domain
public import Identifiers
import Synchronization

/// What the data plane sees of each target now: in memory only, never in the log.
///
/// Written by the balancing controller, which also forgets the targets that are gone.
public final class TargetHealthBoard: Sendable {
    private struct State {
        var health: [TargetID: TargetHealth] = [:]
        var watchers: [Int: AsyncStream<TargetID>.Continuation] = [:]
        var nextWatcher = 0
    }

    private let state = Mutex(State())

    public init() {}

    /// nil while the data plane has said nothing of the target.
    public func health(of target: TargetID) -> TargetHealth? { state.withLock { $0.health[target] } }

    /// Writes what is seen; nil forgets the target. Those that did not change are not announced.
    public func put(_ seen: [TargetID: TargetHealth?]) {
        let (changed, watchers) = state.withLock { state in
            var changed: [TargetID] = []
            for (target, health) in seen where state.health[target] != health {
                state.health[target] = health
                changed.append(target)
            }
            return (changed.sorted(), Array(state.watchers.values))
        }
        for watcher in watchers { for target in changed { watcher.yield(target) } }
    }

    /// Writes what is seen of all targets: what is not here is forgotten.
    public func replace(_ seen: [TargetID: TargetHealth]) {
        var all = seen.mapValues(Optional.some)
        for target in state.withLock({ Array($0.health.keys) }) where seen[target] == nil {
            all.updateValue(nil, forKey: target)
        }
        put(all)
    }

    /// Targets whose health changed, from now on. A slow reader loses the oldest: look at all of them anew.
    public func changes() -> AsyncStream<TargetID> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: TargetID.self, bufferingPolicy: .bufferingNewest(10_000))
        let watcher = state.withLock { state in
            state.nextWatcher += 1
            state.watchers[state.nextWatcher] = continuation
            return state.nextWatcher
        }
        continuation.onTermination = { [weak self] _ in
            self?.state.withLock { state in state.watchers[watcher] = nil }
        }
        return stream
    }
}
