/// One attribute: a setting that has a name of its own.
public struct AttributeRule: Sendable {
    /// What a value must be like.
    enum Form: Sendable {
        case boolean
        case oneOf([String])
        case integer(ClosedRange<Int>, or: [String] = [])
        case text(ClosedRange<Int>)
    }

    public var key: String
    /// Of whoever never set it.
    public var standard: String
    var form: Form
    /// Values that are right on AWS and cannot be had here; empty when all can.
    var refused: (@Sendable (String) -> Bool)?
    var refusal = ""

    init(_ key: String, _ standard: String, _ form: Form) {
        self.key = key
        self.standard = standard
        self.form = form
    }

    /// Only the standard value can be had.
    func onlyStandard(_ why: String) -> AttributeRule {
        var rule = self
        let standard = standard
        rule.refused = { $0 != standard }
        rule.refusal = why
        return rule
    }

    /// - Throws: `validation` for a value of another form; `unsupported` for one that cannot be had.
    public func check(_ value: String) throws(BalancingFault) {
        guard isOfForm(value) else {
            throw BalancingFault(
                .validation, "'\(value.prefix(200))' is not a valid value for attribute '\(key)'\(hint)")
        }
        if refused?(value) == true {
            throw BalancingFault(.unsupported, "The attribute '\(key)' cannot be '\(value)': \(refusal).")
        }
    }

    private func isOfForm(_ value: String) -> Bool {
        switch form {
        case .boolean: return value == "true" || value == "false"
        case .oneOf(let values): return values.contains(value)
        case .integer(let range, let others):
            return others.contains(value) || WholeNumber.read(value).map(range.contains) ?? false
        case .text(let length):
            return length.contains(value.count) && value.unicodeScalars.allSatisfy { $0.value >= 32 && $0.value != 127 }
        }
    }

    private var hint: String {
        switch form {
        case .boolean: ". It must be 'true' or 'false'."
        case .oneOf(let values): ". It must be one of: \(values.joined(separator: ", "))."
        case .integer(let range, let others):
            ". It must be between \(range.lowerBound) and \(range.upperBound)"
                + (others.isEmpty ? "." : ", or \(others.joined(separator: ", ")).")
        case .text(let length): ". It must have \(length.lowerBound) to \(length.upperBound) printable characters."
        }
    }
}

enum WholeNumber {
    /// Digits only, without a sign or leading zeros; nil for what is no such number or does not fit.
    static func read(_ text: String) -> Int? {
        guard !text.isEmpty, text.utf8.count <= 10, text.utf8.allSatisfy(ASCII.isDigit) else { return nil }
        guard text.utf8.count == 1 || text.utf8.first != UInt8(ascii: "0") else { return nil }
        return Int(text)
    }
}

extension [AttributeRule] {
    /// All attributes with their values, in the order of the table.
    public func values(_ set: [String: String]) -> [(key: String, value: String)] {
        map { ($0.key, set[$0.key] ?? $0.standard) }
    }

    /// What is set once the pairs are, which are checked together: all of them are taken, or none.
    ///
    /// - Throws: `validation` for an unknown or doubled key or a wrong value, `unsupported` for what cannot be had.
    func setting(
        _ pairs: [(key: String, value: String)], in set: [String: String], of what: String
    ) throws(BalancingFault) -> [String: String] {
        var new = set
        var seen: Set<String> = []
        for (key, value) in pairs {
            guard let rule = first(where: { $0.key == key }) else {
                throw BalancingFault(.validation, "\(what) attribute key '\(key.prefix(256))' is not recognized")
            }
            guard seen.insert(key).inserted else {
                throw BalancingFault(.validation, "\(what) attribute key '\(key)' is specified more than once")
            }
            try rule.check(value)
            new[key] = value
        }
        return new
    }
}
