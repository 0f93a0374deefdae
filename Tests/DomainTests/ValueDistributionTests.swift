import Domain
import Identifiers
import Testing

@Suite("How values are spread")
struct ValueDistributionTests {
    @Test("a percentile is within 5 percent of the value that stands there", arguments: UInt64(1)...30)
    func percentiles(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let magnitude = Double.random(in: -12...12, using: &random)
        var values: [Double] = []
        var distribution = ValueDistribution()
        for _ in 0..<500 {
            var value = Double.random(in: 0.01...1, using: &random)
            for _ in 0..<Int(magnitude.magnitude) { value *= magnitude < 0 ? 0.1 : 10 }
            if seed % 2 == 0, Bool.random(using: &random) { value = -value }
            values.append(value)
            distribution.add(value)
        }
        values.sort()
        for percent in [0, 1, 25, 50, 75, 90, 99, 99.9, 100] {
            let rank = max(Int((Double(values.count) * percent / 100).rounded(.up)) - 1, 0)
            let found = try #require(distribution.percentile(percent))
            #expect(abs(found - values[rank]) <= abs(values[rank]) * 0.05, "\(percent)")
        }
    }

    @Test("the order in which values come does not matter, nor how they are grouped", arguments: UInt64(1)...10)
    func merging(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let values = (0..<200).map { _ in Double.random(in: -1000...1000, using: &random) }
        var all = ValueDistribution()
        for value in values { all.add(value) }
        var groups = (0..<5).map { _ in ValueDistribution() }
        for value in values.shuffled(using: &random) { groups[Int.random(in: 0..<5, using: &random)].add(value) }
        var joined = ValueDistribution()
        for group in groups.shuffled(using: &random) { joined.merge(group) }
        #expect(joined == all)
        #expect(joined.total == 200)
    }

    @Test(
        "every finite number has a bucket whose value is near",
        arguments: [
            0, 1, -1, 1.1, 0.5, 1e-300, 1e300, -1e300, .leastNonzeroMagnitude, .leastNormalMagnitude,
            .greatestFiniteMagnitude, 1.048, 1.049, 1023.999, 1024,
        ])
    func extremes(_ value: Double) throws {
        let bucket = try #require(ValueDistribution.Bucket(value))
        // Numbers near the smallest one have no digits to be near with.
        if value == 0 || value.magnitude > 1e-307 { #expect(abs(bucket.value - value) <= value.magnitude * 0.0501) }
        #expect((bucket.value < 0) == (value < 0))
    }

    @Test("what is no number, or has no weight, is not counted")
    func refused() {
        var distribution = ValueDistribution()
        for value in [Double.nan, .infinity, -.infinity] { distribution.add(value) }
        for weight in [0, -1, Double.nan, .infinity] { distribution.add(1, weight: weight) }
        #expect(distribution.isEmpty)
        #expect(distribution.percentile(50) == nil)
        distribution.add(5)
        #expect(distribution.percentile(.nan) == nil)
        #expect(distribution.percentile(-3) == distribution.percentile(900))
        distribution.add(5, weight: .greatestFiniteMagnitude)
        distribution.add(5, weight: .greatestFiniteMagnitude)
        #expect(distribution.percentile(50) != nil)
    }
}
