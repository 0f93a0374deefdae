import Domain

/// What one series has in one window: its values by second (or minute) in order of time, written column by column.
///
/// A chunk's bytes: version, number of rows, times (first, then pairs of a step and how often it follows), flags, then
/// the columns. What is constant takes a few bytes, whatever the rows; decimals take the difference to the one before.
struct Chunk: Equatable {
    struct Row: Equatable {
        /// Seconds since 1970.
        var second: Int
        var set: StatisticSet
    }

    private static let version: UInt8 = 1
    /// No window has more; so what few damaged bytes claim takes little memory.
    private static let mostRows: UInt64 = 8192
    private static let singles: UInt8 = 1
    private static let distributions: UInt8 = 2

    /// In order of time, each once.
    private(set) var rows: [Row]

    init(_ rows: [Row] = []) { self.rows = rows }

    /// Takes rows in, in any order; those of one time become one.
    mutating func merge(_ added: [Row]) {
        guard let first = added.first else { return }
        let isAfter = rows.last.map { $0.second < first.second } ?? true
        let isOrdered = zip(added, added.dropFirst()).allSatisfy { $0.second < $1.second }
        if isAfter && isOrdered {
            rows += added
        } else {
            rows = Self.joined(rows + added)
        }
    }

    /// Rows in order of time, those of one time joined.
    static func joined(_ rows: [Row]) -> [Row] {
        var result: [Row] = []
        // Equal times keep the order they came in, so that sums are the same in every store.
        for (_, row) in rows.enumerated().sorted(by: { ($0.element.second, $0.offset) < ($1.element.second, $1.offset) }
        ) {
            if let last = result.indices.last, result[last].second == row.second {
                result[last].set.merge(row.set)
            } else {
                result.append(row)
            }
        }
        return result
    }

    // MARK: Bytes

    /// - Parameter start: where the window begins, which the bytes do not say.
    func encoded(from start: Int) -> [UInt8] {
        var writer = ByteWriter()
        writer.bytes.append(Self.version)
        writer.put(UInt64(rows.count))
        writeTimes(from: start, to: &writer)
        let isSingles = rows.allSatisfy(\.set.isSingle)
        let hasDistributions = rows.contains { $0.set.distribution?.isEmpty == false }
        writer.bytes.append((isSingles ? Self.singles : 0) | (hasDistributions ? Self.distributions : 0))
        writer.put(column: rows.map(\.set.sum))
        if !isSingles {
            writer.put(column: rows.map(\.set.count))
            writer.put(column: rows.map(\.set.minimum))
            writer.put(column: rows.map(\.set.maximum))
        }
        if hasDistributions {
            for row in rows { writer.put(row.set.distribution ?? ValueDistribution()) }
        }
        return writer.bytes
    }

    /// - Returns: nil when the bytes are not those of a chunk.
    init?(_ bytes: [UInt8], from start: Int) {
        var reader = ByteReader(bytes)
        guard reader.byte() == Self.version, let claimed = reader.number(), claimed <= Self.mostRows,
            let times = Self.readTimes(&reader, count: Int(claimed), from: start), let flags = reader.byte(),
            let sums = reader.column(times.count)
        else { return nil }
        var sets = sums.map { StatisticSet($0) }
        if flags & Self.singles == 0 {
            guard let counts = reader.column(times.count), let minima = reader.column(times.count),
                let maxima = reader.column(times.count)
            else { return nil }
            for index in sets.indices {
                sets[index].count = counts[index]
                sets[index].minimum = minima[index]
                sets[index].maximum = maxima[index]
            }
        }
        if flags & Self.distributions != 0 {
            for index in sets.indices {
                guard let distribution = reader.distribution() else { return nil }
                if !distribution.isEmpty { sets[index].distribution = distribution }
            }
        }
        rows = zip(times, sets).compactMap { $1.isSound ? Row(second: $0, set: $1) : nil }
    }

    private func writeTimes(from start: Int, to writer: inout ByteWriter) {
        var previous = start
        var index = 0
        while index < rows.count {
            let step = rows[index].second - previous
            var run = 0
            while index < rows.count, rows[index].second - previous == step {
                previous = rows[index].second
                run += 1
                index += 1
            }
            writer.put(signed: Int64(step))
            writer.put(UInt64(run))
        }
    }

    private static func readTimes(_ reader: inout ByteReader, count: Int, from start: Int) -> [Int]? {
        var times: [Int] = []
        times.reserveCapacity(count)
        var previous = start
        while times.count < count {
            guard let step = reader.signed(), step.magnitude < 1 << 32, let run = reader.number(), run > 0,
                run <= UInt64(count - times.count)
            else { return nil }
            for _ in 0..<run {
                previous &+= Int(step)
                times.append(previous)
            }
        }
        return times
    }
}
