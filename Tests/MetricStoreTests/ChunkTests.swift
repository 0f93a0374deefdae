import Domain
import Identifiers
import Testing

@testable import MetricStore

@Suite("A chunk of a series")
struct ChunkTests {
    private static let start = 1_800_000_000

    private func chunk(_ values: [Double], step: Int = 1) -> Chunk {
        Chunk(values.enumerated().map { Chunk.Row(second: Self.start + $0 * step, set: StatisticSet($1)) })
    }

    @Test("is what its bytes say", arguments: UInt64(1)...40)
    func roundTrip(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var second = Self.start
        var rows: [Chunk.Row] = []
        for _ in 0..<Int.random(in: 1...120, using: &random) {
            second += Bool.random(using: &random) ? 1 : Int.random(in: 1...40, using: &random)
            var set = StatisticSet((Double.random(in: -100...100, using: &random) * 8).rounded() / 8)
            if seed % 3 == 0 { set.merge(StatisticSet(Double.random(in: 0...9, using: &random))) }
            if seed % 5 == 0 { set = StatisticSet(count: 0.25, sum: .pi, minimum: -1e300, maximum: 1e300) }
            rows.append(Chunk.Row(second: second, set: set))
        }
        let bytes = Chunk(rows).encoded(from: Self.start)
        #expect(try #require(Chunk(bytes, from: Self.start)).rows == rows)
    }

    @Test("takes few bytes for what is constant, and few for what is near")
    func size() {
        #expect(chunk(Array(repeating: 3, count: 120)).encoded(from: Self.start).count < 16)
        #expect(chunk((0..<120).map { 100 + Double($0 % 7) }).encoded(from: Self.start).count < 136)
        #expect(chunk((0..<120).map { Double(401_234 + $0 % 7) / 10_000 }).encoded(from: Self.start).count < 136)
    }

    @Test("never traps on other bytes", arguments: UInt64(1)...60)
    func otherBytes(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var bytes = chunk((0..<60).map { Double($0) * 1.7 }, step: 3).encoded(from: Self.start)
        for _ in 0..<Int.random(in: 1...8, using: &random) {
            bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
        }
        for count in 0...bytes.count {
            for row in Chunk(Array(bytes.prefix(count)), from: Self.start)?.rows ?? [] { #expect(row.set.isSound) }
        }
    }
}
