/// The journal holds, for each draft, the values that are in memory only. It is read back when a process begins.
extension MetricDraft {
    /// Each value as the steps from the one before of its series and its second, and its sample.
    package func journal() -> [UInt8] {
        var writer = ByteWriter()
        var previous = (series: 0, second: 0)
        for (number, row) in fresh {
            writer.put(signed: Int64(number - previous.series))
            writer.put(signed: Int64(row.second - previous.second))
            writer.put(row.set)
            previous = (number, row.second)
        }
        return writer.bytes
    }
}

extension MetricEngine {
    /// Takes in what a draft kept in the journal; in the order of the drafts.
    /// - Returns: false when the bytes end in what is no journal; what came before counts.
    package mutating func replay(_ journal: [UInt8]) -> Bool {
        var reader = ByteReader(journal)
        var number = 0
        var second = 0
        while !reader.isAtEnd {
            guard let step = reader.signed(), let later = reader.signed(), let set = reader.statistics() else {
                return false
            }
            number &+= Int(step)
            second &+= Int(later)
            guard second > 0 else { return false }
            replay(number, Chunk.Row(second: second, set: set))
        }
        return true
    }
}
