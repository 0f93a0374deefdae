import Balancer
import Foundation

/// How far the counters of traffic are told. It stands beside the samples, so that every request is told once, whoever dies.
struct TrafficMark: Hashable, Codable, Sendable {
    /// By ARN.
    var loadBalancers: [String: LoadBalancerStatistics] = [:]
    var groups: [String: TargetGroupStatistics] = [:]

    init() {}

    init?(_ bytes: [UInt8]) {
        guard let mark = try? JSONDecoder().decode(TrafficMark.self, from: Data(bytes)) else { return nil }
        self = mark
    }

    /// nil when it cannot be written, which its numbers always can.
    var bytes: [UInt8]? { (try? JSONEncoder().encode(self)).map { Array($0) } }
}

/// Growth since the last look, which is never negative; what is larger than before is remembered.
struct GrowingCount {
    private var isAnew: Bool

    /// - Parameter isAnew: whether the counters began anew since.
    init(isAnew: Bool) { self.isAnew = isAnew }

    func growth(_ last: Int, _ now: Int) -> Int { max(0, now &- (isAnew ? 0 : last)) }

    func growth(_ last: ResponseCounts, _ now: ResponseCounts) -> ResponseCounts {
        var growth = ResponseCounts()
        growth.informational = self.growth(last.informational, now.informational)
        growth.successful = self.growth(last.successful, now.successful)
        growth.redirected = self.growth(last.redirected, now.redirected)
        growth.clientError = self.growth(last.clientError, now.clientError)
        growth.serverError = self.growth(last.serverError, now.serverError)
        return growth
    }

    func growth(_ last: OwnErrors, _ now: OwnErrors) -> OwnErrors {
        var growth = OwnErrors()
        growth.internalError = self.growth(last.internalError, now.internalError)
        growth.badGateway = self.growth(last.badGateway, now.badGateway)
        growth.unavailable = self.growth(last.unavailable, now.unavailable)
        growth.timedOut = self.growth(last.timedOut, now.timedOut)
        return growth
    }

    func growth(_ last: LatencyHistogram, _ now: LatencyHistogram) -> LatencyGrowth {
        var counts: [Int: Int] = [:]
        for (bucket, count) in now.counts.enumerated() {
            let before = bucket < last.counts.count ? last.counts[bucket] : 0
            let more = growth(before, count)
            if more > 0 { counts[bucket] = more }
        }
        return LatencyGrowth(counts: counts, milliseconds: growth(last.sum, now.sum))
    }
}

/// Durations that were added.
struct LatencyGrowth {
    /// By `LatencyHistogram.bucket(of:)`.
    var counts: [Int: Int]
    var milliseconds: Int

    mutating func add(_ other: LatencyGrowth) {
        counts.merge(other.counts) { $0 &+ $1 }
        milliseconds &+= other.milliseconds
    }
}
