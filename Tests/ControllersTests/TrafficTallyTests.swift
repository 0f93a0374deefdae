import Balancer
import Domain
import Identifiers
import Testing

@testable import Controllers

@Suite("Metrics of traffic")
struct TrafficTallyTests {
    private static let scope = Scope(account: "000000000000", region: "us-east-1")
    private static let web = LoadBalancerID(scope: scope, kind: .application, name: "web", suffix: "0123456789abcdef")
    private static let raw = LoadBalancerID(scope: scope, kind: .network, name: "raw", suffix: "0123456789abcdef")
    private static let group = TargetGroupID(scope: scope, name: "tg", suffix: "fedcba9876543210")

    private struct Counters {
        var balancer = LoadBalancerStatistics()
        var group = TargetGroupStatistics()
    }

    private func seen(
        _ counters: Counters, of balancer: LoadBalancerID = web, healthy: Int = 2, at second: Int64 = 0
    ) -> TrafficSeen {
        var seen = TrafficSeen(at: Timestamp(milliseconds: 1_800_000_000_000 + second * 1000))
        seen.loadBalancers[balancer] = counters.balancer
        var group = TrafficSeen.Group()
        group.loadBalancer = balancer
        group.healthy = healthy
        group.unhealthy = 1
        group.statistics = counters.group
        seen.groups[Self.group] = group
        return seen
    }

    private func sum(_ samples: [MetricSample], _ name: String, _ dimensions: [String] = ["LoadBalancer"]) -> Double? {
        let sets = samples.filter { $0.metric.name == name && $0.metric.dimensions.map(\.key) == dimensions }
        return sets.isEmpty ? nil : sets.map(\.statistics.sum).reduce(0, +)
    }

    private func answer(_ counters: inout Counters, _ milliseconds: Int = 20) {
        counters.balancer.requests += 1
        counters.balancer.targetResponses.successful += 1
        counters.group.requests += 1
        counters.group.responses.successful += 1
        counters.group.latency.add(milliseconds: milliseconds)
    }

    @Test("names, dimensions and values are ELB's")
    func names() throws {
        var tally = TrafficTally(mark: TrafficMark())
        var counters = Counters()
        for milliseconds in [10, 10, 10, 300] { answer(&counters, milliseconds) }
        counters.balancer.requests += 1
        counters.balancer.ownResponses.serverError = 1
        counters.balancer.ownErrors.timedOut = 1
        counters.balancer.activeConnections = 7
        counters.balancer.bytesOut = 1000
        let samples = tally.samples(of: seen(counters))
        #expect(sum(samples, "RequestCount") == 5)
        #expect(sum(samples, "HTTPCode_ELB_5XX_Count") == 1)
        #expect(sum(samples, "HTTPCode_ELB_504_Count") == 1)
        #expect(sum(samples, "HTTPCode_ELB_502_Count") == nil)
        #expect(sum(samples, "HTTPCode_Target_2XX_Count") == 4)
        #expect(sum(samples, "HTTPCode_Target_2XX_Count", ["LoadBalancer", "TargetGroup"]) == 4)
        #expect(sum(samples, "HTTPCode_Target_5XX_Count") == nil)
        #expect(sum(samples, "ActiveConnectionCount") == 7)
        #expect(sum(samples, "ProcessedBytes") == 1000)
        #expect(sum(samples, "HealthyHostCount", ["LoadBalancer", "TargetGroup"]) == 2)
        #expect(sum(samples, "UnHealthyHostCount", ["LoadBalancer", "TargetGroup"]) == 1)
        #expect(sum(samples, "RequestCountPerTarget", ["TargetGroup"]) == 2)
        #expect(samples.allSatisfy { $0.metric.namespace == "AWS/ApplicationELB" && $0.statistics.isSound })
        let values = Set(samples.flatMap { $0.metric.dimensions.map(\.value) })
        #expect(values == ["app/web/0123456789abcdef", "targetgroup/tg/fedcba9876543210"])
        let time = try #require(samples.first { $0.metric.name == "TargetResponseTime" })
        #expect(time.unit == .seconds)
        #expect(time.statistics.count == 4)
        #expect(abs(time.statistics.sum - 0.33) < 1e-9)
        #expect(time.statistics.percentile(50).map { abs($0 - 0.01) < 0.001 } == true)
        #expect(time.statistics.percentile(99).map { abs($0 - 0.3) < 0.04 } == true)
    }

    @Test("a network load balancer tells of flows")
    func flows() {
        var tally = TrafficTally(mark: TrafficMark())
        var counters = Counters()
        counters.balancer.newConnections = 3
        counters.balancer.activeConnections = 2
        let samples = tally.samples(of: seen(counters, of: Self.raw))
        #expect(sum(samples, "NewFlowCount") == 3)
        #expect(sum(samples, "ActiveFlowCount") == 2)
        #expect(sum(samples, "RequestCount") == nil)
        #expect(samples.allSatisfy { $0.metric.namespace == "AWS/NetworkELB" })
    }

    @Test("every request is told once, whoever dies and whatever begins anew", arguments: UInt64(1)...20)
    func exact(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var tally = TrafficTally(mark: nil)
        var counters = Counters()
        for _ in 0..<Int.random(in: 0..<9, using: &random) { answer(&counters) }
        // What was counted before anything was told of is no news.
        var told = sum(tally.samples(of: seen(counters)), "RequestCount") ?? 0
        #expect(told == 0)
        var answered = 0
        for second in 1..<200 {
            for _ in 0..<Int.random(in: 0..<4, using: &random) {
                answer(&counters)
                answered += 1
            }
            let samples = tally.samples(of: seen(counters, at: Int64(second)))
            told += sum(samples, "RequestCount") ?? 0
            switch Int.random(in: 0..<12, using: &random) {
            case 0: tally = TrafficTally(mark: tally.mark.bytes.flatMap { TrafficMark($0) })
            case 1 where counters.balancer.requests > 10: counters = Counters()
            default: continue
            }
        }
        #expect(told == Double(answered))
    }

    @Test("the load balancer's own answers are not told twice when its account lags")
    func lag() {
        var tally = TrafficTally(mark: TrafficMark())
        var counters = Counters()
        var told = 0.0
        for own in [0, 1, 0, 1, 2, 1] {
            counters.balancer.ownResponses.clientError = own
            told += sum(tally.samples(of: seen(counters)), "HTTPCode_ELB_4XX_Count") ?? 0
        }
        #expect(told == 2)
    }
}
