import JSONBytes

/// Reads event patterns, with the refusals of EventBridge.
///
/// - Source: github.com/aws/event-ruler, `RuleCompiler`, for the rules and the words of the refusals
enum EventPatternParser {
    static func parse(_ text: String) throws(EventPatternError) -> PatternNode {
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONValue(jsonBytes: Array(text.utf8))
        } catch {
            throw EventPatternError("Filter is not valid JSON: \(error)")
        }
        guard let members = value.object else { throw EventPatternError("Filter is not an object") }
        return try object(members)
    }

    private static func object(_ members: [String: JSONValue]) throws(EventPatternError) -> PatternNode {
        if members.isEmpty { throw EventPatternError("Empty objects are not allowed") }
        var nodes: [String: PatternNode] = [:]
        var alternatives: [[PatternNode]] = []
        // Sorted, so that of several faults always the same one is told.
        for (name, value) in members.sorted(by: { $0.key < $1.key }) {
            if name == "$or" {
                alternatives.append(try or(value))
                continue
            }
            switch value {
            case .object(let members): nodes[name] = try object(members)
            case .array(let values): nodes[name] = .values(try matchers(values))
            default: throw EventPatternError("\"\(name)\" must be an object or an array")
            }
        }
        return .object(nodes, alternatives: alternatives)
    }

    private static func or(_ value: JSONValue) throws(EventPatternError) -> [PatternNode] {
        guard let values = value.array, values.count >= 2 else {
            throw EventPatternError("There must have at least 2 Objects in $or relationship.")
        }
        var nodes: [PatternNode] = []
        for value in values {
            guard let members = value.object else {
                throw EventPatternError("Only Object is allowed in array of $or relationship.")
            }
            nodes.append(try object(members))
        }
        return nodes
    }

    private static func matchers(_ values: [JSONValue]) throws(EventPatternError) -> [ValueMatcher] {
        if values.isEmpty { throw EventPatternError("Empty arrays are not allowed") }
        var matchers: [ValueMatcher] = []
        for value in values {
            switch value {
            case .object(let members): matchers.append(try expression(members))
            case .array: throw EventPatternError("Match value must be String, number, true, false, or null")
            default: matchers.append(.equals(value))
            }
        }
        return matchers
    }

    private static func expression(_ members: [String: JSONValue]) throws(EventPatternError) -> ValueMatcher {
        guard let (name, value) = members.first else { throw EventPatternError("Match expression name not found") }
        guard members.count == 1 else { throw EventPatternError("Only one key allowed in match expression") }
        switch name {
        case "exists":
            guard let isWanted = value.boolean else {
                throw EventPatternError("exists match pattern must be either true or false.")
            }
            return .exists(isWanted)
        case "cidr": return .cidr(try AddressRange(try text(value, of: name)))
        case "numeric": return .numeric(try NumericParser.parse(value))
        case "anything-but": return .anythingBut(try exceptions(value))
        case "exact": return .equals(.string(try text(value, of: name)))
        case "prefix", "suffix", "equals-ignore-case", "wildcard": return try textMatcher(name, value)
        default: throw EventPatternError("Unrecognized match type \(name.prefix(100))")
        }
    }

    private static func textMatcher(_ name: String, _ value: JSONValue) throws(EventPatternError) -> ValueMatcher {
        switch name {
        case "equals-ignore-case": return .equalsIgnoringCase(try text(value, of: name))
        case "wildcard": return .wildcard(try Wildcard(try text(value, of: name)))
        default:
            var (part, ignoringCase) = (value, false)
            if let members = value.object {
                guard members.count == 1, let folded = members["equals-ignore-case"] else {
                    throw EventPatternError("Unsupported \(name) match pattern")
                }
                (part, ignoringCase) = (folded, true)
            }
            let text = try text(part, of: name)
            return name == "prefix"
                ? .prefix(text, ignoringCase: ignoringCase) : .suffix(text, ignoringCase: ignoringCase)
        }
    }

    private static func text(_ value: JSONValue, of name: String) throws(EventPatternError) -> String {
        guard let text = value.string else { throw EventPatternError("\(name) match pattern must be a string") }
        return text
    }

    // MARK: anything-but

    private static func exceptions(_ value: JSONValue) throws(EventPatternError) -> [ValueMatcher] {
        switch value {
        case .string, .integer, .number: return [.equals(value)]
        case .array(let values): return try list(values)
        case .object(let members):
            guard let (name, value) = members.first, members.count == 1 else {
                throw EventPatternError("Only one key allowed in match expression")
            }
            guard ["prefix", "suffix", "equals-ignore-case", "wildcard"].contains(name) else {
                throw EventPatternError("Unsupported anything-but pattern: \(name.prefix(100))")
            }
            guard let values = value.array else { return [try textMatcher(name, value)] }
            if values.isEmpty { throw EventPatternError("Empty arrays are not allowed") }
            var matchers: [ValueMatcher] = []
            for value in values { matchers.append(try textMatcher(name, value)) }
            return matchers
        default: throw EventPatternError("Value of anything-but must be an array or single string/number value.")
        }
    }

    private static func list(_ values: [JSONValue]) throws(EventPatternError) -> [ValueMatcher] {
        if values.isEmpty { throw EventPatternError("Empty arrays are not allowed") }
        guard values.allSatisfy({ $0.string != nil }) || values.allSatisfy({ $0.number != nil }) else {
            let isScalar = values.allSatisfy { $0.string != nil || $0.number != nil }
            throw EventPatternError(
                isScalar
                    ? "Inside anything but list, either all values are number or string, mixed type is not supported"
                    : "Inside anything but list, start|null|boolean is not supported.")
        }
        return values.map { .equals($0) }
    }
}

