/// Where chunks are kept. Every series stands by its number.
package protocol ChunkShelf {
    func chunk(_ key: ChunkKey) throws -> [UInt8]?
    mutating func put(_ bytes: [UInt8], at key: ChunkKey) throws
    /// Chunks of a series that begin in the range, oldest first.
    func chunks(of series: Int, _ tier: MetricTier, from: Int, to: Int) throws -> [(start: Int, bytes: [UInt8])]
    /// Drops those that begin before `start`.
    mutating func removeChunks(of series: Int, _ tier: MetricTier, before start: Int) throws
}

/// Keeps chunks in memory.
struct MemoryShelf: ChunkShelf {
    private var chunks: [Int: [MetricTier: [Int: [UInt8]]]] = [:]

    func chunk(_ key: ChunkKey) -> [UInt8]? { chunks[key.series]?[key.tier]?[key.start] }

    mutating func put(_ bytes: [UInt8], at key: ChunkKey) {
        chunks[key.series, default: [:]][key.tier, default: [:]][key.start] = bytes
    }

    func chunks(of series: Int, _ tier: MetricTier, from: Int, to: Int) -> [(start: Int, bytes: [UInt8])] {
        let kept = chunks[series]?[tier] ?? [:]
        return kept.filter { from <= $0.key && $0.key < to }.sorted { $0.key < $1.key }
            .map { (start: $0.key, bytes: $0.value) }
    }

    mutating func removeChunks(of series: Int, _ tier: MetricTier, before start: Int) {
        guard let kept = chunks[series]?[tier]?.filter({ $0.key >= start }) else { return }
        chunks[series]?[tier] = kept.isEmpty ? nil : kept
        if chunks[series]?.isEmpty == true { chunks[series] = nil }
    }
}
