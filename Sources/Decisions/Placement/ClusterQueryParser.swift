/// Reads an expression by recursive descent; what a word may hold depends on where it stands.
struct ClusterQueryParser {
    private let text: [Character]
    private var position = 0
    private var depth = 0

    init(_ text: String) { self.text = Array(text) }

    mutating func parse() throws(ClusterQueryError) -> ClusterQuery.Node {
        let node = try disjunction()
        skipSpace()
        guard position == text.count else { throw error("Unexpected text after the expression.") }
        return node
    }

    private mutating func disjunction() throws(ClusterQueryError) -> ClusterQuery.Node {
        var node = try conjunction()
        while consume(symbol: "||") || consume(keyword: "or") { node = .or(node, try conjunction()) }
        return node
    }

    private mutating func conjunction() throws(ClusterQueryError) -> ClusterQuery.Node {
        var node = try unary()
        while consume(symbol: "&&") || consume(keyword: "and") { node = .and(node, try unary()) }
        return node
    }

    private mutating func unary() throws(ClusterQueryError) -> ClusterQuery.Node {
        depth += 1
        defer { depth -= 1 }
        // Deeper nesting than anyone writes, far below what the stack holds.
        guard depth <= 64 else { throw error("The expression is nested too deeply.") }
        if consume(symbol: "!") || consume(keyword: "not") { return .not(try unary()) }
        if consume(symbol: "(") {
            let node = try disjunction()
            guard consume(symbol: ")") else { throw error("A closing parenthesis is missing.") }
            return node
        }
        return .compare(try comparison())
    }

    private mutating func comparison() throws(ClusterQueryError) -> ClusterQuery.Comparison {
        let subject = try subject()
        let comparator = try comparator()
        let start = position
        let arguments = try arguments(of: comparator)
        if let problem = Self.problem(subject, comparator, arguments) {
            throw ClusterQueryError(message: problem, position: start)
        }
        return ClusterQuery.Comparison(subject: subject, comparator: comparator, arguments: arguments)
    }

    private mutating func subject() throws(ClusterQueryError) -> ClusterQuery.Subject {
        skipSpace()
        let start = position
        let word = word { !$0.isWhitespace && !"=!<>()[],".contains($0) }
        switch word {
        case "agentConnected": return .agentConnected
        case "agentVersion": return .agentVersion
        case "ec2InstanceId": return .ec2InstanceID
        case "registeredAt": return .registeredAt
        case "runningTasksCount": return .runningTasksCount
        case "task:group": return .taskGroup
        default:
            guard word.hasPrefix("attribute:"), word.count > 10 else {
                throw ClusterQueryError(
                    message: word.isEmpty ? "A subject is missing." : "Unknown subject '\(word)'.", position: start)
            }
            return .attribute(String(word.dropFirst(10)))
        }
    }

    private static let symbols: [(String, ClusterQuery.Comparator)] = [
        ("==", .equals), ("!=", .notEquals), (">=", .greaterOrEqual), ("<=", .lessOrEqual), ("=~", .matches),
        ("!~", .notMatches), (">", .greater), ("<", .less), ("!exists", .notExists), ("!in", .notIn),
    ]

    private static let words: [String: ClusterQuery.Comparator] = [
        "equals": .equals, "not_equals": .notEquals, "greater_than": .greater,
        "greater_than_equal": .greaterOrEqual, "less_than": .less, "less_than_equal": .lessOrEqual,
        "exists": .exists, "not_exists": .notExists, "in": .isIn, "not_in": .notIn, "matches": .matches,
        "not_matches": .notMatches,
    ]

    private mutating func comparator() throws(ClusterQueryError) -> ClusterQuery.Comparator {
        for (symbol, comparator) in Self.symbols where consume(symbol: symbol) { return comparator }
        skipSpace()
        let start = position
        let word = word { $0.isLetter || $0 == "_" }
        guard let comparator = Self.words[word] else {
            throw ClusterQueryError(
                message: word.isEmpty ? "An operator is missing." : "Unknown operator '\(word)'.", position: start)
        }
        return comparator
    }

    private mutating func arguments(of comparator: ClusterQuery.Comparator) throws(ClusterQueryError) -> [String] {
        switch comparator {
        case .exists, .notExists: return []
        case .isIn, .notIn:
            guard consume(symbol: "[") else { throw error("A list in brackets is missing.") }
            var literals = [try literal { !$0.isWhitespace && !",]()".contains($0) }]
            while consume(symbol: ",") { literals.append(try literal { !$0.isWhitespace && !",]()".contains($0) }) }
            guard consume(symbol: "]") else { throw error("A closing bracket is missing.") }
            return literals
        default: return [try literal { !$0.isWhitespace && !"()".contains($0) }]
        }
    }

    private mutating func literal(_ bare: (Character) -> Bool) throws(ClusterQueryError) -> String {
        skipSpace()
        if let quote = peek, quote == "'" || quote == "\"" {
            position += 1
            let content = word { $0 != quote }
            guard peek == quote else { throw error("A closing quote is missing.") }
            position += 1
            return content
        }
        let content = word(bare)
        guard !content.isEmpty else { throw error("A value is missing.") }
        return content
    }

    private static func problem(
        _ subject: ClusterQuery.Subject, _ comparator: ClusterQuery.Comparator, _ arguments: [String]
    ) -> String? {
        if comparator == .matches || comparator == .notMatches {
            for pattern in arguments {
                do throws(QueryPatternError) {
                    _ = try QueryPattern(pattern)
                } catch {
                    return "The regular expression '\(pattern.prefix(200))' \(error.message)."
                }
            }
            return nil
        }
        for argument in arguments {
            switch subject {
            case .runningTasksCount where Int(argument) == nil: return "'\(argument)' is not a whole number."
            case .agentConnected where argument != "true" && argument != "false":
                return "'\(argument)' is not true or false."
            case .registeredAt where milliseconds(ofDate: argument) == nil: return "'\(argument)' is not a date."
            default: continue
            }
        }
        return nil
    }

    private var peek: Character? { position < text.count ? text[position] : nil }

    private mutating func skipSpace() { while let next = peek, next.isWhitespace { position += 1 } }

    private mutating func word(_ admits: (Character) -> Bool) -> String {
        let start = position
        while let next = peek, admits(next) { position += 1 }
        return String(text[start..<position])
    }

    private mutating func consume(symbol: String) -> Bool {
        skipSpace()
        guard text[position...].starts(with: symbol) else { return false }
        position += symbol.count
        return true
    }

    /// A word stands alone: what follows is space, a parenthesis, a negation or the end.
    private mutating func consume(keyword: String) -> Bool {
        skipSpace()
        guard text[position...].starts(with: keyword) else { return false }
        let after = position + keyword.count
        guard after == text.count || text[after].isWhitespace || "(!".contains(text[after]) else { return false }
        position = after
        return true
    }

    private func error(_ message: String) -> ClusterQueryError {
        ClusterQueryError(message: message, position: position)
    }
}
