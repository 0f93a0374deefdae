public import Domain
public import Identifiers
import Metering
public import StateStore

/// Which records of usage are old enough to be kept in less detail.
public struct UsageStep: Sendable {
    /// Most records one transaction condenses: each is deleted and may make another.
    static let chunk = 45

    private var looked: UsagePeriod?

    public init() {}

    /// The records to condense, in chunks of one transaction each; looks once an hour, for nothing gets old in between.
    public mutating func step(_ snapshot: StateSnapshot, now: Timestamp) -> [[UsageID]] {
        let hour = UsagePeriod(now)
        guard looked != hour else { return [] }
        looked = hour
        let old = snapshot.usage.values().lazy.map { $0.1 }
            .filter { UsageHistory.successor(of: $0, now: now) != nil }.map(\.id)
        let ids = Array(old)
        return stride(from: 0, to: ids.count, by: Self.chunk).map { start in
            Array(ids[start..<min(start + Self.chunk, ids.count)])
        }
    }

    /// Looks again at the next step: a chunk could not be written.
    public mutating func retry() { looked = nil }
}
