/// Everybody who watches, each with a bounded buffer.
struct Watchers {
    typealias Continuation = AsyncStream<WatchEvent>.Continuation

    private struct Watcher {
        var scope: WatchScope
        var continuation: Continuation
    }

    private var watchers: [Int: Watcher] = [:]
    private var newest = 0

    var count: Int { watchers.count }

    /// Registers a watcher and returns its number; nil when the replay alone filled its buffer.
    mutating func add(_ scope: WatchScope, _ continuation: Continuation, replaying batches: [CommitBatch]) -> Int? {
        for batch in batches where !Self.offer(batch, scope, continuation) { return nil }
        newest += 1
        watchers[newest] = Watcher(scope: scope, continuation: continuation)
        return newest
    }

    mutating func remove(_ number: Int) { watchers[number] = nil }

    /// Gives the batch to everybody in scope. Returns whose buffer is full: finish them once no lock is held.
    mutating func publish(_ batch: CommitBatch) -> [Continuation] {
        var ended: [Continuation] = []
        for (number, watcher) in watchers where !Self.offer(batch, watcher.scope, watcher.continuation) {
            watchers[number] = nil
            ended.append(watcher.continuation)
        }
        return ended
    }

    /// Tells everybody to start anew. Returns all of them: finish them once no lock is held.
    mutating func resyncAll() -> [Continuation] {
        let all = watchers.values.map(\.continuation)
        for continuation in all { continuation.yield(.resync) }
        watchers = [:]
        return all
    }

    /// False when the buffer is full now; its last place then holds `.resync`.
    private static func offer(_ batch: CommitBatch, _ scope: WatchScope, _ continuation: Continuation) -> Bool {
        let changes = scope == .all ? batch.changes : batch.changes.filter { scope.contains($0.key.scope) }
        guard !changes.isEmpty else { return true }
        guard case .enqueued(let remaining) = continuation.yield(.batch(batch.revision, changes)) else { return true }
        if remaining > 1 { return true }
        continuation.yield(.resync)
        return false
    }
}
