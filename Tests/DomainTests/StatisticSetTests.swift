import Domain
import Testing

@Suite("The statistics of an interval")
struct StatisticSetTests {
    @Test("two single values get a spread when they join")
    func singles() {
        let set = StatisticSet(1).merged(with: StatisticSet(3))
        #expect([set.count, set.sum, set.minimum, set.maximum] == [2, 4, 1, 3])
        #expect(set.percentile(0) == 1)
        #expect(set.percentile(100) == 3)
    }

    @Test("equal values stay without a distribution and have percentiles")
    func equal() {
        let set = StatisticSet(7).merged(with: StatisticSet(7)).merged(with: StatisticSet(7))
        #expect(set.distribution == nil)
        #expect(set.percentile(99) == 7)
        #expect(set.merged(with: StatisticSet(9)).spread?.total == 4)
    }

    @Test("a set whose spread is not known makes that of the joined one unknown")
    func unknown() {
        let told = StatisticSet(count: 4, sum: 10, minimum: 1, maximum: 5)
        #expect(told.percentile(50) == nil)
        for set in [told.merged(with: StatisticSet(3)), StatisticSet(3).merged(with: told)] {
            #expect(set.spread == nil)
            #expect(set.merged(with: StatisticSet(1)).spread == nil)
            #expect(set.count == 5)
        }
    }

    private static let weighted: [(value: Double, weight: Double)] = [
        (2, 3), (10, 1), (.nan, 1), (1, 0), (1, -2), (.infinity, 1),
    ]

    @Test("values have weights, and those that are no numbers do not count")
    func weights() {
        let set = StatisticSet(values: Self.weighted)
        #expect(set.map { [$0.count, $0.sum, $0.minimum, $0.maximum] } == [4, 16, 2, 10])
        #expect(set?.percentile(50) == 2)
        #expect(StatisticSet(values: [(value: Double.nan, weight: 1)]) == nil)
    }
}
