/// Why a part of a plan cannot be written.
struct Unwritable: Error, Hashable {
    var reason: String

    init(_ reason: String) { self.reason = reason }
}

/// Text from outside as one word of HAProxy's configuration, which no text can end or extend.
enum Word {
    /// Every byte but letters, digits and `._/-` as `\xHH`.
    ///
    /// - Throws: for NUL, at which HAProxy would end the word.
    /// - Source: HAProxy configuration manual, 2.2 "Quoting and escaping"
    static func escaped(_ text: String) throws(Unwritable) -> String {
        guard !text.isEmpty else { return "\"\"" }
        var word = ""
        for byte in text.utf8 {
            guard byte != 0 else { throw Unwritable("\(text.debugDescription) has the character NUL") }
            if isPlain(byte) || UInt8(ascii: ".") == byte || UInt8(ascii: "/") == byte || UInt8(ascii: "_") == byte {
                word.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                word += "\\x" + hex(byte)
            }
        }
        return word
    }

    /// Text within a format of HAProxy, where only `%` means something.
    static func literal(_ text: String) -> String {
        text.unicodeScalars.map { $0 == "%" ? "%%" : String($0) }.joined()
    }

    /// An id as part of a name: different ids give different names of letters, digits, `-` and `_`.
    static func name(_ id: String) -> String {
        var name = ""
        for byte in id.utf8 {
            if isPlain(byte) { name.unicodeScalars.append(Unicode.Scalar(byte)) } else { name += "_" + hex(byte) }
        }
        return name
    }

    /// The id that `name` was made from; nil for what `name(_:)` never gives.
    static func id(_ name: Substring) -> String? {
        var bytes: [UInt8] = []
        var rest = name.utf8.makeIterator()
        while let byte = rest.next() {
            guard byte == UInt8(ascii: "_") else {
                bytes.append(byte)
                continue
            }
            guard let high = rest.next(), let low = rest.next(),
                let value = UInt8(String(decoding: [high, low], as: UTF8.self), radix: 16)
            else { return nil }
            bytes.append(value)
        }
        return String(validating: bytes, as: UTF8.self)
    }

    /// A regular expression for ELB's wildcards: `*` is any text, `?` one character, all else itself.
    ///
    /// - Parameter any: what a character may be.
    static func pattern(_ wildcards: String, any: String = ".") -> String {
        var pattern = ""
        for scalar in wildcards.unicodeScalars {
            switch scalar {
            case "*": pattern += any + "*"
            case "?": pattern += any
            case _ where #"\.+()[]{}|^$"#.unicodeScalars.contains(scalar): pattern += "\\\(scalar)"
            default: pattern.unicodeScalars.append(scalar)
            }
        }
        return pattern
    }

    /// A short mark made from text, the same everywhere (FNV-1a, 64 bits).
    static func mark(_ text: String) -> String {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        return String(hash, radix: 36)
    }

    /// The name of a header or cookie, which stands unquoted inside a call.
    ///
    /// - Throws: for other characters than letters, digits, `-`, `_` and `.`.
    static func token(_ name: String) throws(Unwritable) -> String {
        let isToken = name.utf8.allSatisfy { isPlain($0) || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: ".") }
        guard isToken, !name.isEmpty else {
            throw Unwritable("the name \(name.debugDescription) has other characters than letters, digits, -, _ and .")
        }
        return name
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"): true
        default: false
        }
    }

    private static func hex(_ byte: UInt8) -> String {
        (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
    }
}
