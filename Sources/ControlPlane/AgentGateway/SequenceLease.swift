import Domain

/// The numbers that one session may put on its messages, all above those of every earlier session.
///
/// Agents discard a manifest whose number did not grow, silently. Payloads need not grow, so a session that used up
/// its numbers repeats the last one.
public struct SequenceLease: Hashable, Sendable {
    /// Numbers of one lease: a manifest, its repetitions, and payloads for a while.
    public static let size: Int64 = 64

    /// The installation's when the lease was given.
    public let epoch: Int
    private var upcoming: Int64
    private let last: Int64

    /// - Parameters:
    ///   - epoch: the installation's; stands above the counter.
    ///   - first: the first number of the counter; fits 40 bits.
    public init(epoch: Int, first: Int64) {
        self.epoch = epoch
        let base = Int64(truncatingIfNeeded: epoch) & 0x3F_FFFF
        upcoming = base << 40 | (first & 0xFF_FFFF_FFFF)
        last = upcoming + Self.size - 1
    }

    /// The next number.
    public mutating func next() -> Int64 {
        let number = upcoming
        upcoming = min(upcoming + 1, last)
        return number
    }
}

extension InstallationRecord {
    /// Sets aside `count` numbers that no session ever used.
    ///
    /// - Returns: the first of them.
    mutating func reserveSequence(_ count: Int64) -> Int64 {
        let first = sequenceReserved
        sequenceReserved = first &+ count
        return first
    }
}
