import Balancer
import Domain
import Identifiers

/// One second's metrics of a load balancer or a target group, named as ELB names them.
struct TrafficMetrics {
    private(set) var samples: [MetricSample] = []
    private let scope: Scope
    private let namespace: String
    private let time: Timestamp

    /// Of a load balancer; what its targets did is its groups'.
    init(_ id: LoadBalancerID, _ growth: BalancerGrowth, _ groups: GroupGrowth, at time: Timestamp) {
        self.init(id.scope, id.kind, time)
        let dimensions = [id.metricDimension]
        switch id.kind {
        case .application:
            add("RequestCount", growth.requests, dimensions, always: true)
            add("HTTPCode_ELB", growth.ownResponses, dimensions, besidesSuccess: true)
            add("HTTPCode_ELB_500_Count", growth.ownErrors.internalError, dimensions)
            add("HTTPCode_ELB_502_Count", growth.ownErrors.badGateway, dimensions)
            add("HTTPCode_ELB_503_Count", growth.ownErrors.unavailable, dimensions)
            add("HTTPCode_ELB_504_Count", growth.ownErrors.timedOut, dimensions)
            add("HTTPCode_Target", growth.targetResponses, dimensions)
            add("HTTP_Fixed_Response_Count", growth.fixedResponses, dimensions)
            add("HTTP_Redirect_Count", growth.redirects, dimensions)
            gauge("ActiveConnectionCount", growth.activeConnections, dimensions)
            add("NewConnectionCount", growth.newConnections, dimensions)
            add("RejectedConnectionCount", growth.rejectedConnections, dimensions)
            add("ClientTLSNegotiationErrorCount", growth.failedHandshakes, dimensions)
            add("TargetConnectionErrorCount", groups.connectionErrors, dimensions)
            add(groups.latency, dimensions)
        case .network:
            gauge("ActiveFlowCount", growth.activeConnections, dimensions)
            add("NewFlowCount", growth.newConnections, dimensions, always: true)
            add("RejectedFlowCount", growth.rejectedConnections, dimensions)
            add("ClientTLSNegotiationErrorCount", growth.failedHandshakes, dimensions)
        }
        add("ProcessedBytes", growth.bytes, dimensions, .bytes)
    }

    /// Of a target group, by itself and with its load balancer.
    init(_ id: TargetGroupID, _ group: TrafficSeen.Group, _ growth: GroupGrowth, at time: Timestamp) {
        self.init(id.scope, group.loadBalancer?.kind ?? .application, time)
        guard let user = group.loadBalancer else { return }
        let both = [id.metricDimension, user.metricDimension]
        gauge("HealthyHostCount", group.healthy, both)
        gauge("UnHealthyHostCount", group.unhealthy, both)
        guard user.kind == .application else { return }
        add("RequestCount", growth.requests, both, always: true)
        add("HTTPCode_Target", growth.responses, both)
        add("TargetConnectionErrorCount", growth.connectionErrors, both)
        add(growth.latency, both)
        // Without a healthy target all of them get requests.
        let targets = group.healthy > 0 ? group.healthy : group.unhealthy
        guard targets > 0 else { return }
        let share = StatisticSet(Double(growth.requests) / Double(targets))
        for dimensions in [both, [id.metricDimension]] { tell("RequestCountPerTarget", share, dimensions, .count) }
    }

    private init(_ scope: Scope, _ kind: LoadBalancerKind, _ time: Timestamp) {
        self.scope = scope
        namespace = kind == .application ? "AWS/ApplicationELB" : "AWS/NetworkELB"
        self.time = time
    }

    /// Things that happened: each counts as 1, and a second without any as 0.
    private mutating func add(
        _ name: String, _ count: Int, _ dimensions: [KeyValue], always: Bool = false
    ) {
        guard count > 0 else {
            if always { tell(name, StatisticSet(0), dimensions, .count) }
            return
        }
        let number = Double(count)
        tell(name, StatisticSet(count: number, sum: number, minimum: 1, maximum: 1), dimensions, .count)
    }

    private mutating func add(_ name: String, _ amount: Int, _ dimensions: [KeyValue], _ unit: MetricUnit) {
        if amount > 0 { tell(name, StatisticSet(Double(amount)), dimensions, unit) }
    }

    private mutating func add(
        _ name: String, _ responses: ResponseCounts, _ dimensions: [KeyValue], besidesSuccess: Bool = false
    ) {
        if !besidesSuccess { add("\(name)_2XX_Count", responses.successful, dimensions) }
        add("\(name)_3XX_Count", responses.redirected, dimensions)
        add("\(name)_4XX_Count", responses.clientError, dimensions)
        add("\(name)_5XX_Count", responses.serverError, dimensions)
    }

    private mutating func add(_ latency: LatencyGrowth, _ dimensions: [KeyValue]) {
        if let set = latency.statistics { tell("TargetResponseTime", set, dimensions, .seconds) }
    }

    private mutating func gauge(_ name: String, _ value: Int, _ dimensions: [KeyValue]) {
        tell(name, StatisticSet(Double(value)), dimensions, .count)
    }

    private mutating func tell(_ name: String, _ set: StatisticSet, _ dimensions: [KeyValue], _ unit: MetricUnit) {
        samples.append(
            MetricSample(
                metric: MetricID(scope: scope, namespace: namespace, name: name, dimensions: dimensions), time: time,
                unit: unit, statistics: set))
    }
}

extension LatencyGrowth {
    /// In seconds; nil without any.
    var statistics: StatisticSet? {
        let values = counts.map { bucket, count in
            let middle = Double(LatencyHistogram.floor(of: bucket) + LatencyHistogram.floor(of: bucket + 1) - 1) / 2
            return (value: middle / 1000, weight: Double(count))
        }
        guard var set = StatisticSet(values: values) else { return nil }
        // The sum is known exactly, where the values are known by their buckets.
        let sum = Double(milliseconds) / 1000
        set.sum = min(max(sum, set.minimum * set.count), set.maximum * set.count)
        return set
    }
}

extension LoadBalancerID {
    /// As ELB names it: its ARN from behind `loadbalancer/`.
    var metricDimension: KeyValue { KeyValue(key: "LoadBalancer", value: "\(kind.rawValue)/\(name)/\(suffix)") }
}

extension TargetGroupID {
    var metricDimension: KeyValue { KeyValue(key: "TargetGroup", value: "targetgroup/\(name)/\(suffix)") }
}
