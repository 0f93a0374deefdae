public import JSONBytes

/// What a rule asks of events: EventBridge's pattern language over JSON.
///
/// Of every member that the pattern names one of the listed values must match; what it does not name may be anything. Of
/// an array in the event one element must match; of an array of objects one must match all that is asked of it.
/// - Source: Amazon EventBridge User Guide, "Creating Amazon EventBridge event patterns"
public struct EventPattern: Hashable, Sendable {
    let root: PatternNode

    /// - Throws: `EventPatternError` with EventBridge's reason.
    public init(_ text: String) throws(EventPatternError) { root = try EventPatternParser.parse(text) }

    public func matches(_ event: JSONValue) -> Bool {
        guard case .object = event else { return false }
        return root.matches(event)
    }

    /// Whether events of that source and type may match at all, without the event itself.
    public func mayMatch(source: String, detailType: String) -> Bool {
        guard case .object(let members, _) = root else { return false }
        return (members["source"]?.matches(.string(source)) ?? true)
            && (members["detail-type"]?.matches(.string(detailType)) ?? true)
    }
}

/// Why a text is no event pattern.
public struct EventPatternError: Error, Hashable, Sendable {
    /// In EventBridge's words, where it has some.
    public var reason: String

    public init(_ reason: String) { self.reason = reason }
}

/// A pattern, or a part of it.
indirect enum PatternNode: Hashable, Sendable {
    /// What is asked of members, and of each `$or` one of its alternatives.
    case object([String: PatternNode], alternatives: [[PatternNode]])
    /// One of them must match.
    case values([ValueMatcher])

    /// - Parameter value: nil where the event has nothing of that name.
    func matches(_ value: JSONValue?) -> Bool {
        switch self {
        case .values(let matchers):
            let leaves = value?.leaves ?? []
            // Only leaves exist to a pattern: an object, or an empty array, is none.
            if leaves.isEmpty { return matchers.contains(.exists(false)) }
            return matchers.contains { matcher in leaves.contains { matcher.matches($0) } }
        case .object(let members, let alternatives):
            if let elements = value?.array, !elements.isEmpty { return elements.contains { matches($0) } }
            return members.allSatisfy { name, node in node.matches(value?[name]) }
                && alternatives.allSatisfy { nodes in nodes.contains { $0.matches(value) } }
        }
    }
}

extension JSONValue {
    /// The value itself when it is a scalar, those in an array when it is one.
    fileprivate var leaves: [JSONValue] {
        switch self {
        case .object: []
        case .array(let elements): elements.flatMap(\.leaves)
        default: [self]
        }
    }
}
