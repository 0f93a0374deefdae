public import Identifiers
import Synchronization

/// Which hosts are connected now: kept in memory only, never in the log. Written by the agent gateway.
public final class HostPresence: Sendable {
    private struct State {
        var connected: Set<ContainerInstanceID> = []
        var silentSince: [ContainerInstanceID: Instant] = [:]
        var watchers: [Int: AsyncStream<ContainerInstanceID>.Continuation] = [:]
        var nextWatcher = 0
    }

    private let state = Mutex(State())
    /// When this process began to listen: hosts that never came back are silent since then.
    public let startedAt: Instant

    public init(startedAt: Instant) { self.startedAt = startedAt }

    public func isConnected(_ id: ContainerInstanceID) -> Bool { state.withLock { $0.connected.contains(id) } }

    public func connected() -> Set<ContainerInstanceID> { state.withLock { $0.connected } }

    /// Since when the host has not been heard of; nil while it is connected.
    public func silentSince(_ id: ContainerInstanceID) -> Instant? {
        state.withLock { $0.connected.contains(id) ? nil : $0.silentSince[id] ?? startedAt }
    }

    /// Whether the host has not connected since this process began to listen.
    public func isAwaited(_ id: ContainerInstanceID) -> Bool {
        state.withLock { !$0.connected.contains(id) && $0.silentSince[id] == nil }
    }

    public func connect(_ id: ContainerInstanceID) {
        announce(id) { state in
            state.silentSince[id] = nil
            return state.connected.insert(id).inserted
        }
    }

    public func disconnect(_ id: ContainerInstanceID, now: Instant) {
        announce(id) { state in
            guard state.connected.remove(id) != nil else { return false }
            state.silentSince[id] = now
            return true
        }
    }

    /// Ids of hosts whose connection changed, from now on. A slow reader loses the oldest: read `connected()` anew.
    public func changes() -> AsyncStream<ContainerInstanceID> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: ContainerInstanceID.self, bufferingPolicy: .bufferingNewest(10_000))
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

    private func announce(_ id: ContainerInstanceID, _ change: (inout State) -> Bool) {
        let watchers = state.withLock { state in change(&state) ? Array(state.watchers.values) : [] }
        for watcher in watchers { watcher.yield(id) }
    }
}
