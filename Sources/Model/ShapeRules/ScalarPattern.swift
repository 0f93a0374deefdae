/// A pattern of the service model that is one character class, repeated: the only form the model has.
public struct ScalarPattern: Hashable, Sendable {
    /// General categories that a pattern names as a whole (`\p{L}` and the like).
    public enum Class: Hashable, Sendable {
        case letters
        case separators
        case numbers
    }

    /// The pattern as the model writes it, for messages.
    public let source: String
    private let ranges: [ClosedRange<Unicode.Scalar>]
    private let classes: [Class]

    public init(_ source: String, ranges: [ClosedRange<Unicode.Scalar>], classes: [Class]) {
        self.source = source
        self.ranges = ranges
        self.classes = classes
    }

    /// Whether every scalar of the text is allowed. How many there may be is a length's business.
    public func matches(_ text: String) -> Bool { text.unicodeScalars.allSatisfy(allows) }

    private func allows(_ scalar: Unicode.Scalar) -> Bool {
        if ranges.contains(where: { $0.contains(scalar) }) { return true }
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter:
            return classes.contains(.letters)
        case .spaceSeparator, .lineSeparator, .paragraphSeparator: return classes.contains(.separators)
        case .decimalNumber, .letterNumber, .otherNumber: return classes.contains(.numbers)
        default: return false
        }
    }
}
