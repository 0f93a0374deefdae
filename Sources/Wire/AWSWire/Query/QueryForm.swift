/// The body of a Query request: parameters whose dotted names are paths, as the tree that they make.
public struct QueryForm: Sendable {
    public static let contentType = "application/x-www-form-urlencoded"

    /// More than any request of AWS needs (a thousand targets of three members), and a tree of no more than some MB.
    static let mostParameters = 10_000
    /// Deeper than any request of AWS, and shallow enough to walk by recursion.
    static let mostSegments = 20

    let root: QueryNode

    /// - Throws: `MalformedQueryString` for bytes that are no form, for names without a path, and for more of them than
    ///   is read; `ValidationException` for characters that no answer could carry.
    public init(_ body: [UInt8]) throws(APIFault) {
        var root = QueryNode()
        let pairs = body.split(separator: UInt8(ascii: "&"), maxSplits: Self.mostParameters)
        guard pairs.count <= Self.mostParameters else {
            throw .malformedQuery("There are more than \(Self.mostParameters) parameters.")
        }
        for pair in pairs {
            let parts = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            let name = try Self.decode(parts.first ?? [])
            let text = parts.count > 1 ? try Self.decode(parts[1]) : ""
            guard text.unicodeScalars.allSatisfy(XMLWriter.carries) else {
                throw .validation("Parameter '\(name.prefix(200))' has a character that XML cannot carry.")
            }
            let path = name.parts(at: UInt8(ascii: "."), keepingEmpty: true)
            guard path.count <= Self.mostSegments, path.allSatisfy({ !$0.isEmpty }) else {
                throw .malformedQuery("'\(name.prefix(200))' is not the name of a parameter.")
            }
            guard root.insert(text, at: path[...]) else {
                throw .malformedQuery("Parameter '\(name.prefix(200))' is there twice.")
            }
        }
        self.root = root
    }

    /// The body that says these parameters, as a client sends it.
    public static func encode(_ parameters: [(name: String, value: String)]) -> [UInt8] {
        let pairs = parameters.map {
            PercentEncoding.encode($0.name.utf8) + "=" + PercentEncoding.encode($0.value.utf8)
        }
        return Array(pairs.joined(separator: "&").utf8)
    }

    /// The operation that is asked for.
    public var action: String? { root.members["Action"]?.text }
    public var version: String? { root.members["Version"]?.text }

    /// Whether a body of that content type is a form. Parameters such as a character set do not matter.
    public static func accepts(contentType: String?) -> Bool {
        guard let type = contentType?.split(separator: ";").first else { return false }
        return type.lowercased().split(separator: " ").first.map(String.init) == Self.contentType
    }

    /// The text that `+` and `%XX` stand for.
    private static func decode(_ bytes: ArraySlice<UInt8>) throws(APIFault) -> String {
        var plain: [UInt8] = []
        plain.reserveCapacity(bytes.count)
        var rest = bytes
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "+"): plain.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                guard let high = rest.popFirst().flatMap(digit), let low = rest.popFirst().flatMap(digit) else {
                    throw .malformedQuery("A '%' is not followed by two hexadecimal digits.")
                }
                plain.append(high << 4 | low)
            default: plain.append(byte)
            }
        }
        guard let text = String(validating: plain, as: UTF8.self) else {
            throw .malformedQuery("The request is not UTF-8.")
        }
        return text
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        Character(Unicode.Scalar(byte)).hexDigitValue.map { UInt8(truncatingIfNeeded: $0) }
    }
}

/// What a path of a form's parameters leads to.
struct QueryNode: Sendable {
    /// The value of the parameter with just this name.
    var text: String?
    var members: [String: QueryNode] = [:]

    /// - Returns: false when there is a text already.
    mutating func insert(_ text: String, at path: ArraySlice<Substring>) -> Bool {
        guard let first = path.first else {
            guard self.text == nil else { return false }
            self.text = text
            return true
        }
        return members[String(first), default: QueryNode()].insert(text, at: path.dropFirst())
    }
}
