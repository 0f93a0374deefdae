import Identifiers
import Testing

@Suite("Made-up ids")
struct IDSourceTests {
    struct Bits: IDSource {
        let value: UInt64
        func bits() -> UInt64 { value }
    }

    @Test(
        "keep their shape whatever the random bits are",
        arguments: [
            (0, "00000000-0000-4000-8000-000000000000", "ecs-svc/1000000000000000000"),
            (.max, "ffffffff-ffff-4fff-bfff-ffffffffffff", nil), (1, nil, "ecs-svc/1000000000000000001"),
        ] as [(UInt64, String?, String?)])
    func shapes(bits: UInt64, uuid: String?, deployment: String?) {
        let source = Bits(value: bits)
        #expect(source.hexID().utf8.count == 32)
        #expect(source.deploymentID().rawValue.utf8.count == 27)
        if let uuid { #expect(source.uuid() == uuid) }
        if let deployment { #expect(source.deploymentID().rawValue == deployment) }
    }

    @Test("equal seeds give equal numbers, other seeds others")
    func seeds() {
        var one = SeededGenerator(seed: 1)
        var same = SeededGenerator(seed: 1)
        var other = SeededGenerator(seed: 2)
        let numbers = (0..<4).map { _ in one.next() }
        #expect(numbers == (0..<4).map { _ in same.next() })
        #expect(numbers != (0..<4).map { _ in other.next() })
        #expect(Set(numbers).count == 4)
    }
}
