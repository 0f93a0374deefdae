import Identifiers

/// Everything that happened, as a hash, and the last of it in words.
struct Trace {
    /// Enough to see what led to a failure.
    private static let kept = 80

    /// FNV-1a over the lines.
    private(set) var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    private var lines: [String] = []
    private(set) var count = 0
    /// Keeps every line, for a run that is looked into.
    var keepsAll = false

    mutating func note(_ text: String, at instant: Instant) {
        count += 1
        let line = "\(instant.nanoseconds / 1_000_000) \(text)"
        for byte in line.utf8 {
            hash ^= UInt64(byte)
            hash = hash &* 0x100_0000_01B3
        }
        lines.append(line)
        if !keepsAll, lines.count >= 2 * Self.kept { lines.removeFirst(lines.count - Self.kept) }
    }

    var last: [String] { keepsAll ? lines : Array(lines.suffix(Self.kept)) }
}
