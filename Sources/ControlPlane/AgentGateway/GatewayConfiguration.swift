public import Identifiers
public import LoadBalancing

/// How the gateway talks to agents. Every default stands here.
public struct GatewayConfiguration: Hashable, Sendable {
    /// Time between two heartbeats. Longer than 60 s, stock agents take the server for dead; much shorter only costs.
    public var heartbeatInterval: Duration = .seconds(20)
    /// How long an agent may leave heartbeats unanswered before its host counts as disconnected.
    public var silenceLimit: Duration = .seconds(60)
    /// Wait before an unacknowledged message is sent again; doubles with each attempt. Shorter, a busy agent gets
    /// everything twice; longer, a lost frame delays a task.
    public var retryInterval: Duration = .seconds(5)
    /// How often a message is sent at most: agents never acknowledge a payload with a task that they cannot read.
    public var maximumAttempts = 5
    /// Payloads that may wait for their acknowledgement at once, so that a slow agent holds up only itself.
    public var maximumOutstanding = 8
    /// Tasks of one payload. More make one unreadable task hold up more others; fewer make more frames.
    public var maximumTasksPerPayload = 10
    /// Least time between two pushes of routes, so that a thousand hosts joining do not make a million frames.
    public var routesInterval: Duration = .seconds(1)
    /// Where load balancers get the addresses that hosts are told a way to; nil where there are none.
    public var loadBalancers: AddressPool?
    /// How long new tasks wait, after a host came back, for given-up tasks to stop: longer than the largest stop timeout.
    public var returnLimit: Duration = .seconds(150)
    /// How long after the manifest's acknowledgement stop candidates may still arrive.
    public var verificationGrace: Duration = .seconds(5)
    /// Frames waiting to be written to one agent. An agent that lets more pile up is disconnected.
    public var maximumQueuedFrames = 256

    public init() {}

    /// Heartbeats fast enough to notice a silent host within `lostAfter`.
    public init(lostAfter: Duration) {
        heartbeatInterval = min(.seconds(20), max(.milliseconds(500), lostAfter / 3))
        silenceLimit = min(.seconds(60), max(.seconds(2), lostAfter))
    }
}

/// Both clocks at one moment.
public struct Moment: Hashable, Sendable {
    /// For durations.
    public var instant: Instant
    /// For what is shown.
    public var wall: Timestamp

    public init(instant: Instant, wall: Timestamp) {
        self.instant = instant
        self.wall = wall
    }
}
