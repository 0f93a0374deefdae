/// Reads metric math: a descent by the ranks of operators.
struct MathParser {
    private enum Token: Equatable {
        case number(Double)
        case word(String)
        case text(String)
        case symbol(String)
    }

    /// No expression for people nests deeper, and reading recurses.
    private static let mostDepth = 40

    private let bytes: [UInt8]
    private var position = 0
    private var next: Token?
    private var depth = 0

    init(_ text: String) { bytes = Array(text.utf8) }

    mutating func whole() throws(MathError) -> MathExpression.Node {
        try advance()
        let node = try operation(from: 0)
        guard next == nil else { throw .syntax }
        return node
    }

    // MARK: Grammar

    private mutating func operation(from rank: Int) throws(MathError) -> MathExpression.Node {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.mostDepth else { throw .syntax }
        var left = try signed()
        while let found = found(), found.rank >= rank {
            try advance()
            // A power is of what stands to its right, all others of what stands to their left.
            left = .operation(found, left, try operation(from: found == .power ? found.rank : found.rank + 1))
        }
        return left
    }

    private func found() -> MathExpression.Operator? {
        switch next {
        case .symbol("&&"), .word("AND"): .and
        case .symbol("||"), .word("OR"): .or
        case .symbol(let symbol): MathExpression.Operator(rawValue: symbol)
        default: nil
        }
    }

    private mutating func signed() throws(MathError) -> MathExpression.Node {
        guard next == .symbol("-") || next == .symbol("+") else { return try single() }
        let negates = next == .symbol("-")
        try advance()
        let node = try operation(from: MathExpression.Operator.power.rank)
        return negates ? .negated(node) : node
    }

    private mutating func single() throws(MathError) -> MathExpression.Node {
        let token = next
        try advance()
        switch token {
        case .number(let value): return .number(value)
        case .text(let text): return .text(text)
        case .word(let name):
            guard next == .symbol("(") else { return .name(name) }
            try advance()
            return .call(name, try list(until: ")"))
        case .symbol("("):
            let node = try operation(from: 0)
            guard next == .symbol(")") else { throw .syntax }
            try advance()
            return node
        case .symbol("["): return .list(try list(until: "]"))
        default: throw .syntax
        }
    }

    private mutating func list(until end: String) throws(MathError) -> [MathExpression.Node] {
        var nodes: [MathExpression.Node] = []
        if next == .symbol(end) {
            try advance()
            return nodes
        }
        while true {
            nodes.append(try operation(from: 0))
            let token = next
            try advance()
            if token == .symbol(end) { return nodes }
            guard token == .symbol(",") else { throw .syntax }
        }
    }

    // MARK: Tokens

    private mutating func advance() throws(MathError) {
        while let byte = peek, byte == 0x20 || (0x09...0x0D).contains(byte) { position += 1 }
        guard let byte = peek else {
            next = nil
            return
        }
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."): next = try number()
        case UInt8(ascii: "\""), UInt8(ascii: "'"): next = try quoted(by: byte)
        case _ where Self.isWord(byte): next = .word(taken { Self.isWord($0) || Self.isDigit($0) })
        default: next = try symbol()
        }
    }

    private var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func taken(_ belongs: (UInt8) -> Bool) -> String {
        let start = position
        while let byte = peek, belongs(byte) { position += 1 }
        return String(decoding: bytes[start..<position], as: UTF8.self)
    }

    private mutating func number() throws(MathError) -> Token {
        var text = taken { Self.isDigit($0) || $0 == UInt8(ascii: ".") }
        if let byte = peek, byte | 0x20 == UInt8(ascii: "e") {
            position += 1
            text += "e"
            if let sign = peek, sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") {
                position += 1
                text += sign == UInt8(ascii: "-") ? "-" : ""
            }
            text += taken(Self.isDigit)
        }
        guard let value = Double(text), value.isFinite else { throw .syntax }
        return .number(value)
    }

    private mutating func quoted(by quote: UInt8) throws(MathError) -> Token {
        position += 1
        let text = taken { $0 != quote }
        guard peek == quote else { throw .syntax }
        position += 1
        return .text(text)
    }

    private mutating func symbol() throws(MathError) -> Token {
        for length in [2, 1] where position + length <= bytes.count {
            let symbol = String(decoding: bytes[position..<position + length], as: UTF8.self)
            guard Self.symbols.contains(symbol) else { continue }
            position += length
            return .symbol(symbol)
        }
        throw .syntax
    }

    private static let symbols: Set<String> = [
        "==", "!=", "<=", ">=", "<", ">", "&&", "||", "+", "-", "*", "/", "^", "(", ")", "[", "]", ",",
    ]

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    private static func isWord(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) || byte == UInt8(ascii: "_")
    }
}
