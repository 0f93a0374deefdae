/// The names that the resolver knows by itself, and what it does with a question.
public struct KnownNames: Hashable, Sendable {
    public enum Decision: Hashable, Sendable {
        case answer([UInt8])
        /// Somebody else may know.
        case forward(DNSQuestion)
        /// It is no question.
        case drop
    }

    private var addresses: [String: [[UInt8]]] = [:]

    public init() {}

    /// Reads lines of an address and names, as `/etc/hosts` has them; what is no IPv4 address is left out.
    public init(hosts text: String) {
        for line in text.split(whereSeparator: \.isNewline) {
            let words = line.split(whereSeparator: { $0 == " " || $0 == "\t" })
            guard let address = words.first.flatMap({ Self.address($0) }) else { continue }
            for name in words.dropFirst() { addresses[name.lowercased(), default: []].append(address) }
        }
    }

    public var isEmpty: Bool { addresses.isEmpty }

    /// Names under `localhost` never leave this machine.
    ///
    /// - Source: RFC 6761, 6.3
    public func decide(_ message: some Collection<UInt8>) -> Decision {
        guard let question = DNSQuestion(message) else { return .drop }
        if let known = addresses[question.name] { return .answer(question.answer(known)) }
        if question.name == "localhost" { return .answer(question.answer([[127, 0, 0, 1]])) }
        if question.name.hasSuffix(".localhost") { return .answer(question.unknown()) }
        return .forward(question)
    }

    static func address(_ text: Substring) -> [UInt8]? {
        let bytes = text.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
        return bytes.count == 4 && !bytes.contains(nil) ? bytes.compactMap(\.self) : nil
    }
}
