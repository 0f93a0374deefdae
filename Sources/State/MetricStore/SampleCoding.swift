import Domain

/// One sample by itself, as the newest minutes and the journal hold it.
extension ByteWriter {
    /// The low bits of what is written of a `Double` that no decimal gives.
    static let rawPlaces: UInt64 = 7

    mutating func put(_ value: Double) {
        if let decimal = Decimal(value) {
            let zigzag = UInt64(bitPattern: decimal.digits << 1) ^ UInt64(bitPattern: decimal.digits >> 63)
            put(zigzag << 3 | UInt64(decimal.places))
        } else {
            put(Self.rawPlaces)
            put(raw: value.bitPattern)
        }
    }

    mutating func put(_ set: StatisticSet) {
        let isSingle = set.isSingle
        bytes.append((isSingle ? 1 : 0) | (set.distribution == nil ? 0 : 2))
        put(set.sum)
        if !isSingle {
            put(set.count)
            put(set.minimum)
            put(set.maximum)
        }
        if let distribution = set.distribution { put(distribution) }
    }

    /// A bucket next to the one before, with few values, takes one byte. Weights are multiples of a share where they are that
    /// to a millionth.
    mutating func put(_ distribution: ValueDistribution) {
        put(UInt64(distribution.parts.count))
        guard !distribution.parts.isEmpty else { return }
        let share = WeightShare.fitting(distribution)
        bytes.append(share.rawValue)
        var previous = 0
        for part in distribution.parts {
            let place = part.bucket.place
            let step = place - previous
            previous = place
            let weight = share.times(part.weight)
            if (1...3).contains(step), let weight, weight < 64 {
                bytes.append(UInt8(step) | UInt8(weight) << 2)
            } else {
                bytes.append(0)
                put(signed: Int64(step))
                if let weight { put(weight) } else { put(part.weight) }
            }
        }
    }
}

extension ByteReader {
    mutating func double() -> Double? {
        guard let coded = number() else { return nil }
        if coded & 7 == ByteWriter.rawPlaces { return raw().map { Double(bitPattern: $0) } }
        let zigzag = coded >> 3
        return Decimal.value(Int64(bitPattern: zigzag >> 1) ^ -Int64(bitPattern: zigzag & 1), places: Int(coded & 7))
    }

    mutating func statistics() -> StatisticSet? {
        guard let flags = byte(), let sum = double() else { return nil }
        var set = StatisticSet(sum)
        if flags & 1 == 0 {
            guard let count = double(), let minimum = double(), let maximum = double() else { return nil }
            set = StatisticSet(count: count, sum: sum, minimum: minimum, maximum: maximum)
        }
        if flags & 2 != 0 {
            guard let distribution = distribution() else { return nil }
            set.distribution = distribution
        }
        return set.isSound ? set : nil
    }

    mutating func distribution() -> ValueDistribution? {
        guard let count = count() else { return nil }
        guard count > 0 else { return ValueDistribution() }
        guard let share = byte().flatMap(WeightShare.init(rawValue:)) else { return nil }
        var parts: [ValueDistribution.Part] = []
        parts.reserveCapacity(count)
        var place = 0
        for _ in 0..<count {
            guard let head = byte() else { return nil }
            var weight = share.weight(UInt64(head >> 2))
            if head & 3 == 0 {
                guard let step = signed(), step.magnitude < 1 << 20,
                    let stored = share == .any ? double() : number().map(share.weight)
                else { return nil }
                place += Int(step)
                weight = stored
            } else {
                place += Int(head & 3)
            }
            guard let bucket = ValueDistribution.Bucket(place: place) else { return nil }
            parts.append(ValueDistribution.Part(bucket: bucket, weight: weight))
        }
        return ValueDistribution(parts)
    }
}

extension StatisticSet {
    /// One value, once.
    var isSingle: Bool { count == 1 && minimum == sum && maximum == sum }
}

extension ValueDistribution.Bucket {
    /// Where no bucket is: positive exponents lie above it, those of negative values below.
    private static let middle = 16_384

    /// A whole number in the buckets' order.
    var place: Int {
        switch sign {
        case 0: 0
        case 1...: Self.middle + Int(exponent)
        default: -Self.middle - Int(exponent)
        }
    }

    init?(place: Int) {
        if place == 0 {
            self.init(sign: 0, exponent: 0)
        } else if let exponent = Int16(exactly: abs(place) - Self.middle) {
            self.init(sign: place < 0 ? -1 : 1, exponent: exponent)
        } else {
            return nil
        }
    }
}

/// What the weights of a distribution are multiples of.
enum WeightShare: UInt8 {
    case any = 0
    case whole = 1
    /// Five seconds of a minute.
    case twelfth = 2
    /// A millisecond of a minute.
    case millisecond = 3

    private var parts: Double {
        switch self {
        case .any, .whole: 1
        case .twelfth: 12
        case .millisecond: 60_000
        }
    }

    static func fitting(_ distribution: ValueDistribution) -> WeightShare {
        for share in [WeightShare.whole, .twelfth, .millisecond] {
            if distribution.parts.allSatisfy({ share.times($0.weight) != nil }) { return share }
        }
        return .any
    }

    /// nil where the weight is no multiple, or far too large a one.
    func times(_ weight: Double) -> UInt64? {
        let times = (weight * parts).rounded()
        guard self != .any, times >= 1, times < 1e15, (times - weight * parts).magnitude <= times * 1e-6 else {
            return nil
        }
        return UInt64(times)
    }

    func weight(_ times: UInt64) -> Double { Double(times) / parts }
}
