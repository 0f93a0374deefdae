import Identifiers
import Synchronization

/// The open sessions of one kind: at most one per host.
final class SessionRegistry: Sendable {
    /// What may reach a session from outside its connection.
    enum Signal: Hashable, Sendable { case changed, replaced }

    private struct Entry {
        let token: Int
        let signal: @Sendable (Signal) -> Void
    }

    private struct State {
        var entries: [ContainerInstanceID: Entry] = [:]
        var nextToken = 0
    }

    private let state = Mutex(State())

    /// Puts a session in the host's place and tells the one that was there.
    ///
    /// - Returns: what `leave` needs.
    func join(_ instance: ContainerInstanceID, _ signal: @escaping @Sendable (Signal) -> Void) -> Int {
        let (token, old) = state.withLock { state in
            state.nextToken += 1
            let old = state.entries.updateValue(Entry(token: state.nextToken, signal: signal), forKey: instance)
            return (state.nextToken, old)
        }
        old?.signal(.replaced)
        return token
    }

    /// Takes the session out, unless another took its place by now; `body` runs before another can.
    func leave(_ instance: ContainerInstanceID, _ token: Int, _ body: () -> Void) {
        state.withLock { state in
            guard state.entries[instance]?.token == token else { return }
            state.entries[instance] = nil
            body()
        }
    }

    /// Runs `body`, before another session can take the place, if the session still has it.
    func ifCurrent(_ instance: ContainerInstanceID, _ token: Int, _ body: () -> Void) {
        state.withLock { state in
            if state.entries[instance]?.token == token { body() }
        }
    }

    func wake(_ instances: some Sequence<ContainerInstanceID>) {
        let signals = state.withLock { state in instances.compactMap { state.entries[$0]?.signal } }
        for signal in signals { signal(.changed) }
    }

    func wakeAll() {
        let signals = state.withLock { state in state.entries.values.map(\.signal) }
        for signal in signals { signal(.changed) }
    }
}
