public import Domain
public import Identifiers
import Synchronization

/// A metric store that forgets everything with its process.
public final class MemoryMetricStore: MarkedMetricStore {
    private struct State: Sendable {
        var engine: MetricEngine
        var shelf = MemoryShelf()
        var mark: [UInt8]?
    }

    private let state: Mutex<State>

    public init(limits: MetricLimits = MetricLimits()) {
        state = Mutex(State(engine: MetricEngine(limits: limits)))
    }

    public func record(_ samples: [MetricSample], mark: [UInt8]?, now: Timestamp) throws(MetricStoreError) {
        let refused = state.withLock { state in
            let draft = state.engine.draft(samples, now: now)
            // A shelf in memory has no errors.
            try? draft.settle(on: &state.shelf, limits: state.engine.limits)
            state.engine.apply(draft)
            state.mark = mark ?? state.mark
            return draft.refused
        }
        if refused > 0 { throw .full(dropped: refused) }
    }

    public func points(
        of metric: MetricID, unit: MetricUnit?, from: Timestamp, to: Timestamp, period: Int
    ) -> [MetricPoint] {
        state.withLock { state in
            guard let range = state.engine.range(from: from, to: to, period: period) else { return [] }
            let readings = state.engine.reading(of: metric, unit: unit, in: range)
            return (try? range.points(of: readings, on: state.shelf)) ?? []
        }
    }

    public func metrics(
        in scope: Scope, matching filter: MetricFilter, after: MetricID?, limit: Int
    ) -> [MetricListing] {
        state.withLock { $0.engine.metrics(in: scope, matching: filter, after: after, limit: limit) }
    }

    public var mark: [UInt8]? { state.withLock { $0.mark } }

    public func newest(since: Timestamp) -> [MetricSample] { state.withLock { $0.engine.newest(since: since) } }

    public var statistics: MetricStoreStatistics { state.withLock { $0.engine.statistics } }
}
