import JSONBytes
import Testing

/// SplitMix64: equal seeds give equal cases on every machine.
private struct Random: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    mutating func value(depth: Int = 0) -> JSONValue {
        switch Int.random(in: 0..<(depth < 4 ? 7 : 5), using: &self) {
        case 0: return .null
        case 1: return .boolean(.random(using: &self))
        case 2: return .integer(Int64(bitPattern: next() >> UInt64.random(in: 0..<64, using: &self)))
        case 3:
            let number = Double(bitPattern: next())
            // A number that is whole and small would read back as an integer.
            return number.isFinite && Int64(exactly: number) == nil ? .number(number) : .number(0.5)
        case 4: return .string(text())
        case 5: return .array((0..<Int.random(in: 0..<5, using: &self)).map { _ in value(depth: depth + 1) })
        default:
            var members: [String: JSONValue] = [:]
            for _ in 0..<Int.random(in: 0..<5, using: &self) { members[text()] = value(depth: depth + 1) }
            return .object(members)
        }
    }

    private mutating func text() -> String {
        var scalars = String.UnicodeScalarView()
        for _ in 0..<Int.random(in: 0..<12, using: &self) {
            let limit: UInt32 = Bool.random(using: &self) ? 0x80 : 0x110000
            if let scalar = Unicode.Scalar(UInt32.random(in: 0..<limit, using: &self)) { scalars.append(scalar) }
        }
        return String(scalars)
    }
}

/// A value that nobody looks at.
private struct Skipped: JSONReadable {
    init(json reader: inout JSONReader) throws(JSONError) { try reader.skipValue() }
}

@Suite("Any bytes, read as JSON")
struct JSONFuzzTests {
    @Test("what was written reads back equal", arguments: 1...20)
    func roundTrips(seed: Int) throws {
        var random = Random(state: UInt64(seed))
        for _ in 0..<100 {
            let value = random.value()
            #expect(try JSONValue(jsonBytes: value.jsonBytes()) == value)
        }
    }

    /// Reading and skipping must agree on every input, and what is read must survive another round.
    private func check(_ bytes: [UInt8]) {
        let isSkippable = (try? Skipped(jsonBytes: bytes)) != nil
        do {
            let value = try JSONValue(jsonBytes: bytes)
            #expect(isSkippable)
            #expect((try? JSONValue(jsonBytes: value.jsonBytes())) == value)
        } catch {
            #expect(!isSkippable || error.reason == .numberOutOfRange, "\(error)")
            #expect((0...bytes.count).contains(error.offset))
        }
    }

    @Test("random bytes end in a value or an error", arguments: 1...20)
    func randomBytes(seed: Int) {
        var random = Random(state: UInt64(seed))
        let alphabet = Array("{}[]\":,\\u0123456789abcdefDd-+.eE tnul rse\n\u{1}é".utf8) + [0xFF, 0xC3, 0x80]
        for _ in 0..<200 {
            let length = Int.random(in: 0..<24, using: &random)
            check((0..<length).map { _ in alphabet.randomElement(using: &random) ?? 0 })
            check((0..<length).map { _ in UInt8.random(in: .min ... .max, using: &random) })
        }
    }

    @Test("mutated JSON ends in a value or an error", arguments: 1...20)
    func mutatedJSON(seed: Int) {
        var random = Random(state: UInt64(seed))
        for _ in 0..<100 {
            var bytes = random.value().jsonBytes()
            for _ in 0..<Int.random(in: 1...3, using: &random) where !bytes.isEmpty {
                let index = bytes.indices.randomElement(using: &random) ?? 0
                switch Int.random(in: 0..<4, using: &random) {
                case 0: bytes[index] = UInt8.random(in: .min ... .max, using: &random)
                case 1: bytes.remove(at: index)
                case 2: bytes.insert(bytes[index], at: index)
                default: bytes.removeSubrange(index...)
                }
            }
            check(bytes)
        }
    }
}
