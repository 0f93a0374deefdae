public import JSONBytes

/// Where in an event a value is: `$.detail.instances[0].id`, `$['detail']['a b']`, `$.resources[*]`.
///
/// The part of JSONPath that EventBridge takes: names, positions, and `*` for all of them.
public struct JSONPath: Hashable, Sendable {
    private enum Step: Hashable, Sendable {
        case name(String)
        case index(Int)
        case all
    }

    private var steps: [Step] = []

    /// nil for what is no such path.
    public init?(_ text: String) {
        guard text.hasPrefix("$") else { return nil }
        var rest = text.dropFirst()
        while let mark = rest.first {
            rest = rest.dropFirst()
            switch mark {
            case ".":
                let name = rest.prefix { $0 != "." && $0 != "[" }
                guard !name.isEmpty, !name.contains("]"), !name.contains(where: \.isWhitespace) else { return nil }
                steps.append(name == "*" ? .all : .name(String(name)))
                rest = rest.dropFirst(name.count)
            case "[":
                guard let end = Self.end(of: rest), let step = Self.bracketed(rest[..<end]) else { return nil }
                steps.append(step)
                rest = rest[rest.index(after: end)...]
            default: return nil
            }
        }
    }

    /// Where the bracket closes: one inside quotes does not.
    private static func end(of text: Substring) -> Substring.Index? {
        guard let quote = text.first, quote == "'" || quote == "\"" else { return text.firstIndex(of: "]") }
        guard let close = text.dropFirst().firstIndex(of: quote) else { return nil }
        let end = text.index(after: close)
        return end < text.endIndex && text[end] == "]" ? end : nil
    }

    private static func bracketed(_ text: Substring) -> Step? {
        if text == "*" { return .all }
        if let quote = text.first, quote == "'" || quote == "\"" {
            let name = text.dropFirst().dropLast()
            return name.isEmpty ? nil : .name(String(name))
        }
        guard (1...6).contains(text.utf8.count), text.utf8.allSatisfy({ (48...57).contains($0) }) else { return nil }
        return Int(text).map { .index($0) }
    }

    /// What is there; nil when nothing is. Behind a `*` it is the list of what was found.
    public func value(in event: JSONValue) -> JSONValue? { Self.value(in: event, steps[...]) }

    private static func value(in value: JSONValue, _ steps: ArraySlice<Step>) -> JSONValue? {
        guard let step = steps.first else { return value }
        let rest = steps.dropFirst()
        switch step {
        case .name(let name): return value[name].flatMap { Self.value(in: $0, rest) }
        case .index(let index): return value[index].flatMap { Self.value(in: $0, rest) }
        case .all:
            let members = value.array ?? value.object?.sorted { $0.key < $1.key }.map(\.value)
            return members.map { .array($0.compactMap { Self.value(in: $0, rest) }) }
        }
    }
}
