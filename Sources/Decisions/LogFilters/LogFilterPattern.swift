import JSONBytes

/// Why a filter pattern is not taken, for people.
public struct LogFilterError: Error, Hashable, Sendable {
    public enum Kind: Hashable, Sendable { case invalid, notBuilt }

    public var kind: Kind
    public var text: String

    init(_ kind: Kind = .invalid, _ text: String) {
        self.kind = kind
        self.text = text
    }
}

/// Which messages of logs a caller wants: terms, or a condition on JSON.
///
/// - Source: Amazon CloudWatch Logs User Guide, "Filter pattern syntax for metric filters, subscription filters, filter log
///   events, and Live Tail"
public struct LogFilterPattern: Hashable, Sendable {
    private enum Form: Hashable, Sendable {
        case all
        case terms(LogTerms)
        case json(LogJSONCondition)
    }

    private let form: Form

    /// - Throws: for what is no pattern, and for columns (`[a, b]`) and regular expressions (`%…%`), which are not built.
    public init(_ text: String) throws(LogFilterError) {
        let trimmed = text.trimmed
        switch trimmed.first {
        case nil: form = .all
        case "{": form = .json(try LogJSONCondition(trimmed))
        case "[": throw LogFilterError(.notBuilt, "Patterns of columns, in square brackets, are not built.")
        default: form = .terms(try LogTerms(trimmed))
        }
    }

    public func matches(_ message: String) -> Bool {
        switch form {
        case .all: true
        case .terms(let terms): terms.matches(message)
        case .json(let condition):
            message.utf8.contains(UInt8(ascii: "{"))
                && ((try? JSONValue(jsonBytes: Array(message.utf8))).map { condition.matches($0) } ?? false)
        }
    }
}

/// Terms: all of the plain ones, none of those with `-`, or with `?` any of several.
struct LogTerms: Hashable, Sendable {
    private var included: [[UInt8]] = []
    private var excluded: [[UInt8]] = []
    private var optional: [[UInt8]] = []

    init(_ text: String) throws(LogFilterError) {
        var rest = Substring(text)
        while let first = rest.first {
            if first.isWhitespace {
                rest = rest.dropFirst()
                continue
            }
            let mark: Character? = first == "-" || first == "?" ? first : nil
            if mark != nil { rest = rest.dropFirst() }
            let term = Array(try Self.term(&rest).utf8)
            switch mark {
            case "-": excluded.append(term)
            case "?": optional.append(term)
            default: included.append(term)
            }
        }
    }

    /// Takes one term, in quotes or up to the next space.
    private static func term(_ rest: inout Substring) throws(LogFilterError) -> String {
        guard rest.first == "\"" else {
            let term = rest.prefix { !$0.isWhitespace }
            guard !term.isEmpty else { throw LogFilterError(.invalid, "A term is missing behind its mark.") }
            guard !(term.count > 1 && term.first == "%" && term.last == "%") else {
                throw LogFilterError(.notBuilt, "Regular expressions, between % signs, are not built.")
            }
            rest = rest.dropFirst(term.count)
            return String(term)
        }
        return try LogPatternText.quoted(&rest)
    }

    /// Beside other terms those with `?` do not count, as on AWS.
    func matches(_ message: String) -> Bool {
        var message = message
        return message.withUTF8 { bytes in
            func has(_ term: [UInt8]) -> Bool { Self.contains(bytes, term) }
            guard included.allSatisfy(has), !excluded.contains(where: has) else { return false }
            return optional.isEmpty || !included.isEmpty || !excluded.isEmpty || optional.contains(where: has)
        }
    }

    private static func contains(_ bytes: UnsafeBufferPointer<UInt8>, _ term: [UInt8]) -> Bool {
        guard let first = term.first else { return true }
        guard bytes.count >= term.count else { return false }
        for start in 0...(bytes.count - term.count) where bytes[start] == first {
            if bytes[start..<(start + term.count)].elementsEqual(term) { return true }
        }
        return false
    }
}

enum LogPatternText {
    /// Takes what stands between quotes; a backslash takes the next character as it is.
    static func quoted(_ rest: inout Substring) throws(LogFilterError) -> String {
        rest = rest.dropFirst()
        var text = ""
        var isEscaped = false
        while let character = rest.first {
            rest = rest.dropFirst()
            if isEscaped {
                text.append(character)
                isEscaped = false
            } else if character == "\\" {
                isEscaped = true
            } else if character == "\"" {
                return text
            } else {
                text.append(character)
            }
        }
        throw LogFilterError(.invalid, "A quotation is not closed.")
    }
}

extension String {
    fileprivate var trimmed: String {
        var text = Substring(self)
        while text.first?.isWhitespace == true { text = text.dropFirst() }
        while text.last?.isWhitespace == true { text = text.dropLast() }
        return String(text)
    }
}
