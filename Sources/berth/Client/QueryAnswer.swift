/// An answer of the Query protocol, of which single values are read.
struct QueryAnswer: Sendable {
    var text: String

    /// What the first element of that name holds; nil when there is none with plain text in it.
    subscript(_ element: String) -> String? {
        guard let start = text.firstRange(of: "<\(element)>") else { return nil }
        let rest = text[start.upperBound...]
        guard let end = rest.firstIndex(of: "<"), rest[end...].hasPrefix("</\(element)>") else { return nil }
        return Self.entities.reduce(String(rest[..<end])) { $0.replacing($1.name, with: $1.character) }
    }

    /// The ampersand comes last: what it makes is no entity.
    private static let entities = [
        (name: "&lt;", character: "<"), (name: "&gt;", character: ">"), (name: "&quot;", character: "\""),
        (name: "&apos;", character: "'"), (name: "&amp;", character: "&"),
    ]
}
