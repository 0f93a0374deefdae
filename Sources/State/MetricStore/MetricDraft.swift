package import Domain

/// What recording some samples changes: made from the engine, written by the store, then applied to the engine.
package struct MetricDraft: Sendable {
    /// A metric that is new, with its number.
    package struct Creation: Sendable {
        package var number: Int
        package var metric: MetricID
        package var unit: MetricUnit
    }

    /// Rows of a series that go into its chunks.
    package struct Move: Sendable {
        package var series: Int
        var rows: [Chunk.Row]
    }

    package var created: [Creation] = []
    /// Values that stay in memory, in the order they came: they are what the journal must hold.
    var fresh: [(series: Int, row: Chunk.Row)] = []
    package var moves: [Move] = []
    /// Series whose values before a second are in chunks from now on.
    package var sealed: [Int: Int] = [:]
    /// The same of series whose chunks get what came late, as it was before.
    var alreadySealed: [Int: Int] = [:]
    package var expired: [ChunkKey] = []
    /// Series that are forgotten, with all that is kept of them.
    package var dropped: Set<Int> = []
    /// Values that found no place.
    package var refused = 0
    /// What the journal holds only of times before this is in chunks.
    package var settledBefore: Int?
    /// Newest time of each series that gets values.
    var seen: [Int: Int] = [:]
    var pass: SealPass
    /// Seconds since 1970.
    var now: Int

    /// The newest time of `fresh`; nil when there is none.
    package var newestFresh: Int? { fresh.lazy.map(\.row.second).max() }
    package func newest(of number: Int) -> Int? { seen[number] }
    /// Series whose chunks change, with the newest time that comes into them.
    package var moved: [Int: Int] {
        moves.reduce(into: [:]) { newest, move in
            newest[move.series] = max(newest[move.series] ?? 0, move.rows.last?.second ?? 0)
        }
    }
    /// Everything of a series before it is in chunks once the draft is written.
    package func sealed(of number: Int) -> Int { sealed[number] ?? alreadySealed[number] ?? 0 }
    /// From where on values of new metrics stay in memory.
    package var sealedOfNew: Int { SealPass.boundary(at: now) }
    package var isEmpty: Bool {
        created.isEmpty && fresh.isEmpty && moves.isEmpty && expired.isEmpty && dropped.isEmpty
            && settledBefore == nil
    }
}

extension MetricDraft {
    /// Brings the chunks to what the draft says.
    package func settle(on shelf: inout some ChunkShelf, limits: MetricLimits) throws {
        let secondsFrom = MetricEngine.secondsFrom(now, limits)
        for move in moves {
            try merge(move.rows.filter { $0.second >= secondsFrom }, of: move.series, .seconds, &shelf)
            try merge(Self.minutes(of: move.rows), of: move.series, .minutes, &shelf)
        }
        for key in expired { try shelf.removeChunks(of: key.series, key.tier, before: key.start) }
        for number in dropped {
            for tier in MetricTier.allCases { try shelf.removeChunks(of: number, tier, before: .max) }
        }
    }

    private func merge(
        _ rows: [Chunk.Row], of series: Int, _ tier: MetricTier, _ shelf: inout some ChunkShelf
    ) throws {
        var rest = rows[...]
        while let first = rest.first {
            let start = first.second.floored(to: tier.window)
            let part = rest.prefix { $0.second < start + tier.window }
            rest = rest.dropFirst(part.count)
            let key = ChunkKey(tier: tier, series: series, start: start)
            // What cannot be read is lost already; the new values are not.
            var chunk = try shelf.chunk(key).flatMap { Chunk($0, from: start) } ?? Chunk()
            chunk.merge(Array(part))
            try shelf.put(chunk.encoded(from: start), at: key)
        }
    }

    /// - Parameter rows: in order of time.
    static func minutes(of rows: [Chunk.Row]) -> [Chunk.Row] {
        var minutes: [Chunk.Row] = []
        for row in rows {
            let minute = row.second.floored(to: 60)
            if let last = minutes.indices.last, minutes[last].second == minute {
                minutes[last].set.merge(row.set)
            } else {
                minutes.append(Chunk.Row(second: minute, set: row.set))
            }
        }
        for index in minutes.indices {
            minutes[index].set.sum = Decimal.settled(minutes[index].set.sum)
            minutes[index].set.count = Decimal.settled(minutes[index].set.count)
        }
        return minutes
    }
}
