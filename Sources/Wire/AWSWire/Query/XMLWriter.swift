/// Writes XML elements without attributes but a namespace.
struct XMLWriter: Sendable {
    private(set) var bytes: [UInt8] = []

    mutating func element(_ name: String, namespace: String? = nil, _ content: (inout XMLWriter) -> Void) {
        bytes.append(UInt8(ascii: "<"))
        bytes += name.utf8
        if let namespace {
            bytes += " xmlns=\"".utf8
            text(namespace)
            bytes.append(UInt8(ascii: "\""))
        }
        bytes.append(UInt8(ascii: ">"))
        content(&self)
        bytes += "</".utf8
        bytes += name.utf8
        bytes.append(UInt8(ascii: ">"))
    }

    mutating func element(_ name: String, text: String) {
        element(name) { $0.text(text) }
    }

    /// Characters that XML cannot carry become U+FFFD; the API refuses them where they come in.
    mutating func text(_ text: String) {
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": bytes += "&amp;".utf8
            case "<": bytes += "&lt;".utf8
            case ">": bytes += "&gt;".utf8
            case "\"": bytes += "&quot;".utf8
            // As itself it would be read as a line feed.
            case "\r": bytes += "&#13;".utf8
            default:
                bytes += UTF8.encode(Self.carries(scalar) ? scalar : "\u{FFFD}") ?? UTF8.encodedReplacementCharacter
            }
        }
    }

    /// Whether XML 1.0 has the character.
    ///
    /// - Source: Extensible Markup Language (XML) 1.0, 2.2 Characters.
    static func carries(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x9, 0xA, 0xD, 0x20...0xFFFD, 0x10000...0x10FFFF: true
        default: false
        }
    }
}
