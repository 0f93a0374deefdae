import Domain
import Foundation
import Identifiers
import MetricStore
import MetricStoreSQLite

/// The store alone: time passes as fast as it records.
struct StoreBench {
    private static let start: Int64 = 1_800_000_000
    let directory: URL

    /// A third each: whole numbers that change at times, percentages with four digits, and durations with their spread.
    private func sample(_ number: Int, at second: Int64, _ random: inout SeededGenerator) -> MetricSample {
        let metric = MetricID(
            scope: Scope(account: "000000000000", region: "us-east-1"), namespace: "Bench",
            name: "Metric\(number % 10)",
            dimensions: [
                KeyValue(key: "ClusterName", value: "main"),
                KeyValue(key: "ServiceName", value: "service-\(number / 10)"),
            ])
        let time = Timestamp(milliseconds: second * 1000)
        switch number % 3 {
        case 0:
            let value = Double(second / 97 % 5 + Int64(number))
            return MetricSample(metric: metric, time: time, unit: .count, statistics: StatisticSet(value))
        case 1:
            let value = (Double.random(in: 40...60, using: &random) * 10_000).rounded() / 10_000
            return MetricSample(metric: metric, time: time, unit: .percent, statistics: StatisticSet(value))
        default:
            let values = (0..<8).map { _ in
                (value: Double(Int.random(in: 4...60, using: &random)) / 1000, weight: 1.0)
            }
            let set = StatisticSet(values: values) ?? StatisticSet(0)
            return MetricSample(metric: metric, time: time, unit: .seconds, statistics: set)
        }
    }

    func ingest(metrics: Int, seconds: Int) async throws {
        let store = try open("ingest")
        defer { store.close() }
        var random = SeededGenerator(seed: 1)
        var spent = 0.0
        for second in 0..<Int64(seconds) {
            let samples = (0..<metrics).map { sample($0, at: Self.start + second, &random) }
            let began = processorTime()
            try await store.record(samples, now: Timestamp(milliseconds: (Self.start + second) * 1000))
            spent += processorTime() - began
        }
        let count = Double(metrics * seconds)
        tell("ingest", count / spent, "samples per second of one core")
        tell("cost of 1,000 samples a second", spent / count * 1000 * 100, "percent of one core")
        tell("seconds on disk", Double(try size("ingest")) / count, "bytes per sample, all of the file")
    }

    func query(days: Int) async throws {
        let store = try open("query")
        defer { store.close() }
        var random = SeededGenerator(seed: 2)
        let metrics = 60
        let minutes = Int64(days) * 1440
        for minute in 0..<minutes {
            let second = Self.start + minute * 60
            let samples = (0..<metrics).map { sample($0, at: second, &random) }
            try await store.record(samples, now: Timestamp(milliseconds: second * 1000))
        }
        let end = Self.start + minutes * 60
        tell("minutes on disk", Double(try size("query")) / Double(Int64(metrics) * minutes), "bytes per point")
        for (name, span, period) in [
            ("15 days by the minute", minutes * 60, 60), ("15 days by the hour", minutes * 60, 3600),
            ("15 minutes", 900, 60),
        ] {
            var times: [Double] = []
            for number in 0..<metrics {
                let began = ContinuousClock.now
                let points = store.points(
                    of: sample(number, at: end, &random).metric, unit: nil,
                    from: Timestamp(milliseconds: (end - span) * 1000), to: Timestamp(milliseconds: end * 1000),
                    period: period)
                let taken = ContinuousClock.now - began
                precondition(points.count >= Int(span) / period - 1)
                times.append(Double(taken.nanoseconds) / 1e6)
            }
            tell("query of \(name)", times.sorted()[times.count / 2], "ms")
        }
    }

    private func open(_ name: String) throws -> SQLiteMetricStore {
        try SQLiteMetricStore(path: path(name)) { print("damaged: \($0)") }
    }

    private func path(_ name: String) -> String { directory.appendingPathComponent(name).path }

    private func size(_ name: String) throws -> Int {
        try ["", "-wal"].reduce(0) { sum, suffix in
            sum + ((try FileManager.default.attributesOfItem(atPath: path(name) + suffix)[.size] as? Int) ?? 0)
        }
    }
}
