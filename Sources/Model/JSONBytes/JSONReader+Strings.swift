extension JSONReader {
    public mutating func readString() throws(JSONError) -> String {
        try expect(.string)
        position += 1
        let start = position
        let isASCII = try scanPlainRun()
        if bytes[position] == UInt8(ascii: "\"") {
            position += 1
            return try text(bytes[start..<position - 1], isASCII: isASCII, at: start)
        }
        return try readEscapedString(from: start)
    }

    /// Consumes a string as strictly as `readString` and builds nothing unless it has escapes or bytes beyond ASCII.
    mutating func skipString() throws(JSONError) {
        try expect(.string)
        let opening = position
        position += 1
        let isASCII = try scanPlainRun()
        if bytes[position] == UInt8(ascii: "\""), isASCII {
            position += 1
        } else {
            position = opening
            _ = try readString()
        }
    }

    /// Consumes the string whose opening quote is at the current position if it is `text`, written without escapes.
    mutating func takePlainString(_ text: String) -> Bool {
        var place = position + 1
        for byte in text.utf8 {
            guard place < bytes.count, bytes[place] == byte, byte != UInt8(ascii: "\\"), byte != UInt8(ascii: "\"")
            else { return false }
            place += 1
        }
        guard place < bytes.count, bytes[place] == UInt8(ascii: "\"") else { return false }
        position = place + 1
        return true
    }

    /// Moves to the next quote or backslash of a string.
    ///
    /// - Returns: whether all bytes on the way were ASCII.
    private mutating func scanPlainRun() throws(JSONError) -> Bool {
        var seen: UInt8 = 0
        while position < bytes.count {
            let byte = bytes[position]
            if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { return seen < 0x80 }
            if byte < 0x20 { throw unexpected() }
            seen |= byte
            position += 1
        }
        throw JSONError(.unexpectedEnd, offset: position)
    }

    private func text(_ slice: ArraySlice<UInt8>, isASCII: Bool, at offset: Int) throws(JSONError) -> String {
        if isASCII { return String(decoding: slice, as: UTF8.self) }
        guard let text = String(validating: slice, as: UTF8.self) else { throw JSONError(.invalidUTF8, offset: offset) }
        return text
    }

    /// Reads the rest of a string whose first backslash is at the current position.
    private mutating func readEscapedString(from start: Int) throws(JSONError) -> String {
        var unescaped = Array(bytes[start..<position])
        while true {
            if bytes[position] == UInt8(ascii: "\"") {
                position += 1
                return try text(unescaped[...], isASCII: false, at: start)
            }
            try readEscape(into: &unescaped)
            let plain = position
            _ = try scanPlainRun()
            unescaped += bytes[plain..<position]
        }
    }

    private mutating func readEscape(into unescaped: inout [UInt8]) throws(JSONError) {
        let backslash = position
        guard position + 1 < bytes.count else { throw JSONError(.unexpectedEnd, offset: bytes.count) }
        let letter = bytes[position + 1]
        position += 2
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): unescaped.append(letter)
        case UInt8(ascii: "b"): unescaped.append(0x08)
        case UInt8(ascii: "f"): unescaped.append(0x0C)
        case UInt8(ascii: "n"): unescaped.append(0x0A)
        case UInt8(ascii: "r"): unescaped.append(0x0D)
        case UInt8(ascii: "t"): unescaped.append(0x09)
        case UInt8(ascii: "u"): unescaped += try readScalar(escapedAt: backslash).utf8
        default: throw JSONError(.invalidEscape, offset: backslash)
        }
    }

    /// Reads what follows `\u`: four hexadecimal digits, and the second half where they are a high surrogate.
    private mutating func readScalar(escapedAt backslash: Int) throws(JSONError) -> Unicode.Scalar {
        let unit = try readHexadecimal(escapedAt: backslash)
        if let scalar = Unicode.Scalar(unit) { return scalar }
        guard unit < 0xDC00, position + 1 < bytes.count, bytes[position] == UInt8(ascii: "\\"),
            bytes[position + 1] == UInt8(ascii: "u")
        else { throw JSONError(.invalidEscape, offset: backslash) }
        position += 2
        let low = try readHexadecimal(escapedAt: backslash)
        guard (0xDC00...0xDFFF).contains(low),
            let scalar = Unicode.Scalar(0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00))
        else { throw JSONError(.invalidEscape, offset: backslash) }
        return scalar
    }

    private mutating func readHexadecimal(escapedAt backslash: Int) throws(JSONError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard position < bytes.count else { throw JSONError(.unexpectedEnd, offset: position) }
            let byte = bytes[position]
            let digit: UInt8
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte - UInt8(ascii: "a") + 10
            case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = byte - UInt8(ascii: "A") + 10
            default: throw JSONError(.invalidEscape, offset: backslash)
            }
            value = value << 4 | UInt32(digit)
            position += 1
        }
        return value
    }
}
