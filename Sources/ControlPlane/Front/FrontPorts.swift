public import Identifiers
public import LoadBalancing
public import LogStore
public import MetricStore
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
    /// Where load balancers are reached on the data plane; nil where they are not.
    public var loadBalancers: AddressPool?
    /// Values of metrics.
    public var metrics: any MetricStore
    public var logs: any LogStore
    /// What `GET /metrics` tells; nil tells nothing.
    public var prometheus: PrometheusPage?
    public var scaling: ScalingSettings

    public init(
        store: any StateStore, history: any CommitHistory, presence: HostPresence, ids: any IDSource,
        now: @escaping @Sendable () -> Timestamp, returns: HostReturns, logs: any LogStore,
        targetHealth: TargetHealthBoard = TargetHealthBoard(), loadBalancers: AddressPool? = nil,
        metrics: any MetricStore = MemoryMetricStore(), prometheus: PrometheusPage? = nil,
        scaling: ScalingSettings = ScalingSettings()
    ) {
        self.store = store
        self.history = history
        self.presence = presence
        self.ids = ids
        self.now = now
        self.returns = returns
        self.targetHealth = targetHealth
        self.loadBalancers = loadBalancers
        self.metrics = metrics
        self.prometheus = prometheus
        self.logs = logs
        self.scaling = scaling
    }
}
