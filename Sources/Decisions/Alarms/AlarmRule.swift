public import Domain

/// The rule of a composite alarm, read.
///
/// - Source: Amazon CloudWatch API Reference, PutCompositeAlarm, AlarmRule
public struct AlarmRule: Hashable, Sendable {
    indirect enum Node: Hashable, Sendable {
        case constant(Bool)
        /// The alarm of that name is in that state.
        case state(AlarmState, String)
        case not(Node)
        case both(Node, Node)
        case either(Node, Node)
    }

    /// Why a rule cannot be read.
    public enum Fault: Error, Hashable, Sendable {
        case syntax(near: String)
        case tooManyAlarms
        /// A function of CloudWatch's that Berth has not.
        case unbuilt(String)
    }

    /// - Source: Amazon CloudWatch API Reference, PutCompositeAlarm: "up to 100 underlying alarms".
    static let mostAlarms = 100

    let root: Node
    /// The names of the alarms that it looks at, each once, in their order.
    public let alarms: [String]

    /// - Parameter text: its alarms by name or ARN.
    public init(_ text: String) throws(Fault) {
        var parser = AlarmRuleParser(text)
        root = try parser.whole()
        var seen: Set<String> = []
        alarms = Self.names(in: root).filter { seen.insert($0).inserted }
        guard alarms.count <= Self.mostAlarms else { throw .tooManyAlarms }
    }

    /// The name of an alarm that is told by its name or ARN.
    public static func name(of alarm: String) -> String {
        guard alarm.hasPrefix("arn:") else { return alarm }
        let parts = alarm.split(separator: ":", maxSplits: 6, omittingEmptySubsequences: false)
        return parts.count == 7 && parts[5] == "alarm" ? String(parts[6]) : alarm
    }

    /// - Parameter state: of an alarm by its name; of one that is not there, nil, and then it is in none.
    public func holds(_ state: (String) -> AlarmState?) -> Bool { Self.holds(root, state) }

    private static func holds(_ node: Node, _ state: (String) -> AlarmState?) -> Bool {
        switch node {
        case .constant(let value): value
        case .state(let wanted, let name): state(name) == wanted
        case .not(let node): !holds(node, state)
        case .both(let left, let right): holds(left, state) && holds(right, state)
        case .either(let left, let right): holds(left, state) || holds(right, state)
        }
    }

    private static func names(in node: Node) -> [String] {
        switch node {
        case .constant: []
        case .state(_, let name): [name]
        case .not(let node): names(in: node)
        case .both(let left, let right), .either(let left, let right): names(in: left) + names(in: right)
        }
    }
}

/// Reads the rule of a composite alarm. AND binds closer than OR, NOT closer than both.
private struct AlarmRuleParser {
    /// No rule of people nests deeper, and reading recurses.
    private static let mostDepth = 50

    private var rest: Substring
    private var depth = 0

    init(_ text: String) { rest = text[...] }

    mutating func whole() throws(AlarmRule.Fault) -> AlarmRule.Node {
        let node = try either()
        skipSpace()
        guard rest.isEmpty else { throw near }
        return node
    }

    private var near: AlarmRule.Fault { .syntax(near: String(rest.prefix(30))) }

    private mutating func either() throws(AlarmRule.Fault) -> AlarmRule.Node {
        var node = try both()
        while take(word: "OR") { node = .either(node, try both()) }
        return node
    }

    private mutating func both() throws(AlarmRule.Fault) -> AlarmRule.Node {
        var node = try single()
        while take(word: "AND") { node = .both(node, try single()) }
        return node
    }

    private mutating func single() throws(AlarmRule.Fault) -> AlarmRule.Node {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.mostDepth else { throw near }
        if take(word: "NOT") { return .not(try single()) }
        if take(word: "TRUE") { return .constant(true) }
        if take(word: "FALSE") { return .constant(false) }
        for state in [AlarmState.alarm, .ok, .insufficientData] where take(word: state.rawValue) {
            guard take("(") else { throw near }
            let name = try alarm()
            guard take(")") else { throw near }
            return .state(state, name)
        }
        if take(word: "AT_LEAST") { throw .unbuilt("AT_LEAST") }
        guard take("(") else { throw near }
        let node = try either()
        guard take(")") else { throw near }
        return node
    }

    /// A name or an ARN, in quotes where it has spaces or parentheses.
    private mutating func alarm() throws(AlarmRule.Fault) -> String {
        skipSpace()
        let text: Substring
        if let quote = rest.first, quote == "\"" || quote == "'" {
            rest.removeFirst()
            guard let end = rest.firstIndex(of: quote) else { throw near }
            text = rest[..<end]
            rest = rest[end...].dropFirst()
        } else {
            text = rest.prefix { $0 != ")" && $0 != "(" && !$0.isWhitespace }
            rest = rest.dropFirst(text.count)
        }
        guard !text.isEmpty else { throw near }
        return AlarmRule.name(of: String(text))
    }

    private mutating func skipSpace() { rest = rest.drop(while: \.isWhitespace) }

    private mutating func take(_ symbol: String) -> Bool {
        skipSpace()
        guard rest.hasPrefix(symbol) else { return false }
        rest = rest.dropFirst(symbol.count)
        return true
    }

    /// A word that no letter of a longer one follows.
    private mutating func take(word: String) -> Bool {
        skipSpace()
        guard rest.hasPrefix(word) else { return false }
        let after = rest.dropFirst(word.count)
        if let next = after.first, next.isLetter || next.isNumber || next == "_" { return false }
        rest = after
        return true
    }
}