/// Reads `["OPERATOR", NUMBER]` and `["OPERATOR", NUMBER, "OPERATOR", NUMBER]`.
private enum NumericParser {
    /// What EventBridge compares without losing digits.
    private static let limit = 5e9

    static func parse(_ value: JSONValue) throws(EventPatternError) -> NumericRange {
        guard let items = value.array else { throw EventPatternError("Value of numeric must be an array.") }
        guard let first = items.first else { throw EventPatternError("Invalid member in numeric match: ]") }
        let bound = try number(items, at: 1)
        switch first.string {
        case "=":
            try end(items, at: 2)
            let bound = NumericRange.Bound(value: bound, isClosed: true)
            return NumericRange(lower: bound, upper: bound)
        case "<", "<=":
            try end(items, at: 2)
            return NumericRange(upper: NumericRange.Bound(value: bound, isClosed: first == "<="))
        case ">", ">=":
            let lower = NumericRange.Bound(value: bound, isClosed: first == ">=")
            guard items.count > 2 else { return NumericRange(lower: lower) }
            guard items[2] == "<" || items[2] == "<=" else {
                throw EventPatternError("Bad numeric range operator: \(words(items[2]))")
            }
            let upper = try number(items, at: 3)
            try end(items, at: 4)
            guard bound < upper else { throw EventPatternError("Bottom must be less than top") }
            return NumericRange(lower: lower, upper: NumericRange.Bound(value: upper, isClosed: items[2] == "<="))
        default:
            throw EventPatternError("Unrecognized numeric range operator: \(words(first))")
        }
    }

    private static func number(_ items: [JSONValue], at index: Int) throws(EventPatternError) -> Double {
        guard items.indices.contains(index), let number = items[index].number else {
            throw EventPatternError("Value of \(items.first.map(words) ?? "numeric") must be numeric")
        }
        guard (-limit...limit).contains(number) else {
            throw EventPatternError("Value must be between -5.0E9 and 5.0E9, inclusive")
        }
        return number
    }

    private static func end(_ items: [JSONValue], at count: Int) throws(EventPatternError) {
        if items.count > count { throw EventPatternError("Too many terms in numeric range expression") }
    }

    private static func words(_ value: JSONValue) -> String {
        String(value.string ?? String(decoding: value.jsonBytes(), as: UTF8.self)).prefix(100).description
    }
}
