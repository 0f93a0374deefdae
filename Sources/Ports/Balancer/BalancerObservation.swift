/// What the data plane saw up to one moment.
public struct BalancerObservation: Hashable, Codable, Sendable {
    /// One for each target of the plan that was applied last.
    public var targets: [TargetHealth]
    /// By id; also those that are in no plan any more while they have open connections.
    public var loadBalancers: [String: LoadBalancerStatistics]
    /// By id.
    public var targetGroups: [String: TargetGroupStatistics]

    public init(
        targets: [TargetHealth] = [], loadBalancers: [String: LoadBalancerStatistics] = [:],
        targetGroups: [String: TargetGroupStatistics] = [:]
    ) {
        self.targets = targets
        self.loadBalancers = loadBalancers
        self.targetGroups = targetGroups
    }
}

public struct TargetHealth: Hashable, Codable, Sendable {
    public enum State: String, Hashable, Codable, Sendable {
        /// Too few checks were made to say.
        case initial
        case healthy, unhealthy, draining
    }
    /// Why the last check did not succeed.
    public enum Failure: Hashable, Codable, Sendable {
        case timeout
        /// It answered with another status code than expected.
        case code(Int)
        /// Nothing took the connection, or it broke; HAProxy's words.
        case connection(String)
    }

    public var group: String
    public var target: TargetPlan
    public var state: State
    /// Of the last check that ended; nil when that succeeded or there was none yet.
    public var failure: Failure?

    public init(group: String, target: TargetPlan, state: State, failure: Failure? = nil) {
        self.group = group
        self.target = target
        self.state = state
        self.failure = failure
    }
}

/// Responses by the first digit of their code.
public struct ResponseCounts: Hashable, Codable, Sendable {
    public var informational = 0
    public var successful = 0
    public var redirected = 0
    public var clientError = 0
    public var serverError = 0

    public init() {}

    public var total: Int { informational &+ successful &+ redirected &+ clientError &+ serverError }
}

/// Responses that no target gave, by those codes that ELB tells of.
public struct OwnErrors: Hashable, Codable, Sendable {
    public var internalError = 0
    public var badGateway = 0
    public var unavailable = 0
    public var timedOut = 0

    public init() {}
}

/// Counters only grow, also across reloads and restarts of either process; gauges say now.
public struct LoadBalancerStatistics: Hashable, Codable, Sendable {
    /// Requests that were answered; nothing at a network load balancer.
    public var requests = 0
    /// By targets.
    public var targetResponses = ResponseCounts()
    /// By the load balancer itself: errors, redirects, fixed responses.
    public var ownResponses = ResponseCounts()
    /// Part of `ownResponses`. Lacks what was answered while this process did not run and the log was full.
    public var ownErrors = OwnErrors()
    /// Answered by a fixed response or a redirect of a rule; part of `ownResponses`.
    public var fixedResponses = 0
    public var redirects = 0
    public var newConnections = 0
    /// Gauge.
    public var activeConnections = 0
    /// Refused because a limit was reached.
    public var rejectedConnections = 0
    /// TLS handshakes with clients that failed.
    public var failedHandshakes = 0
    public var bytesIn = 0
    public var bytesOut = 0

    public init() {}
}

/// Counters only grow, also across reloads and restarts of either process; gauges say now.
public struct TargetGroupStatistics: Hashable, Codable, Sendable {
    /// Requests (connections, at a network load balancer) that went to a target.
    public var requests = 0
    public var responses = ResponseCounts()
    /// Connections to a target that could not be made.
    public var connectionErrors = 0
    /// Gauge: connections open to targets.
    public var activeConnections = 0
    public var bytesIn = 0
    public var bytesOut = 0
    /// From the request's last byte to the response's first header. Lacks what ended while this process did not run.
    public var latency = LatencyHistogram()

    public init() {}
}

/// Counts by duration, in steps of about an eighth, so that a percentile is at most that far off.
public struct LatencyHistogram: Hashable, Codable, Sendable {
    /// By `bucket(of:)`; as long as its last count that is not 0.
    public private(set) var counts: [Int] = []
    public private(set) var count = 0
    /// Milliseconds.
    public private(set) var sum = 0

    public init() {}

    /// - Parameter milliseconds: below 0 counts as 0; beyond a day as a day.
    public mutating func add(milliseconds: Int) {
        let value = min(max(milliseconds, 0), 86_400_000)
        let bucket = Self.bucket(of: value)
        if counts.count <= bucket { counts += Array(repeating: 0, count: bucket &+ 1 &- counts.count) }
        counts[bucket] &+= 1
        count &+= 1
        sum &+= value
    }

    public mutating func add(_ other: LatencyHistogram) {
        let missing = other.counts.count &- counts.count
        if missing > 0 { counts += Array(repeating: 0, count: missing) }
        for (bucket, number) in other.counts.enumerated() { counts[bucket] &+= number }
        count &+= other.count
        sum &+= other.sum
    }

    /// Durations up to 15 ms have a bucket each, every further doubling has eight.
    public static func bucket(of milliseconds: Int) -> Int {
        let value = max(milliseconds, 0)
        guard value >= 16 else { return value }
        let exponent = Int.bitWidth &- 1 &- value.leadingZeroBitCount
        return 16 &+ (exponent &- 4) &* 8 &+ ((value >> (exponent &- 3)) & 7)
    }

    /// The least duration of a bucket, in milliseconds.
    public static func floor(of bucket: Int) -> Int {
        guard bucket >= 16 else { return max(bucket, 0) }
        let step = min(bucket &- 16, 8 * 50)
        return (8 + step % 8) << (step / 8 + 1)
    }

    /// The duration that a share of all (0 to 1) does not exceed, in milliseconds, to within a bucket; nil without any.
    public func percentile(_ share: Double) -> Int? {
        var left = Int((Double(count) * min(max(share, 0), 1)).rounded(.up))
        for (bucket, number) in counts.enumerated() where number > 0 {
            left &-= number
            if left <= 0 { return Self.floor(of: bucket) }
        }
        return nil
    }
}
