import StateStore
import Testing

@Suite("An ordered index")
struct OrderedIndexTests {
    @Test("equals a sorted set after random inserts and removes, copies included", arguments: [1, 2, 3])
    func equalsSortedSet(seed: UInt64) {
        var random = Generator(state: seed)
        var index = OrderedIndex<Int>()
        var expected: Set<Int> = []
        var frozen: [(OrderedIndex<Int>, [Int])] = []
        for step in 0..<2_000 {
            let element = Int.random(in: 0..<300, using: &random)
            if Bool.random(using: &random) {
                index.insert(element)
                expected.insert(element)
            } else {
                index.remove(element)
                expected.remove(element)
            }
            if step % 200 == 0 { frozen.append((index, expected.sorted())) }
            #expect(index.count == expected.count)
            #expect(index.contains(element) == expected.contains(element))
        }
        #expect(Array(index.ascending()) == expected.sorted())
        for start in stride(from: 0, to: 300, by: 37) {
            #expect(Array(index.ascending(from: start)) == expected.sorted().filter { $0 >= start })
        }
        for (copy, elements) in frozen { #expect(Array(copy.ascending()) == elements) }
    }

    private struct Generator: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state ^ (state >> 31)
        }
    }
}
