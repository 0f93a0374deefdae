import Domain
import Identifiers
import Placement
import TestKit
import Testing

@Suite("Tasks among capacity providers")
struct CapacityCountsTests {
    struct Row: Sendable, CustomTestStringConvertible {
        var testDescription: String
        /// `name:weight:base`, in order.
        var strategy: String
        /// Tasks there are, by provider.
        var existing: [String: Int] = [:]
        var count: Int
        var shares: [String: Int]

        init(
            _ name: String, _ strategy: String, existing: [String: Int] = [:], _ count: Int, _ shares: [String: Int]
        ) {
            testDescription = name
            (self.strategy, self.existing, self.count, self.shares) = (strategy, existing, count, shares)
        }
    }

    static let table = [
        Row("equal weights split evenly", "a:1:0 b:1:0", 10, ["a": 5, "b": 5]),
        Row("one of a for every four of b", "a:1:0 b:4:0", 10, ["a": 2, "b": 8]),
        Row("a single task goes to the heavier", "a:1:0 b:4:0", 1, ["b": 1]),
        Row("the base is filled first", "a:1:3 b:1:0", 3, ["a": 3]),
        Row("weights count beyond the base", "a:1:3 b:1:0", 7, ["a": 5, "b": 2]),
        Row("a base without weight gets no more", "a:0:2 b:1:0", 6, ["a": 2, "b": 4]),
        Row("weight zero gets nothing", "a:0:0 b:3:0", 4, ["b": 4]),
        Row("a lone provider with only a base gets all", "a:0:1", 4, ["a": 4]),
        Row("what runs counts", "a:1:0 b:1:0", existing: ["a": 4], 4, ["b": 4]),
        Row("a base that was lost is filled again", "a:0:2 b:1:0", existing: ["a": 1, "b": 5], 1, ["a": 1]),
        Row("three providers", "a:1:0 b:2:0 c:3:0", 12, ["a": 2, "b": 4, "c": 6]),
        Row("nothing to divide", "a:1:0", 0, [:]),
    ]

    static func strategy(_ text: String) -> [CapacityProviderItem] {
        text.split(separator: " ").map { item in
            let parts = item.split(separator: ":")
            return CapacityProviderItem(
                provider: String(parts[0]), weight: Int(parts[1]) ?? -1, base: Int(parts[2]) ?? -1)
        }
    }

    static func tasks(_ counts: [String: Int]) -> [TaskRecord] {
        counts.sorted { $0.key < $1.key }.flatMap { provider, count in
            (0..<count).map { number in
                var task = TaskRecord.test("\(provider)\(number)")
                task.capacityProvider = provider
                return task
            }
        }
    }

    @Test("are divided by base and weight", arguments: table)
    func divides(row: Row) {
        let strategy = Self.strategy(row.strategy)
        var counts = CapacityCounts(strategy, Self.tasks(row.existing))
        let shares = counts.divide(row.count)
        #expect(Dictionary(uniqueKeysWithValues: shares.map { ($0.provider ?? "", $0.count) }) == row.shares)
        let order = strategy.map(\.provider)
        #expect(shares.compactMap(\.provider) == order.filter { row.shares[$0] != nil })
    }

    @Test("have no provider without a strategy")
    func noStrategy() {
        var counts = CapacityCounts([], [])
        #expect(counts.divide(3) == [CapacityShare(provider: nil, count: 3)])
        #expect(counts.divide(0) == [])
        #expect(counts.next() == nil)
    }

    @Test("give up one where most are above the share, and of a base last")
    func surplus() {
        let strategy = Self.strategy("a:1:2 b:1:0")
        let start = ["a": 3, "b": 2, "old": 1]
        var counts = CapacityCounts(strategy, Self.tasks(start))
        var order: [String] = []
        for _ in 0..<6 {
            let left = ["a", "b", "old"].filter { name in
                let given = order.count { $0 == name }
                return given < start[name] ?? 0
            }
            guard let most = left.max(by: { counts.surplus(of: $0) < counts.surplus(of: $1) }) else { break }
            order.append(most)
            counts.remove(most)
        }
        #expect(order == ["old", "b", "a", "b", "a", "a"])
    }

    @Test("keep base and ratio however they come and go", arguments: 1...200)
    func properties(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let names = ["a", "b", "c", "d"].prefix(Int.random(in: 1...4, using: &random))
        let baseAt = Int.random(in: 0..<names.count, using: &random)
        var strategy = names.enumerated().map { index, name in
            CapacityProviderItem(
                provider: name, weight: Int.random(in: 0...5, using: &random),
                base: index == baseAt ? Int.random(in: 0...4, using: &random) : 0)
        }
        if strategy.allSatisfy({ $0.weight == 0 }) { strategy[0].weight = 1 }
        let total = Int.random(in: 0...60, using: &random)
        let atOnce = Self.divide(total, strategy)

        // In parts it comes out the same: the running totals count, not the calls.
        let part = Int.random(in: 0...total, using: &random)
        let before = Self.divide(part, strategy)
        let after = Self.divide(total - part, strategy, beside: before)
        #expect(before.merging(after, uniquingKeysWith: +) == atOnce)

        #expect(atOnce.values.reduce(0, +) == total)
        let base = strategy[baseAt].base
        #expect((atOnce[strategy[baseAt].provider] ?? 0) >= min(base, total))
        let weights = strategy.map(\.weight).reduce(0, +)
        for item in strategy {
            let beyond = (atOnce[item.provider] ?? 0) - min(item.base, total)
            // Rounding adds up to less than one task for each of the others: no one is left behind.
            let rest = Double(max(0, total - base))
            let share = rest * Double(item.weight) / Double(weights)
            #expect(abs(Double(beyond) - share) < Double(strategy.count), "seed \(seed)")
            if item.weight == 0 { #expect(beyond == 0, "seed \(seed)") }
        }
    }

    private static func divide(
        _ count: Int, _ strategy: [CapacityProviderItem], beside existing: [String: Int] = [:]
    ) -> [String: Int] {
        var counts = CapacityCounts(strategy, tasks(existing))
        let shares = counts.divide(count).map { ($0.provider ?? "", $0.count) }
        return Dictionary(uniqueKeysWithValues: shares)
    }
}
