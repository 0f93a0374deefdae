import Domain
import Identifiers
import MetricStore
import Testing

private let start = MetricSamples.start

extension MetricStoreSuite {
    static let listings: [MetricStoreCheck] = [
        MetricStoreCheck("metrics are listed in order, page by page, each once") { maker in
            var store = try await maker.make(MetricLimits())
            let metrics = ["Web", "App"].flatMap { namespace in
                ["B", "A"].flatMap { name in
                    [[:], ["Host": "2"], ["Host": "1"], ["Host": "1", "Disk": "x"]].map {
                        MetricSamples.metric(name, $0, in: namespace)
                    }
                }
            }
            for metric in metrics {
                let samples = [MetricUnit.count, .bytes].map {
                    MetricSample(metric: metric, time: MetricSamples.at(start), unit: $0, statistics: StatisticSet(1))
                }
                try await store.record(samples, now: MetricSamples.at(start))
            }
            store = try await maker.restart(store, MetricLimits())
            var found: [MetricID] = []
            while true {
                let page = store.metrics(
                    in: MetricSamples.scope, matching: MetricFilter(), after: found.last, limit: 3)
                guard !page.isEmpty else { break }
                #expect(page.count <= 3)
                found += page.map(\.metric)
            }
            #expect(found == metrics.sorted())
        },
        MetricStoreCheck("a filter names metrics by namespace, name, dimensions and newest value") { maker in
            let store = try await maker.make(MetricLimits())
            let metrics = [
                MetricSamples.metric("CPU", ["Host": "1"]), MetricSamples.metric("CPU", ["Host": "2", "Disk": "x"]),
                MetricSamples.metric("Memory", ["Host": "1"]), MetricSamples.metric("CPU", in: "Other"),
            ]
            for (index, metric) in metrics.enumerated() {
                let sample = MetricSample(
                    metric: metric, time: MetricSamples.at(start + index * 100), unit: .percent,
                    statistics: StatisticSet(1))
                try await store.record([sample], now: MetricSamples.at(start + index * 100))
            }
            func found(_ change: (inout MetricFilter) -> Void) -> [MetricID] {
                var filter = MetricFilter()
                change(&filter)
                return store.metrics(in: MetricSamples.scope, matching: filter, after: nil, limit: 10).map(\.metric)
            }
            #expect(found { $0.namespace = "App" } == [metrics[0], metrics[1], metrics[2]].sorted())
            #expect(found { $0.name = "CPU" } == [metrics[0], metrics[1], metrics[3]].sorted())
            #expect(found { $0.dimensions = [.init(name: "Host", value: "1")] } == [metrics[0], metrics[2]])
            #expect(found { $0.dimensions = [.init(name: "Disk")] } == [metrics[1]])
            #expect(found { $0.since = MetricSamples.at(start + 200) } == [metrics[2], metrics[3]])
            let other = Scope(account: "111111111111", region: "us-east-1")
            #expect(store.metrics(in: other, matching: MetricFilter(), after: nil, limit: 10).isEmpty)
            let newest = store.metrics(in: MetricSamples.scope, matching: MetricFilter(), after: metrics[2], limit: 1)
            #expect(newest.first?.lastSeen == MetricSamples.at(start + 300))
        },
    ]
}
