/// How many values lie about where: buckets on a logarithmic scale, so that a percentile is at most about 5 percent off.
///
/// It says nothing of values that are not finite: those are not counted.
public struct ValueDistribution: Hashable, Codable, Sendable {
    /// One bucket: the values whose magnitude is closest to `1.1^exponent`, or zero.
    public struct Bucket: Hashable, Comparable, Codable, Sendable {
        /// -1, 0 or 1.
        public var sign: Int8
        /// 0 for zero.
        public var exponent: Int16

        public init(sign: Int8, exponent: Int16) {
            self.sign = sign
            self.exponent = exponent
        }

        /// The bucket of a value; nil for one that is not finite.
        public init?(_ value: Double) {
            guard value.isFinite else { return nil }
            guard value != 0 else {
                self.init(sign: 0, exponent: 0)
                return
            }
            self.init(sign: value < 0 ? -1 : 1, exponent: BucketScale.exponent(of: value.magnitude))
        }

        /// What stands for the bucket's values.
        public var value: Double { sign == 0 ? 0 : Double(sign) * BucketScale.centre(of: exponent) }

        /// From the smallest value to the largest.
        public static func < (lhs: Bucket, rhs: Bucket) -> Bool {
            if lhs.sign != rhs.sign { return lhs.sign < rhs.sign }
            return lhs.sign < 0 ? lhs.exponent > rhs.exponent : lhs.exponent < rhs.exponent
        }
    }

    /// A bucket and the weight of what lies in it, above 0.
    public struct Part: Hashable, Codable, Sendable {
        public var bucket: Bucket
        public var weight: Double

        public init(bucket: Bucket, weight: Double) {
            self.bucket = bucket
            self.weight = weight
        }
    }

    /// From the smallest values to the largest; every bucket once.
    public private(set) var parts: [Part] = []

    public init() {}

    /// - Parameter parts: in any order; what has no positive finite weight is left out.
    public init(_ parts: [Part]) {
        for part in parts { add(part.bucket, weight: part.weight) }
    }

    public var isEmpty: Bool { parts.isEmpty }

    /// The weight of everything.
    public var total: Double { parts.reduce(0) { $0 + $1.weight } }

    /// Counts a value; one that is not finite, or has no positive finite weight, is not counted.
    public mutating func add(_ value: Double, weight: Double = 1) {
        guard let bucket = Bucket(value) else { return }
        add(bucket, weight: weight)
    }

    public mutating func add(_ bucket: Bucket, weight: Double) {
        guard weight > 0, weight.isFinite else { return }
        let place = firstPlace(from: bucket)
        if place < parts.count, parts[place].bucket == bucket {
            parts[place].weight = min(parts[place].weight + weight, .greatestFiniteMagnitude)
        } else {
            parts.insert(Part(bucket: bucket, weight: weight), at: place)
        }
    }

    public mutating func merge(_ other: ValueDistribution) {
        if parts.isEmpty {
            parts = other.parts
        } else {
            for part in other.parts { add(part.bucket, weight: part.weight) }
        }
    }

    /// The value under or at which `percent` of the weight lies, about; nil when nothing was counted.
    /// - Parameter percent: from 0 to 100; what is beyond is taken as the nearest of them, NaN gives nil.
    public func percentile(_ percent: Double) -> Double? {
        guard let last = parts.last, !percent.isNaN else { return nil }
        let wanted = total * min(max(percent, 0), 100) / 100
        var passed = 0.0
        for part in parts {
            passed += part.weight
            if passed >= wanted { return part.bucket.value }
        }
        return last.bucket.value
    }

    private func firstPlace(from bucket: Bucket) -> Int {
        var low = 0
        var high = parts.count
        while low < high {
            let middle = (low + high) / 2
            if parts[middle].bucket < bucket { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

/// Powers of 1.1 over the range of `Double`, which pure code cannot ask a logarithm for.
enum BucketScale {
    /// The smallest positive number is about `1.1^-7811`, the largest `1.1^7447`.
    private static let lowest = -7812
    private static let highest = 7447
    /// `log2(1.1)`.
    private static let octave = 0.137_503_523_749_934_9
    /// `1.1^exponent`, from the lowest on.
    private static let centres: [Double] = {
        var values = [Double](repeating: 1, count: highest - lowest + 1)
        for place in stride(from: -lowest + 1, to: values.count, by: 1) { values[place] = values[place - 1] * 1.1 }
        for place in stride(from: -lowest - 1, through: 0, by: -1) {
            values[place] = max(values[place + 1] / 1.1, .leastNonzeroMagnitude)
        }
        return values
    }()
    /// `sqrt(1.1)`: where a bucket ends, above its centre.
    private static let half = 1.1.squareRoot()

    static func centre(of exponent: Int16) -> Double { centres[min(max(Int(exponent), lowest), highest) - lowest] }

    /// - Parameter magnitude: finite and above 0.
    static func exponent(of magnitude: Double) -> Int16 {
        // `significand - 1` is at most 0.086 below `log2`, which is less than one bucket.
        let guess = (Double(magnitude.exponent) + magnitude.significand - 1) / octave
        var place = min(max(Int(guess.rounded()), lowest), highest) - lowest
        while place > 0, magnitude < centres[place] / half { place -= 1 }
        while place < centres.count - 1, magnitude >= centres[place] * half { place += 1 }
        return Int16(place + lowest)
    }
}
