/// The rows of `show stat`.
///
/// - Source: HAProxy management guide, 9.1 "CSV format"
struct StatTable {
    private var columns: [Substring: Int] = [:]
    private(set) var rows: [Row] = []

    struct Row {
        var proxy: String
        var server: String
        fileprivate var fields: [Substring]
    }

    init(_ text: String) {
        for line in text.utf8.split(separator: UInt8(ascii: "\n")).lazy.map(Substring.init) {
            if line.hasPrefix("# ") {
                for (index, name) in Self.fields(line.dropFirst(2)).enumerated() { columns[name] = index }
                continue
            }
            let fields = Self.fields(line)
            guard fields.count > 2 else { continue }
            rows.append(Row(proxy: String(fields[0]), server: String(fields[1]), fields: fields))
        }
    }

    /// Empty when there is none.
    func text(_ row: Row, _ column: Substring) -> Substring {
        guard let index = columns[column], row.fields.indices.contains(index) else { return "" }
        return row.fields[index]
    }

    func number(_ row: Row, _ column: Substring) -> Int { Int(text(row, column)) ?? 0 }

    private static func fields(_ line: Substring) -> [Substring] {
        // By bytes: a look at whole characters would cost more than all else, each second, on many servers.
        guard line.utf8.contains(UInt8(ascii: "\"")) else {
            return line.utf8.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false).map(Substring.init)
        }
        var fields: [Substring] = []
        var isQuoted = false
        var start = line.startIndex
        for index in line.indices {
            if line[index] == "\"" { isQuoted.toggle() }
            if line[index] == ",", !isQuoted {
                fields.append(line[start..<index])
                start = line.index(after: index)
            }
        }
        return fields + [line[start...]]
    }
}
