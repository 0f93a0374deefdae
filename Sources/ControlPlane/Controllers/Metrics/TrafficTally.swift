import Balancer
import Domain
import Identifiers

/// Makes metrics of what the data plane counts: each look's growth is told for the second of the look.
struct TrafficTally: Sendable {
    /// What is told already.
    private(set) var mark: TrafficMark
    /// Without a mark nothing says what of the counters is news: the first look only begins the count.
    private var hasMark: Bool

    init(mark: TrafficMark?) {
        self.mark = mark ?? TrafficMark()
        hasMark = mark != nil
    }

    mutating func samples(of seen: TrafficSeen) -> [MetricSample] {
        var samples: [MetricSample] = []
        var next = TrafficMark()
        var perBalancer: [LoadBalancerID: GroupGrowth] = [:]
        for (id, group) in seen.groups.sorted(by: { $0.key < $1.key }) {
            let last = mark.groups[id.arn] ?? (hasMark ? TargetGroupStatistics() : group.statistics)
            let growth = GroupGrowth(last, group.statistics)
            next.groups[id.arn] = group.statistics
            samples += TrafficMetrics(id, group, growth, at: seen.at).samples
            if let user = group.loadBalancer { perBalancer[user, default: GroupGrowth()].add(growth) }
        }
        for (id, statistics) in seen.loadBalancers.sorted(by: { $0.key < $1.key }) {
            let last = mark.loadBalancers[id.arn] ?? (hasMark ? LoadBalancerStatistics() : statistics)
            next.loadBalancers[id.arn] = statistics.keepingOwn(of: last)
            samples +=
                TrafficMetrics(
                    id, BalancerGrowth(last, statistics), perBalancer[id] ?? GroupGrowth(), at: seen.at
                ).samples
        }
        mark = next
        hasMark = true
        return samples
    }
}

/// What a target group added.
struct GroupGrowth {
    var requests = 0
    var responses = ResponseCounts()
    var connectionErrors = 0
    var bytes = 0
    var latency = LatencyGrowth(counts: [:], milliseconds: 0)

    init() {}

    init(_ last: TargetGroupStatistics, _ now: TargetGroupStatistics) {
        let count = GrowingCount(isAnew: now.requests < last.requests)
        requests = count.growth(last.requests, now.requests)
        responses = count.growth(last.responses, now.responses)
        connectionErrors = count.growth(last.connectionErrors, now.connectionErrors)
        bytes = count.growth(last.bytesIn, now.bytesIn) &+ count.growth(last.bytesOut, now.bytesOut)
        latency = count.growth(last.latency, now.latency)
    }

    mutating func add(_ other: GroupGrowth) {
        requests &+= other.requests
        responses = responses.adding(other.responses)
        connectionErrors &+= other.connectionErrors
        bytes &+= other.bytes
        latency.add(other.latency)
    }
}

/// What a load balancer added.
struct BalancerGrowth {
    var requests: Int
    var ownResponses: ResponseCounts
    var ownErrors: OwnErrors
    var targetResponses: ResponseCounts
    var fixedResponses: Int
    var redirects: Int
    var newConnections: Int
    var activeConnections: Int
    var rejectedConnections: Int
    var failedHandshakes: Int
    var bytes: Int

    init(_ last: LoadBalancerStatistics, _ now: LoadBalancerStatistics) {
        let count = GrowingCount(isAnew: now.beganAnew(since: last))
        requests = count.growth(last.requests, now.requests)
        ownResponses = count.growth(last.ownResponses, now.ownResponses)
        ownErrors = count.growth(last.ownErrors, now.ownErrors)
        targetResponses = count.growth(last.targetResponses, now.targetResponses)
        fixedResponses = count.growth(last.fixedResponses, now.fixedResponses)
        redirects = count.growth(last.redirects, now.redirects)
        newConnections = count.growth(last.newConnections, now.newConnections)
        activeConnections = max(0, now.activeConnections)
        rejectedConnections = count.growth(last.rejectedConnections, now.rejectedConnections)
        failedHandshakes = count.growth(last.failedHandshakes, now.failedHandshakes)
        bytes = count.growth(last.bytesIn, now.bytesIn) &+ count.growth(last.bytesOut, now.bytesOut)
    }
}

extension LoadBalancerStatistics {
    fileprivate func beganAnew(since last: LoadBalancerStatistics) -> Bool {
        requests < last.requests || newConnections < last.newConnections
    }

    /// Its own answers are what is left of two accounts, one of which may be a moment behind: what was told is not told again.
    fileprivate func keepingOwn(of last: LoadBalancerStatistics) -> LoadBalancerStatistics {
        guard !beganAnew(since: last) else { return self }
        var kept = self
        kept.ownResponses = ownResponses.largest(last.ownResponses)
        return kept
    }
}

extension ResponseCounts {
    func adding(_ other: ResponseCounts) -> ResponseCounts { combined(other) { $0 &+ $1 } }

    fileprivate func largest(_ other: ResponseCounts) -> ResponseCounts { combined(other) { max($0, $1) } }

    private func combined(_ other: ResponseCounts, _ body: (Int, Int) -> Int) -> ResponseCounts {
        var result = ResponseCounts()
        result.informational = body(informational, other.informational)
        result.successful = body(successful, other.successful)
        result.redirected = body(redirected, other.redirected)
        result.clientError = body(clientError, other.clientError)
        result.serverError = body(serverError, other.serverError)
        return result
    }
}
