package import Domain
package import Identifiers

/// What is read of one series: what memory holds, and where the rest is found.
package struct SeriesReading: Sendable {
    package var number: Int
    /// Only what chunks hold before it counts: the rest is in `newest`.
    var sealed: Int
    var newest: [Chunk.Row]
    /// Where the tiers have chunks.
    var oldest: [MetricTier: Int]
}

/// A range of time in periods, and from where on each tier counts.
package struct MetricRange: Sendable {
    /// Seconds since 1970, whole periods.
    var from: Int
    var to: Int
    var period: Int
    /// Seconds count from here on, where they are asked for.
    var secondsFrom: Int
    /// Nothing before is known.
    var keptFrom: Int
}

extension MetricEngine {
    /// The range as it is kept; nil when it is empty.
    package func range(from: Timestamp, to: Timestamp, period: Int) -> MetricRange? {
        // What lies further ahead nobody may record; so nothing overflows.
        let end = min(to.wholeSecondsUp, now + 2 * limits.ahead)
        let period = min(max(period, 1), limits.minutes)
        let start = max(from.wholeSeconds, minutesFrom).floored(to: period)
        guard start < end, from < to else { return nil }
        return MetricRange(
            from: start, to: end.raised(to: period), period: period,
            secondsFrom: period % 60 == 0 ? .max : secondsFrom, keptFrom: minutesFrom)
    }

    package func reading(of metric: MetricID, unit: MetricUnit?, in range: MetricRange) -> [SeriesReading] {
        (numbers[metric] ?? []).compactMap { number in
            guard let one = series[number], unit == nil || unit == one.unit else { return nil }
            let newest = range.kept(one.head.rows).filter { range.from <= $0.second && $0.second < range.to }
            return SeriesReading(number: number, sealed: one.sealed, newest: newest, oldest: one.oldest)
        }
    }

    /// Of each series whose newest value is in memory.
    package func newest(since: Timestamp) -> [MetricSample] {
        series.values.compactMap { one in
            guard let row = one.head.newest, row.second >= since.wholeSeconds else { return nil }
            return MetricSample(
                metric: one.metric, time: Timestamp(milliseconds: Int64(row.second) * 1000), unit: one.unit,
                statistics: row.set)
        }
    }

    package mutating func metrics(
        in scope: Scope, matching filter: MetricFilter, after: MetricID?, limit: Int
    ) -> [MetricListing] {
        var found: [MetricListing] = []
        let first = MetricID(scope: scope, namespace: filter.namespace ?? "", name: "")
        let start = after.map { max($0, first) } ?? first
        for metric in order.after(start) {
            guard found.count < limit, metric.scope == scope else { break }
            if let namespace = filter.namespace, metric.namespace != namespace { break }
            guard filter.admits(metric), let listing = listing(of: metric) else { continue }
            if let since = filter.since, listing.lastSeen < since { continue }
            found.append(listing)
        }
        return found
    }

    private func listing(of metric: MetricID) -> MetricListing? {
        let newest = (numbers[metric] ?? []).compactMap { series[$0] }.max { $0.lastSeen < $1.lastSeen }
        return newest.map {
            MetricListing(
                metric: metric, unit: $0.unit, lastSeen: Timestamp(milliseconds: Int64($0.lastSeen) * 1000))
        }
    }
}

extension MetricFilter {
    func admits(_ metric: MetricID) -> Bool {
        if let name, metric.name != name { return false }
        return dimensions.allSatisfy { wanted in
            metric.dimensions.contains { $0.key == wanted.name && (wanted.value == nil || wanted.value == $0.value) }
        }
    }
}

extension MetricRange {
    /// Rows of seconds as they are kept: those that are too old for seconds count as their minutes.
    func kept(_ rows: [Chunk.Row]) -> [Chunk.Row] {
        guard secondsFrom < .max, let first = rows.first, first.second < secondsFrom else { return rows }
        return MetricDraft.minutes(of: rows.filter { $0.second < secondsFrom })
            + rows.filter { $0.second >= secondsFrom }
    }

    /// The points of what was read, with the chunks it lies in.
    package func points(of readings: [SeriesReading], on shelf: some ChunkShelf) throws -> [MetricPoint] {
        var rows: [Chunk.Row] = []
        for reading in readings {
            rows += try chunkRows(.minutes, reading, from: max(from, keptFrom), to: min(to, secondsFrom), shelf)
            rows += try chunkRows(.seconds, reading, from: max(from, secondsFrom), to: to, shelf)
            rows += reading.newest
        }
        if readings.count > 1 { rows = Chunk.joined(rows) }
        return points(of: rows)
    }

    /// Whether some of it may be in chunks.
    package func needsChunks(_ readings: [SeriesReading]) -> Bool {
        readings.contains { reading in
            let oldest = reading.oldest.values.min() ?? .max
            return max(from, oldest) < min(to, reading.sealed)
        }
    }

    /// The points of what memory holds alone.
    package func newestPoints(of readings: [SeriesReading]) -> [MetricPoint] {
        let rows = readings.flatMap(\.newest)
        return points(of: readings.count > 1 ? Chunk.joined(rows) : rows)
    }

    private func chunkRows(
        _ tier: MetricTier, _ reading: SeriesReading, from: Int, to: Int, _ shelf: some ChunkShelf
    ) throws -> [Chunk.Row] {
        let end = min(to, reading.sealed)
        guard let oldest = reading.oldest[tier], max(from, oldest) < end else { return [] }
        let first = max(from, oldest).floored(to: tier.window)
        return try shelf.chunks(of: reading.number, tier, from: first, to: end)
            .flatMap { Chunk($0.bytes, from: $0.start)?.rows ?? [] }
            .filter { from <= $0.second && $0.second < end }
    }

    private func points(of rows: [Chunk.Row]) -> [MetricPoint] {
        var points: [MetricPoint] = []
        var last = Int.min
        for row in rows {
            // Minutes that stand for seconds keep their own beginning.
            let isMinute = period < 60 && row.second < secondsFrom
            let start = isMinute ? row.second : row.second.floored(to: period)
            if start == last, let index = points.indices.last {
                points[index].statistics.merge(row.set)
            } else {
                last = start
                points.append(
                    MetricPoint(time: Timestamp(milliseconds: Int64(start) * 1000), statistics: row.set))
            }
        }
        return points
    }
}

extension Timestamp {
    /// Seconds since 1970, rounded up.
    var wholeSecondsUp: Int { Int(milliseconds / 1000) + (milliseconds % 1000 > 0 ? 1 : 0) }
}
