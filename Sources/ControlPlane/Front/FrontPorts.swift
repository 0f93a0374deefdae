public import Identifiers
public import StateStore

/// What the front reaches beyond itself: state and its history, presence, ids and time.
public struct FrontPorts: Sendable {
    public var store: any StateStore
    /// What the store remembers of its commits.
    public var history: any CommitHistory
    public var presence: HostPresence
    /// Also the source of secrets: in a server the system's generator.
    public var ids: any IDSource
    /// The wall clock.
    public var now: @Sendable () -> Timestamp
    public var returns: HostReturns
    /// What the data plane sees of targets; written by the balancing controller.
    public var targetHealth: TargetHealthBoard

    public init(
        store: any StateStore, history: any CommitHistory, presence: HostPresence, ids: any IDSource,
        now: @escaping @Sendable () -> Timestamp, returns: HostReturns,
        targetHealth: TargetHealthBoard = TargetHealthBoard()
    ) {
        self.store = store
        self.history = history
        self.presence = presence
        self.ids = ids
        self.now = now
        self.returns = returns
        self.targetHealth = targetHealth
    }
}
