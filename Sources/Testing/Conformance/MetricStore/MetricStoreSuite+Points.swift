import Domain
import Identifiers
import MetricStore
import Testing

private let start = MetricSamples.start

extension MetricStoreSuite {
    static let points: [MetricStoreCheck] = [
        MetricStoreCheck("a value is in the period it belongs to, and nowhere else") { maker in
            let store = try await maker.make(MetricLimits())
            try await store.record([MetricSamples.sample(5, at: start + 61)], now: MetricSamples.at(start + 62))
            #expect(store.loads(start, start + 120, period: 1) == [[Double(start + 61), 5]])
            #expect(store.loads(start, start + 120, period: 60) == [[Double(start + 60), 5]])
            #expect(store.loads(start, start + 60, period: 60) == [])
            #expect(store.loads(start + 120, start + 180, period: 60) == [])
            #expect(store.loads(start + 61, start + 61, period: 60) == [])
        },
        MetricStoreCheck("a range that cuts periods gives whole ones") { maker in
            let store = try await maker.make(MetricLimits())
            let samples = (0..<180).map { MetricSamples.sample(Double($0), at: start + $0) }
            try await store.record(samples, now: MetricSamples.at(start + 180))
            let points = store.points(
                of: MetricSamples.metric("Load"), unit: nil, from: MetricSamples.at(start + 30),
                to: MetricSamples.at(start + 90), period: 60)
            #expect(points.map(\.statistics.count) == [60, 60])
            #expect(points.map(\.statistics.sum) == [1770, 5370])
            #expect(points.map(\.statistics.maximum) == [59, 119])
        },
        MetricStoreCheck("values of one second join, with how they are spread") { maker in
            let store = try await maker.make(MetricLimits())
            for value in 1...100 {
                try await store.record(
                    [MetricSamples.sample(Double(value), at: start)], now: MetricSamples.at(start + 1))
            }
            let set = store.points(
                of: MetricSamples.metric("Load"), unit: nil, from: MetricSamples.at(start),
                to: MetricSamples.at(start + 1), period: 1
            ).first?.statistics
            #expect(set?.count == 100)
            #expect(set?.sum == 5050)
            #expect(set.map { $0.minimum == 1 && $0.maximum == 100 } == true)
            #expect(set?.percentile(90).map { abs($0 - 90) < 4.5 } == true)
        },
        MetricStoreCheck("units are apart for who asks for one, and joined for who does not") { maker in
            let store = try await maker.make(MetricLimits())
            let samples = [
                MetricSamples.sample(1, at: start, .seconds), MetricSamples.sample(3, at: start, .milliseconds),
            ]
            try await store.record(samples, now: MetricSamples.at(start))
            #expect(store.loads(start, start + 60, period: 60, unit: .seconds) == [[Double(start), 1]])
            #expect(store.loads(start, start + 60, period: 60, unit: .milliseconds) == [[Double(start), 3]])
            #expect(store.loads(start, start + 60, period: 60, unit: .bytes) == [])
            #expect(store.loads(start, start + 60, period: 60) == [[Double(start), 2]])
        },
        MetricStoreCheck("a value that comes late is where it belongs") { maker in
            var store = try await maker.make(MetricLimits())
            for second in stride(from: 0, to: 1200, by: 1) {
                try await store.record(
                    [MetricSamples.sample(1, at: start + second)], now: MetricSamples.at(start + second))
            }
            for late in [5, 700, 1150] {
                try await store.record(
                    [MetricSamples.sample(3, at: start + late)], now: MetricSamples.at(start + 1200))
            }
            store = try await maker.restart(store, MetricLimits())
            for late in [5, 700, 1150] {
                #expect(store.loads(start + late, start + late + 1, period: 1) == [[Double(start + late), 2]])
            }
            let all = store.points(
                of: MetricSamples.metric("Load"), unit: nil, from: MetricSamples.at(start),
                to: MetricSamples.at(start + 1200), period: 1200)
            #expect(all.map(\.statistics.count) == [1203])
        },
        MetricStoreCheck("any values at any times are as a list of them says", propertyOfLists),
    ]

    @Sendable private static func propertyOfLists(_ maker: MetricStoreMaker) async throws {
        for seed in UInt64(1)...12 {
            var run = MetricStoreRun(seed: seed)
            try await run.go(on: maker)
        }
    }
}
