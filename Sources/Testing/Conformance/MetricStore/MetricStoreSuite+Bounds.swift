import Domain
import Identifiers
import MetricStore
import Testing

private let start = MetricSamples.start

extension MetricStoreSuite {
    static let bounds: [MetricStoreCheck] = [
        MetricStoreCheck("seconds are known for an hour, minutes for 15 days, and then nothing") { maker in
            var store = try await maker.make(MetricLimits())
            try await store.record(
                [MetricSamples.sample(1, at: start + 5), MetricSamples.sample(3, at: start + 50)],
                now: MetricSamples.at(start + 60))
            #expect(store.loads(start, start + 60, period: 10) == [[Double(start), 1], [Double(start + 50), 3]])
            try await store.record([], now: MetricSamples.at(start + 3600 + 60))
            store = try await maker.restart(store, MetricLimits())
            try await store.record([], now: MetricSamples.at(start + 3600 + 61))
            #expect(store.loads(start, start + 60, period: 10) == [[Double(start), 2]])
            try await store.record([], now: MetricSamples.at(start + 15 * 86_400))
            #expect(store.loads(start, start + 60, period: 60) == [[Double(start), 2]])
            try await store.record([], now: MetricSamples.at(start + 15 * 86_400 + 60))
            #expect(store.loads(start, start + 60, period: 60) == [])
        },
        MetricStoreCheck("values that are too old, too far ahead or no numbers are dropped") { maker in
            let store = try await maker.make(MetricLimits())
            var samples = [-15 * 86_400 - 1, 7201].map { MetricSamples.sample(1, at: start + $0) }
            for bad in [Double.nan, .infinity, -.infinity] { samples.append(MetricSamples.sample(bad, at: start)) }
            var unsound = MetricSamples.sample(1, at: start)
            unsound.statistics.count = 0
            samples.append(unsound)
            var far = MetricSamples.sample(1, at: start)
            for time in [Int64.min, .max, 0, -1] {
                far.time = Timestamp(milliseconds: time)
                samples.append(far)
            }
            try await store.record(samples, now: MetricSamples.at(start))
            let all = store.points(
                of: MetricSamples.metric("Load"), unit: nil, from: Timestamp(milliseconds: .min),
                to: Timestamp(milliseconds: .max), period: .max)
            #expect(all.isEmpty)
            try await store.record(
                [MetricSamples.sample(1, at: start + 7200)], now: MetricSamples.at(start))
            #expect(store.loads(start, start + 7260, period: 60) == [[Double(start + 7200), 1]])
        },
        MetricStoreCheck("numbers of any size are kept as they are") { maker in
            var store = try await maker.make(MetricLimits())
            let values = [
                0, -0.0, 1, -1, 0.1, -273.15, 1e15, 123_456_789.123, 1e300, -1e300, .pi, .leastNonzeroMagnitude,
                .greatestFiniteMagnitude, 2 / 3, 9_007_199_254_740_992,
            ]
            let samples = values.enumerated().map { MetricSamples.sample($1, at: start + $0) }
            try await store.record(samples, now: MetricSamples.at(start + 20))
            for second in [30, 400, 401, 600] { try await store.record([], now: MetricSamples.at(start + second)) }
            store = try await maker.restart(store, MetricLimits())
            #expect(store.loads(start, start + 60, period: 1).map { $0[1] } == values)
        },
        MetricStoreCheck("a new metric takes the place of one without values for an hour, or finds none") { maker in
            var limits = MetricLimits()
            limits.series = 3
            let store = try await maker.make(limits)
            for (index, name) in ["A", "B", "C"].enumerated() {
                try await store.record(
                    [MetricSamples.sample(1, of: name, at: start + index)], now: MetricSamples.at(start + index))
            }
            await #expect(throws: MetricStoreError.full(dropped: 1)) {
                try await store.record(
                    [MetricSamples.sample(1, of: "D", at: start + 9), MetricSamples.sample(2, of: "A", at: start + 9)],
                    now: MetricSamples.at(start + 9))
            }
            #expect(names(store) == ["A", "B", "C"])
            try await store.record(
                [MetricSamples.sample(1, of: "D", at: start + 4000)], now: MetricSamples.at(start + 4000))
            #expect(names(store) == ["A", "C", "D"])
        },
        MetricStoreCheck("a metric without values for 15 days is forgotten") { maker in
            let store = try await maker.make(MetricLimits())
            try await store.record([MetricSamples.sample(1, at: start)], now: MetricSamples.at(start))
            try await store.record([], now: MetricSamples.at(start + 15 * 86_400 - 300))
            try await store.record([], now: MetricSamples.at(start + 15 * 86_400 - 100))
            #expect(names(store) == ["Load"])
            for second in [600, 800, 1000] {
                try await store.record([], now: MetricSamples.at(start + 15 * 86_400 + second))
            }
            #expect(names(store) == [])
        },
    ]

    private static func names(_ store: any MetricStore) -> [String] {
        store.metrics(in: MetricSamples.scope, matching: MetricFilter(), after: nil, limit: 10).map(\.metric.name)
    }
}
