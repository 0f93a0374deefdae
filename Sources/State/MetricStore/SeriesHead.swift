import Domain

/// The newest values of one series: those that no chunk holds yet. Few bytes each, for there are many series.
struct SeriesHead {
    /// Rows but the newest, each as the step from the one before and its sample.
    private var bytes: [UInt8] = []
    /// The time of the last row in `bytes`.
    private var written = 0
    private(set) var newest: Chunk.Row?

    var isEmpty: Bool { newest == nil }

    mutating func add(_ row: Chunk.Row) {
        guard let last = newest else {
            newest = row
            return
        }
        if row.second > last.second {
            append(last)
            newest = row
        } else if row.second == last.second {
            newest?.set.merge(row.set)
        } else {
            self = SeriesHead(Chunk.joined(rows + [row]))
        }
    }

    /// In order of time.
    var rows: [Chunk.Row] {
        guard let newest else { return [] }
        var reader = ByteReader(bytes)
        var second = 0
        var rows: [Chunk.Row] = []
        while !reader.isAtEnd, let step = reader.number(), let set = reader.statistics() {
            second &+= Int(truncatingIfNeeded: step)
            rows.append(Chunk.Row(second: second, set: set))
        }
        return rows + [newest]
    }

    /// Drops what lies before `second`.
    mutating func removeRows(before second: Int) { self = SeriesHead(rows.filter { $0.second >= second }) }

    init(_ rows: [Chunk.Row] = []) {
        for row in rows { add(row) }
    }

    private mutating func append(_ row: Chunk.Row) {
        var writer = ByteWriter(bytes: [])
        swap(&writer.bytes, &bytes)
        writer.put(UInt64(row.second - written))
        writer.put(row.set)
        swap(&writer.bytes, &bytes)
        written = row.second
    }
}
