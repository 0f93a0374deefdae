/// An aligned table with a title, for people.
struct TextTable {
    private let title: String
    private let heads: [String]
    private let rows: [[String]]

    init(_ title: String, _ heads: [String], _ rows: [[String]]) {
        self.title = title
        self.heads = heads
        self.rows = rows
    }

    var lines: [String] {
        guard !rows.isEmpty else { return ["\(title): none"] }
        let all = [heads] + rows
        let widths = heads.indices.map { column in
            all.map { $0.indices.contains(column) ? $0[column].count : 0 }.max() ?? 0
        }
        return ["\(title):"]
            + all.map { row in
                "  "
                    + zip(row, widths).map { text, width in
                        text + String(repeating: " ", count: max(0, width - text.count))
                    }.joined(separator: "  ")
            }
    }
}
