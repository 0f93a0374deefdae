import JSONBytes

/// What a pattern asks of one scalar value.
indirect enum ValueMatcher: Hashable, Sendable {
    case equals(JSONValue)
    case equalsIgnoringCase(String)
    case prefix(String, ignoringCase: Bool)
    case suffix(String, ignoringCase: Bool)
    case wildcard(Wildcard)
    case numeric(NumericRange)
    case cidr(AddressRange)
    case exists(Bool)
    case anythingBut([ValueMatcher])

    /// - Parameter value: a scalar.
    func matches(_ value: JSONValue) -> Bool {
        switch self {
        case .equals(let wanted): Self.areEqual(wanted, value)
        case .exists(let isWanted): isWanted
        case .anythingBut(let matchers): !matchers.contains { $0.matches(value) }
        case .numeric(let range): value.number.map { range.contains($0) } ?? false
        case .equalsIgnoringCase, .prefix, .suffix, .wildcard, .cidr: value.string.map { matches(text: $0) } ?? false
        }
    }

    private func matches(text: String) -> Bool {
        switch self {
        case .equalsIgnoringCase(let wanted): text.lowercased() == wanted.lowercased()
        case .prefix(let start, let ignoringCase):
            Self.fold(text, ignoringCase).utf8.starts(with: Self.fold(start, ignoringCase).utf8)
        case .suffix(let end, let ignoringCase):
            Self.fold(text, ignoringCase).utf8.reversed().starts(with: Self.fold(end, ignoringCase).utf8.reversed())
        case .wildcard(let wildcard): wildcard.matches(text)
        case .cidr(let range): range.contains(text)
        default: false
        }
    }

    private static func fold(_ text: String, _ ignoringCase: Bool) -> String {
        ignoringCase ? text.lowercased() : text
    }

    /// Numbers are equal by value, however they are written.
    private static func areEqual(_ lhs: JSONValue, _ rhs: JSONValue) -> Bool {
        if case .integer(let lhs) = lhs, case .integer(let rhs) = rhs { return lhs == rhs }
        if let lhs = lhs.number, let rhs = rhs.number { return lhs == rhs }
        return lhs == rhs
    }
}

/// Numbers between two bounds, each of which may be open, closed or absent.
struct NumericRange: Hashable, Sendable {
    struct Bound: Hashable, Sendable {
        var value: Double
        var isClosed: Bool
    }

    var lower: Bound?
    var upper: Bound?

    func contains(_ number: Double) -> Bool {
        if let lower, lower.isClosed ? number < lower.value : number <= lower.value { return false }
        if let upper, upper.isClosed ? number > upper.value : number >= upper.value { return false }
        return true
    }
}

/// Text in which `*` stands for any run of characters; `\*` and `\\` stand for themselves.
struct Wildcard: Hashable, Sendable {
    /// What must follow one after another, with anything between two of them.
    private var parts: [[UInt8]]

    init(_ text: String) throws(EventPatternError) {
        var parts: [[UInt8]] = [[]]
        var isEscaped = false
        var wasWildcard = false
        for (position, byte) in text.utf8.enumerated() {
            if isEscaped {
                guard byte == UInt8(ascii: "*") || byte == UInt8(ascii: "\\") else {
                    throw EventPatternError("Invalid escape character at pos \(position - 1)")
                }
                parts[parts.count - 1].append(byte)
                (isEscaped, wasWildcard) = (false, false)
            } else if byte == UInt8(ascii: "\\") {
                isEscaped = true
            } else if byte == UInt8(ascii: "*") {
                if wasWildcard { throw EventPatternError("Consecutive wildcard characters at pos \(position - 1)") }
                parts.append([])
                wasWildcard = true
            } else {
                parts[parts.count - 1].append(byte)
                wasWildcard = false
            }
        }
        if isEscaped { throw EventPatternError("Invalid escape character at pos \(text.utf8.count - 1)") }
        self.parts = parts
    }

    /// The first and the last part stand at the ends; what is between is found as early as it can be.
    func matches(_ text: String) -> Bool {
        guard let first = parts.first, let last = parts.last else { return false }
        var rest = ArraySlice(Array(text.utf8))
        if parts.count == 1 { return rest.elementsEqual(first) }
        guard rest.starts(with: first) else { return false }
        rest = rest.dropFirst(first.count)
        guard rest.count >= last.count, rest.suffix(last.count).elementsEqual(last) else { return false }
        rest = rest.dropLast(last.count)
        for part in parts.dropFirst().dropLast() where !part.isEmpty {
            guard let found = rest.firstRange(of: part) else { return false }
            rest = rest[found.upperBound...]
        }
        return true
    }
}
