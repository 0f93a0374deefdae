/// Bounds of what a store keeps in memory for its watchers.
public struct StoreLimits: Hashable, Sendable {
    /// Most changes kept for watchers that resume. Larger costs memory, smaller sends more of them back to a snapshot.
    public var keptChanges: Int
    /// Most commits waiting for one watcher. Larger hides a stuck one for longer; smaller ends a briefly slow one.
    public var watchBuffer: Int

    public init(keptChanges: Int = 20_000, watchBuffer: Int = 1_024) {
        self.keptChanges = max(1, keptChanges)
        self.watchBuffer = max(2, watchBuffer)
    }
}
