extension JSONReader {
    /// Consumes `null` if that is the next value.
    public mutating func takeNull() throws(JSONError) -> Bool {
        guard try nextByte() == UInt8(ascii: "n") else { return false }
        try literal("null")
        return true
    }

    public mutating func readBoolean() throws(JSONError) -> Bool {
        try expect(.boolean)
        if bytes[position] == UInt8(ascii: "t") {
            try literal("true")
            return true
        }
        try literal("false")
        return false
    }

    /// Reads a number that is whole; `2.0` and `2e0` count as such.
    ///
    /// - Throws: `.numberOutOfRange` when it is not whole or needs more than 64 bits.
    public mutating func readInteger() throws(JSONError) -> Int64 {
        let (digits, isPlain) = try scanNumber()
        let text = String(decoding: bytes[digits], as: UTF8.self)
        if isPlain, let value = Int64(text) { return value }
        if !isPlain, let real = Double(text), let value = Int64(exactly: real) { return value }
        throw JSONError(.numberOutOfRange, offset: digits.lowerBound)
    }

    /// Reads a number.
    ///
    /// - Throws: `.numberOutOfRange` when it is larger than a double holds.
    public mutating func readNumber() throws(JSONError) -> Double {
        let (digits, _) = try scanNumber()
        let text = String(decoding: bytes[digits], as: UTF8.self)
        guard let value = Double(text), value.isFinite else {
            throw JSONError(.numberOutOfRange, offset: digits.lowerBound)
        }
        return value
    }

    /// Consumes a number by the grammar alone.
    ///
    /// - Returns: where its text is, and whether it has neither fraction nor exponent.
    mutating func scanNumber() throws(JSONError) -> (digits: Range<Int>, isPlain: Bool) {
        try expect(.number)
        let start = position
        if bytes[position] == UInt8(ascii: "-") { position += 1 }
        if position < bytes.count, bytes[position] == UInt8(ascii: "0") {
            position += 1
        } else {
            try scanDigits()
        }
        var isPlain = true
        if position < bytes.count, bytes[position] == UInt8(ascii: ".") {
            isPlain = false
            position += 1
            try scanDigits()
        }
        if position < bytes.count, bytes[position] | 0x20 == UInt8(ascii: "e") {
            isPlain = false
            position += 1
            if position < bytes.count, bytes[position] == UInt8(ascii: "+") || bytes[position] == UInt8(ascii: "-") {
                position += 1
            }
            try scanDigits()
        }
        return (start..<position, isPlain)
    }

    /// Consumes one digit or more.
    private mutating func scanDigits() throws(JSONError) {
        let start = position
        while position < bytes.count, case UInt8(ascii: "0")...UInt8(ascii: "9") = bytes[position] { position += 1 }
        if position == start { throw unexpected() }
    }

    /// Consumes exactly these bytes.
    mutating func literal(_ word: StaticString) throws(JSONError) {
        for index in 0..<word.utf8CodeUnitCount {
            guard position < bytes.count, bytes[position] == word.utf8Start[index] else { throw unexpected() }
            position += 1
        }
    }
}
