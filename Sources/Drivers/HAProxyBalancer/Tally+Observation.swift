import Balancer

extension Tally {
    /// By id.
    var loadBalancers: [String: LoadBalancerStatistics] {
        var found: [String: LoadBalancerStatistics] = [:]
        for (proxy, counters) in totals {
            if let listener = ProxyName.listener(proxy) {
                found[listener.balancer, default: LoadBalancerStatistics()].add(counters, open: open[proxy] ?? 0)
            } else if let answer = ProxyName.answer(proxy) {
                let count = ResponseCounts(counters).total
                switch answer.kind {
                case .fixed: found[answer.balancer, default: LoadBalancerStatistics()].fixedResponses &+= count
                case .redirect: found[answer.balancer, default: LoadBalancerStatistics()].redirects &+= count
                }
            } else if let balancer = ProxyName.answered(proxy) {
                found[balancer, default: LoadBalancerStatistics()].targetResponses &+= ResponseCounts(counters)
            }
        }
        for (id, statistics) in found { found[id]?.ownResponses = statistics.ownResponses - statistics.targetResponses }
        return found
    }

    /// By id.
    var targetGroups: [String: TargetGroupStatistics] {
        var found: [String: TargetGroupStatistics] = [:]
        for (proxy, counters) in totals {
            guard let id = ProxyName.group(proxy) else { continue }
            var statistics = TargetGroupStatistics()
            statistics.requests = counters[.connections]
            statistics.responses = ResponseCounts(counters)
            statistics.connectionErrors = counters[.failedConnections]
            statistics.activeConnections = open[proxy] ?? 0
            statistics.bytesIn = counters[.bytesIn]
            statistics.bytesOut = counters[.bytesOut]
            statistics.latency = latencies[id] ?? LatencyHistogram()
            found[id] = statistics
        }
        return found
    }
}

extension LoadBalancerStatistics {
    /// All responses are noted as its own first.
    fileprivate mutating func add(_ counters: Counters, open: Int) {
        let responses = ResponseCounts(counters)
        requests &+= responses.total
        ownResponses &+= responses
        ownErrors.internalError &+= counters[.own500]
        ownErrors.badGateway &+= counters[.own502]
        ownErrors.unavailable &+= counters[.own503]
        ownErrors.timedOut &+= counters[.own504]
        newConnections &+= counters[.connections]
        activeConnections &+= open
        rejectedConnections &+= counters[.rejected]
        failedHandshakes &+= counters[.failedHandshakes]
        bytesIn &+= counters[.bytesIn]
        bytesOut &+= counters[.bytesOut]
    }
}

extension ResponseCounts {
    init(_ counters: Counters) {
        self.init()
        informational = counters[.informational]
        successful = counters[.successful]
        redirected = counters[.redirected]
        clientError = counters[.clientError]
        serverError = counters[.serverError]
    }

    fileprivate static func &+= (total: inout ResponseCounts, more: ResponseCounts) {
        total.informational &+= more.informational
        total.successful &+= more.successful
        total.redirected &+= more.redirected
        total.clientError &+= more.clientError
        total.serverError &+= more.serverError
    }

    fileprivate static func - (total: ResponseCounts, part: ResponseCounts) -> ResponseCounts {
        var rest = total
        rest.informational = max(0, total.informational &- part.informational)
        rest.successful = max(0, total.successful &- part.successful)
        rest.redirected = max(0, total.redirected &- part.redirected)
        rest.clientError = max(0, total.clientError &- part.clientError)
        rest.serverError = max(0, total.serverError &- part.serverError)
        return rest
    }
}
