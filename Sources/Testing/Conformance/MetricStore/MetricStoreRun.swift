import Domain
import Identifiers
import MetricStore
import Testing

/// Seeded values at seeded times, told to a store and to a plain list of them, with restarts between. What the store
/// answers must be what the list says.
struct MetricStoreRun {
    private struct Key: Hashable {
        var name: String
        var unit: MetricUnit
    }

    private let seed: UInt64
    private var random: Identifiers.SeededGenerator
    private var now = MetricSamples.start
    private var told: [Key: [(second: Int, set: StatisticSet)]] = [:]

    init(seed: UInt64) {
        self.seed = seed
        random = Identifiers.SeededGenerator(seed: seed)
    }

    mutating func go(on maker: MetricStoreMaker) async throws {
        var store = try await maker.make(MetricLimits())
        for turn in 0..<160 {
            now += step()
            let samples = (0..<Int.random(in: 0...6, using: &random)).map { _ in sample() }
            for sample in samples {
                told[Key(name: sample.metric.name, unit: sample.unit), default: []].append(
                    (Int(sample.time.milliseconds / 1000), sample.statistics))
            }
            try await store.record(samples, now: MetricSamples.at(now))
            if turn % 31 == 30 { store = try await maker.restart(store, MetricLimits()) }
            if turn % 8 == 7 { ask(store) }
        }
    }

    /// Mostly a second, at times minutes.
    private mutating func step() -> Int {
        switch Int.random(in: 0..<20, using: &random) {
        case 0: Int.random(in: 100...2500, using: &random)
        case 1...4: Int.random(in: 10...90, using: &random)
        default: 1
        }
    }

    private mutating func sample() -> MetricSample {
        let name = ["Load", "Depth", "Heat"].randomElement(using: &random) ?? "Load"
        let age =
            switch Int.random(in: 0..<10, using: &random) {
            case 0: Int.random(in: 0...5000, using: &random)
            case 1: -Int.random(in: 0...600, using: &random)
            default: Int.random(in: 0...20, using: &random)
            }
        let unit: MetricUnit = Int.random(in: 0..<4, using: &random) == 0 ? .percent : .count
        return MetricSample(
            metric: MetricSamples.metric(name), time: MetricSamples.at(now - age), unit: unit, statistics: set())
    }

    private mutating func set() -> StatisticSet {
        switch Int.random(in: 0..<8, using: &random) {
        case 0: StatisticSet(count: 4, sum: 20, minimum: 1, maximum: 9)
        case 1:
            StatisticSet(values: [
                (value: 1, weight: 3), (value: Double.random(in: -50...50, using: &random), weight: 0.5),
            ]) ?? StatisticSet(0)
        case 2: StatisticSet(Double.random(in: -1e6...1e6, using: &random))
        default: StatisticSet(Double(Int.random(in: 0...300, using: &random)) / 4)
        }
    }

    private mutating func ask(_ store: any MetricStore) {
        for name in ["Load", "Depth", "Heat"] {
            let period = [1, 10, 60, 300].randomElement(using: &random) ?? 60
            let from = now - Int.random(in: 0...12_000, using: &random)
            let to = from + Int.random(in: 1...9000, using: &random)
            let unit: MetricUnit? = Bool.random(using: &random) ? .count : nil
            let found = store.points(
                of: MetricSamples.metric(name), unit: unit, from: MetricSamples.at(from), to: MetricSamples.at(to),
                period: period)
            let expected = expectation(name, unit, from: from, to: to, period: period)
            #expect(found.map(\.time.seconds) == expected.map { Double($0.second) }, "seed \(seed) at \(now)")
            for (point, wanted) in zip(found, expected) {
                #expect(isEqual(point.statistics, wanted.set), "seed \(seed) at \(now), \(name) \(wanted.second)")
            }
        }
    }

    private func expectation(
        _ name: String, _ unit: MetricUnit?, from: Int, to: Int, period: Int
    ) -> [(second: Int, set: StatisticSet)] {
        let secondsFrom = now / 60 * 60 - 3600
        let first = from / period * period
        let end = (to + period - 1) / period * period
        var sets: [Int: StatisticSet] = [:]
        for (key, values) in told.sorted(by: { $0.key.unit.rawValue < $1.key.unit.rawValue })
        where key.name == name && (unit == nil || unit == key.unit) {
            for value in values {
                let isMinute = period % 60 != 0 && value.second < secondsFrom
                let unit = isMinute ? 60 : period
                let start = value.second / unit * unit
                // A minute counts when it begins in the range.
                guard first <= (isMinute ? start : value.second), (isMinute ? start : value.second) < end else {
                    continue
                }
                if sets[start] == nil { sets[start] = value.set } else { sets[start]?.merge(value.set) }
            }
        }
        return sets.sorted { $0.key < $1.key }.map { (second: $0.key, set: $0.value) }
    }

    private func isEqual(_ found: StatisticSet, _ wanted: StatisticSet) -> Bool {
        abs(found.sum - wanted.sum) <= 1e-9 * max(1, abs(wanted.sum), wanted.count * 1e6)
            && abs(found.count - wanted.count) < 1e-9 * wanted.count
            && found.minimum == wanted.minimum && found.maximum == wanted.maximum && found.spread == wanted.spread
    }
}
