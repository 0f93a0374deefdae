import Foundation
import Identifiers
import Logging

/// Where the agent takes time from: a monotonic clock for durations, a wall clock for display and signatures.
protocol NodeClock: Sendable {
    var now: Instant { get }
    var wall: Timestamp { get }
    func sleep(for duration: Duration) async throws
}

struct SystemNodeClock: NodeClock {
    private let origin = ContinuousClock.now

    var now: Instant { Instant(nanoseconds: (ContinuousClock.now - origin).nanoseconds) }
    var wall: Timestamp { Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000)) }
    func sleep(for duration: Duration) async throws { try await Task.sleep(for: duration) }
}

/// How long to wait before trying again: doubling from `first` to `most`, less up to a fifth at random, so that many
/// hosts do not come back in step.
struct Backoff: Sendable {
    var first: Duration
    var most: Duration
    private var failures = 0

    init(first: Duration, most: Duration) {
        self.first = first
        self.most = most
    }

    mutating func next(using random: inout some RandomNumberGenerator) -> Duration {
        let grown = first * (1 << min(failures, 20))
        failures += 1
        return min(grown, most) * Double.random(in: 0.8...1, using: &random)
    }

    mutating func reset() { failures = 0 }
}
