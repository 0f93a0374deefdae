/// A column of numbers. The first byte says how: as decimals of so many places, or by what changed of the bits.
extension ByteWriter {
    static let bitsOfDoubles: UInt8 = 255

    mutating func put(column values: [Double]) {
        if let (digits, places) = Self.decimals(of: values) {
            bytes.append(UInt8(places))
            put(differences: digits)
        } else {
            bytes.append(Self.bitsOfDoubles)
            put(bitsOf: values)
        }
    }

    private static func decimals(of values: [Double]) -> ([Int64], Int)? {
        var places = 0
        for value in values {
            guard let decimal = Decimal(value) else { return nil }
            if decimal.places == Decimal.twelfths { return digits(of: values, Decimal.twelfths) }
            places = max(places, decimal.places)
        }
        return digits(of: values, places)
    }

    private static func digits(of values: [Double], _ places: Int) -> ([Int64], Int)? {
        var digits: [Int64] = []
        digits.reserveCapacity(values.count)
        for value in values {
            guard let decimal = Decimal(value, places: places) else { return nil }
            digits.append(decimal.digits)
        }
        return (digits, places)
    }

    /// A zero is followed by how many more of them follow.
    private mutating func put(differences digits: [Int64]) {
        var previous: Int64 = 0
        var index = 0
        while index < digits.count {
            let difference = digits[index] - previous
            previous = digits[index]
            index += 1
            put(signed: difference)
            if difference == 0 { put(UInt64(skip(digits, equalTo: previous, from: &index))) }
        }
    }

    /// For each: the bytes that changed, with one before that says how many and how many unchanged ones are above.
    private mutating func put(bitsOf values: [Double]) {
        let patterns = values.map(\.bitPattern)
        var previous: UInt64 = 0
        var index = 0
        while index < patterns.count {
            let changed = patterns[index] ^ previous
            previous = patterns[index]
            index += 1
            if changed == 0 {
                bytes.append(0)
                put(UInt64(skip(patterns, equalTo: previous, from: &index)))
                continue
            }
            let above = changed.leadingZeroBitCount / 8
            let below = changed.trailingZeroBitCount / 8
            let kept = 8 - above - below
            bytes.append(UInt8(above << 4 | kept))
            for place in below..<(below + kept) {
                bytes.append(UInt8(truncatingIfNeeded: changed >> UInt64(place * 8)))
            }
        }
    }

    private func skip<Value: Equatable>(_ values: [Value], equalTo value: Value, from index: inout Int) -> Int {
        let first = index
        while index < values.count, values[index] == value { index += 1 }
        return index - first
    }
}

extension ByteReader {
    mutating func column(_ count: Int) -> [Double]? {
        guard let kind = byte() else { return nil }
        if kind == ByteWriter.bitsOfDoubles { return doubles(count) }
        guard kind <= UInt8(Decimal.twelfths) else { return nil }
        return decimals(count, places: Int(kind))
    }

    private mutating func decimals(_ count: Int, places: Int) -> [Double]? {
        var values: [Double] = []
        values.reserveCapacity(count)
        var previous: Int64 = 0
        while values.count < count {
            guard let difference = signed() else { return nil }
            previous &+= difference
            values.append(Decimal.value(previous, places: places))
            if difference == 0, !repeatLast(&values, count) { return nil }
        }
        return values
    }

    private mutating func doubles(_ count: Int) -> [Double]? {
        var values: [Double] = []
        values.reserveCapacity(count)
        var previous: UInt64 = 0
        while values.count < count {
            guard let head = byte() else { return nil }
            let kept = Int(head & 15)
            let above = Int(head >> 4)
            guard above + kept <= 8 else { return nil }
            for place in (8 - above - kept)..<(8 - above) {
                guard let next = byte() else { return nil }
                previous ^= UInt64(next) << UInt64(place * 8)
            }
            values.append(Double(bitPattern: previous))
            if head == 0, !repeatLast(&values, count) { return nil }
        }
        return values
    }

    private mutating func repeatLast(_ values: inout [Double], _ count: Int) -> Bool {
        guard let last = values.last, let more = number(), more <= UInt64(count - values.count) else { return false }
        values.append(contentsOf: repeatElement(last, count: Int(more)))
        return true
    }
}
