import Domain
import MetricMath
import Testing

@Suite("Statistics")
struct StatisticTests {
    /// 1 to 10, each once; the middles of their buckets are within 5 percent.
    private static let ten: StatisticSet = {
        var spread = ValueDistribution()
        for value in 1...10 { spread.add(Double(value)) }
        return StatisticSet(count: 10, sum: 55, minimum: 1, maximum: 10, distribution: spread)
    }()

    @Test(
        "of one to ten",
        arguments: [
            ("Average", 5.5), ("Sum", 55), ("Minimum", 1), ("Maximum", 10), ("SampleCount", 10), ("p50", 5), ("p90", 9),
            ("p100", 10), ("p0", 1), ("p99.9", 10), ("tm90", 5), ("TM(10%:90%)", 5.5), ("IQM", 5.5), ("TC(2.2:5.5)", 3),
            ("tc90", 9), ("TS(:3.5)", 6), ("ts50", 15), ("PR(:5.5)", 50), ("PR(8.5:)", 20), ("WM(10%:90%)", 5.4),
            ("wm80", 5.2),
        ])
    func values(name: String, expected: Double) throws {
        let statistic = try #require(MetricStatistic(name: name))
        #expect(statistic.name == name)
        let value = try #require(Self.ten.value(of: statistic))
        #expect(abs(value - expected) <= 0.05 * expected, "\(value)")
    }

    @Test(
        "that CloudWatch has not are none",
        arguments: [
            "", "average", "p", "p101", "p-1", "p1e2", "pxx", "TM(1:2", "TM()", "TM(2%:5)", "TM(90%:10%)", "PR(1%:5%)",
            "tm101", "p99.12345678901", "TM(:)", "IQM2", "XX(1:2)",
        ])
    func none(name: String) { #expect(MetricStatistic(name: name) == nil) }

    @Test("of one value need no spread, of several without one there is no percentile")
    func spread() {
        #expect(StatisticSet(7).value(of: .extended("p99")) == 7)
        #expect(StatisticSet(count: 3, sum: 21, minimum: 7, maximum: 7).value(of: .extended("tm50")) == 7)
        #expect(StatisticSet(count: 2, sum: 3, minimum: 1, maximum: 2).value(of: .extended("p50")) == nil)
        #expect(StatisticSet(count: 0, sum: 0, minimum: 0, maximum: 0).value(of: .average) == nil)
    }
}
