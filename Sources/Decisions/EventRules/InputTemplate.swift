public import JSONBytes

/// Text with placeholders such as `<instance>`, which are filled with what was found in an event.
///
/// Outside quotes of a JSON text a value stands as JSON, inside of them as text; in text that is no JSON always as text.
/// What an event does not have is `null` outside quotes and nothing elsewhere.
/// - Source: Amazon EventBridge User Guide, "Amazon EventBridge input transformation"
public struct InputTemplate: Hashable, Sendable {
    private enum Part: Hashable, Sendable {
        case text(String)
        case value(String)
        case quoted(String)
    }

    private var parts: [Part] = []
    private var isJSON: Bool

    public init(_ text: String) {
        let start = text.first { !$0.isWhitespace }
        isJSON = start == "{" || start == "[" || start == "\""
        var isQuoted = false
        var isEscaped = false
        var literal = ""
        var rest = text[...]
        while let character = rest.first {
            if character == "<", let end = rest.firstIndex(of: ">"),
                let name = Self.name(rest[rest.index(after: rest.startIndex)..<end])
            {
                if !literal.isEmpty { parts.append(.text(literal)) }
                literal = ""
                parts.append(isQuoted || !isJSON ? .quoted(name) : .value(name))
                rest = rest[rest.index(after: end)...]
                continue
            }
            if character == "\"", !isEscaped { isQuoted.toggle() }
            isEscaped = character == "\\" && !isEscaped
            literal.append(character)
            rest = rest.dropFirst()
        }
        if !literal.isEmpty { parts.append(.text(literal)) }
    }

    private static func name(_ text: Substring) -> String? {
        let isName =
            !text.isEmpty
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
                    true
                default: false
                }
            }
        return isName ? String(text) : nil
    }

    /// The names of all placeholders.
    public var names: Set<String> {
        Set(
            parts.compactMap { part in
                switch part {
                case .text: nil
                case .value(let name), .quoted(let name): name
                }
            })
    }

    public func filled(_ value: (String) -> JSONValue?) -> String {
        parts.map { part in
            switch part {
            case .text(let text): text
            case .value(let name): Self.json(value(name) ?? .null)
            case .quoted(let name): value(name).map { isJSON ? Self.escaped(Self.text($0)) : Self.text($0) } ?? ""
            }
        }.joined()
    }

    private static func json(_ value: JSONValue) -> String { String(decoding: value.jsonBytes(), as: UTF8.self) }

    private static func text(_ value: JSONValue) -> String { value.string ?? json(value) }

    /// As it stands inside the quotes of a JSON string.
    private static func escaped(_ text: String) -> String {
        String(json(.string(text)).dropFirst().dropLast())
    }
}
