import EventRules
import JSONBytes

/// A condition on a message that is a JSON object, such as `{ $.code = 4* && $.latency > 50 }`.
indirect enum LogJSONCondition: Hashable, Sendable {
    enum Comparison: String, Hashable, Sendable {
        case equal = "="
        case unequal = "!="
        case less = "<"
        case greater = ">"
        case lessOrEqual = "<="
        case greaterOrEqual = ">="
    }

    enum Property: Hashable, Sendable { case isTrue, isFalse, isNull, isAbsent }

    case all([LogJSONCondition])
    case any([LogJSONCondition])
    case number(JSONPath, Comparison, Double)
    /// With `*` for anything in it.
    case text(JSONPath, isEqual: Bool, String)
    case property(JSONPath, Property)

    init(_ text: String) throws(LogFilterError) {
        var parser = LogJSONParser(text)
        self = try parser.pattern()
    }

    func matches(_ message: JSONValue) -> Bool {
        switch self {
        case .all(let conditions): return conditions.allSatisfy { $0.matches(message) }
        case .any(let conditions): return conditions.contains { $0.matches(message) }
        case .number(let path, let comparison, let wanted):
            guard let value = path.value(in: message)?.number else { return false }
            return comparison.holds(value, wanted)
        case .text(let path, let isEqual, let wanted):
            guard let value = path.value(in: message).flatMap(Self.text) else { return false }
            return LogWildcard.matches(Array(value.utf8), Array(wanted.utf8)) == isEqual
        case .property(let path, let property):
            let value = path.value(in: message)
            return switch property {
            case .isTrue: value == .boolean(true)
            case .isFalse: value == .boolean(false)
            case .isNull: value == .null
            case .isAbsent: value == nil
            }
        }
    }

    /// Numbers are compared as they are written where a text is asked for, so that `$.code = 4*` finds 404.
    private static func text(_ value: JSONValue) -> String? {
        switch value {
        case .string(let text): text
        case .integer(let number): "\(number)"
        case .number(let number): "\(number)"
        default: nil
        }
    }
}

extension LogJSONCondition.Comparison {
    fileprivate func holds(_ value: Double, _ wanted: Double) -> Bool {
        switch self {
        case .equal: value == wanted
        case .unequal: value != wanted
        case .less: value < wanted
        case .greater: value > wanted
        case .lessOrEqual: value <= wanted
        case .greaterOrEqual: value >= wanted
        }
    }
}

enum LogWildcard {
    /// Whether a text is what a pattern says, in which `*` stands for any number of any bytes.
    static func matches(_ text: [UInt8], _ pattern: [UInt8]) -> Bool {
        let star = UInt8(ascii: "*")
        var position = 0
        var place = 0
        var retry: (position: Int, place: Int)?
        while position < text.count {
            if place < pattern.count, pattern[place] == star {
                retry = (position, place + 1)
                place += 1
            } else if place < pattern.count, pattern[place] == text[position] {
                position += 1
                place += 1
            } else if let last = retry {
                retry = (last.position + 1, last.place)
                position = last.position + 1
                place = last.place
            } else {
                return false
            }
        }
        return pattern[place...].allSatisfy { $0 == star }
    }
}

/// Reads conditions on JSON.
struct LogJSONParser {
    /// Deep enough for what people write; a pattern cannot make the reader run out of stack.
    private static let depth = 32

    private var rest: Substring
    private var open = 0

    init(_ text: String) { rest = Substring(text) }

    mutating func pattern() throws(LogFilterError) -> LogJSONCondition {
        try expect("{")
        let condition = try any()
        try expect("}")
        skip()
        guard rest.isEmpty else { throw LogFilterError(.invalid, "Something stands behind the closing brace.") }
        return condition
    }

    private mutating func any() throws(LogFilterError) -> LogJSONCondition {
        var conditions = [try all()]
        while take("||") { conditions.append(try all()) }
        return conditions.count == 1 ? conditions[0] : .any(conditions)
    }

    private mutating func all() throws(LogFilterError) -> LogJSONCondition {
        var conditions = [try one()]
        while take("&&") { conditions.append(try one()) }
        return conditions.count == 1 ? conditions[0] : .all(conditions)
    }

    private mutating func one() throws(LogFilterError) -> LogJSONCondition {
        guard take("(") else { return try comparison() }
        open += 1
        guard open <= Self.depth else { throw LogFilterError(.invalid, "Parentheses are nested too deeply.") }
        let condition = try any()
        try expect(")")
        open -= 1
        return condition
    }

    private mutating func comparison() throws(LogFilterError) -> LogJSONCondition {
        let path = try selector()
        if take("IS") {
            let word = self.word()
            switch word.uppercased() {
            case "TRUE": return .property(path, .isTrue)
            case "FALSE": return .property(path, .isFalse)
            case "NULL": return .property(path, .isNull)
            default: throw LogFilterError(.invalid, "IS takes TRUE, FALSE or NULL, not '\(word.prefix(50))'.")
            }
        }
        if take("NOT") {
            guard take("EXISTS") else { throw LogFilterError(.invalid, "Behind NOT there must be EXISTS.") }
            return .property(path, .isAbsent)
        }
        for sign in ["!=", "<=", ">=", "=", "<", ">"] where take(sign) {
            guard let comparison = LogJSONCondition.Comparison(rawValue: sign) else { continue }
            return try value(path, comparison)
        }
        throw LogFilterError(.invalid, "Behind a selector there must be a comparison.")
    }

    private mutating func value(
        _ path: JSONPath, _ comparison: LogJSONCondition.Comparison
    ) throws(LogFilterError) -> LogJSONCondition {
        skip()
        let isQuoted = rest.first == "\""
        let text = isQuoted ? try LogPatternText.quoted(&rest) : word()
        guard isQuoted || !text.isEmpty else { throw LogFilterError(.invalid, "A value is missing.") }
        if !isQuoted, text.first == "%" {
            throw LogFilterError(.notBuilt, "Regular expressions, between % signs, are not built.")
        }
        if !isQuoted, let number = Double(text), number.isFinite { return .number(path, comparison, number) }
        guard comparison == .equal || comparison == .unequal else {
            throw LogFilterError(.invalid, "'\(text.prefix(50))' is no number: texts are equal or not.")
        }
        return .text(path, isEqual: comparison == .equal, text)
    }

    private mutating func selector() throws(LogFilterError) -> JSONPath {
        skip()
        var text = ""
        var isBracketed = false
        while let character = rest.first, isBracketed || !(character.isWhitespace || "=!<>&|(){}".contains(character)) {
            if character == "[" { isBracketed = true }
            if character == "]" { isBracketed = false }
            text.append(character)
            rest = rest.dropFirst()
        }
        guard text.hasPrefix("$."), !text.contains("*"), let path = JSONPath(text) else {
            throw LogFilterError(.invalid, "'\(text.prefix(100))' is no selector such as $.a.b or $.a[0].")
        }
        return path
    }

    private mutating func word() -> String {
        skip()
        let word = rest.prefix { !($0.isWhitespace || "&|(){}".contains($0)) }
        rest = rest.dropFirst(word.count)
        return String(word)
    }

    private mutating func take(_ text: String) -> Bool {
        skip()
        guard rest.hasPrefix(text) else { return false }
        rest = rest.dropFirst(text.count)
        return true
    }

    private mutating func expect(_ text: String) throws(LogFilterError) {
        guard take(text) else { throw LogFilterError(.invalid, "'\(text)' is missing.") }
    }

    private mutating func skip() { rest = rest.drop(while: \.isWhitespace) }
}
