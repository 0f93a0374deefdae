/// A regular expression as it is written.
indirect enum QueryPatternNode: Sendable {
    case one(ScalarClass)
    case atStart, atEnd
    case sequence([QueryPatternNode])
    case choice(QueryPatternNode, QueryPatternNode)
    /// `most` nil is without end.
    case repeated(QueryPatternNode, least: Int, most: Int?)
}

/// Reads a regular expression by recursive descent and refuses what `QueryPattern` does not follow.
struct QueryPatternParser {
    private let text: [Unicode.Scalar]
    private var position = 0
    private var depth = 0

    init(_ text: String) { self.text = Array(text.unicodeScalars) }

    mutating func parse() throws(QueryPatternError) -> QueryPatternNode {
        let node = try choice()
        guard peek == nil else { throw QueryPatternError(message: "has a parenthesis too many") }
        return node
    }

    private mutating func choice() throws(QueryPatternError) -> QueryPatternNode {
        depth += 1
        defer { depth -= 1 }
        // Deeper nesting than anyone writes, far below what the stack holds.
        guard depth <= 20 else { throw QueryPatternError(message: "is nested too deeply") }
        var alternatives = [try sequence()]
        while take("|") { alternatives.append(try sequence()) }
        var node = alternatives.removeLast()
        while let before = alternatives.popLast() { node = .choice(before, node) }
        return node
    }

    private mutating func sequence() throws(QueryPatternError) -> QueryPatternNode {
        var nodes: [QueryPatternNode] = []
        while let next = peek, next != "|", next != ")" { nodes.append(try quantified()) }
        return .sequence(nodes)
    }

    private mutating func quantified() throws(QueryPatternError) -> QueryPatternNode {
        let node = try atom()
        let times: (least: Int, most: Int?)
        switch peek {
        case "*": times = (0, nil)
        case "+": times = (1, nil)
        case "?": times = (0, 1)
        case "{":
            position += 1
            times = try bounds()
        default: return node
        }
        position += 1
        // A lazy quantifier admits the same whole texts.
        _ = take("?")
        if let next = peek, "*+?{".unicodeScalars.contains(next) {
            throw QueryPatternError(message: "has a quantifier after a quantifier")
        }
        return .repeated(node, least: times.least, most: times.most)
    }

    /// Reads `m`, `m,` or `m,n` up to the closing brace.
    private mutating func bounds() throws(QueryPatternError) -> (Int, Int?) {
        guard let least = number() else { throw QueryPatternError(message: "has a brace without a number") }
        var most: Int? = least
        if take(",") { most = number() }
        guard peek == "}", least <= most ?? least else {
            throw QueryPatternError(message: "has a quantifier that cannot be read")
        }
        return (least, most)
    }

    private mutating func number() -> Int? {
        var digits = ""
        while let next = peek, ("0"..."9").contains(next), digits.count < 4 {
            digits.unicodeScalars.append(next)
            position += 1
        }
        return Int(digits)
    }

    private mutating func atom() throws(QueryPatternError) -> QueryPatternNode {
        guard let next = peek else { throw QueryPatternError(message: "ends too early") }
        position += 1
        switch next {
        case ".": return .one(.any)
        case "^": return .atStart
        case "$": return .atEnd
        case "[": return .one(try scalarClass())
        case "\\": return .one(try escape())
        case "(":
            if take("?"), !take(":") { throw QueryPatternError(message: "has a kind of group that is not supported") }
            let node = try choice()
            guard take(")") else { throw QueryPatternError(message: "has an open parenthesis") }
            return node
        case "*", "+", "?", "{": throw QueryPatternError(message: "has a quantifier after nothing")
        default: return .one(ScalarClass(next))
        }
    }

    private mutating func escape() throws(QueryPatternError) -> ScalarClass {
        guard let next = peek else { throw QueryPatternError(message: "ends with a backslash") }
        position += 1
        if let named = ScalarClass(escape: next) { return named }
        switch next {
        case "t": return ScalarClass("\t")
        case "n": return ScalarClass("\n")
        case "r": return ScalarClass("\r")
        case "a"..."z", "A"..."Z", "0"..."9":
            throw QueryPatternError(message: "has the escape \\\(next), which is not supported")
        default: return ScalarClass(next)
        }
    }

    /// Reads a class after its opening bracket.
    private mutating func scalarClass() throws(QueryPatternError) -> ScalarClass {
        var result = ScalarClass([])
        let isNegated = take("^")
        var isEmpty = true
        while let next = peek, next != "]" {
            isEmpty = false
            position += 1
            if next == "[" || (next == "&" && peek == "&") {
                throw QueryPatternError(message: "has a class in a class, which is not supported")
            }
            if next == "\\" {
                result.insert(try escape())
            } else if peek == "-", let last = ahead(1), last != "]" {
                guard last.value >= next.value, last != "[", last != "\\" else {
                    throw QueryPatternError(message: "has a range that cannot be read")
                }
                position += 2
                result.insert(next.value...last.value)
            } else {
                result.insert(next.value...next.value)
            }
        }
        guard take("]"), !isEmpty else { throw QueryPatternError(message: "has a class that is empty or open") }
        result.isNegated = isNegated
        return result
    }

    private var peek: Unicode.Scalar? { ahead(0) }

    private func ahead(_ count: Int) -> Unicode.Scalar? {
        position + count < text.count ? text[position + count] : nil
    }

    private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard peek == scalar else { return false }
        position += 1
        return true
    }
}
