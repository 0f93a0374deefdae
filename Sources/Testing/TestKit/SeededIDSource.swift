public import Identifiers
import Synchronization

/// Ids and random numbers from a seed: equal seeds give equal ids in equal order.
public final class SeededIDSource: IDSource {
    private let generator: Mutex<SeededGenerator>

    public init(seed: UInt64 = 1) { generator = Mutex(SeededGenerator(seed: seed)) }

    public func bits() -> UInt64 { generator.withLock { $0.next() } }
}
