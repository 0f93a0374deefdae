import Identifiers

/// Damages bytes: a request that was well made, on its way to becoming something else.
func mutated(_ bytes: [UInt8], _ random: inout SeededGenerator) -> [UInt8] {
    var bytes = bytes
    for _ in 0..<Int.random(in: 1...4, using: &random) where !bytes.isEmpty {
        let index = Int.random(in: 0..<bytes.count, using: &random)
        let length = Int.random(in: 0...min(24, bytes.count - index), using: &random)
        switch Int.random(in: 0..<8, using: &random) {
        case 0: bytes[index] = UInt8.random(in: .min ... .max, using: &random)
        case 1: bytes[index] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        case 2: bytes.removeSubrange(index..<index + length)
        case 3: bytes.insert(contentsOf: bytes[index..<index + length], at: index)
        case 4: bytes.removeSubrange(index...)
        case 5: bytes.insert(contentsOf: tokens.randomElement(using: &random) ?? [], at: index)
        case 6: bytes.replaceSubrange(index..<index + length, with: tokens.randomElement(using: &random) ?? [])
        default:
            let other = Int.random(in: 0..<bytes.count, using: &random)
            bytes.swapAt(index, other)
        }
    }
    return bytes
}

/// Pieces of JSON, and of what is nearly JSON.
private let tokens: [[UInt8]] =
    [
        "{", "}", "[", "]", "\"", ":", ",", "null", "true", "NaN", "-", "1e999", "-9223372036854775809", "\\u",
        "\\ud800",
        "\\udc00", "\\", "{}", "[]", "\u{0}", "0", "01", "1.", "\u{FEFF}", "/**/", String(repeating: "[", count: 70),
        String(repeating: "{\"a\":", count: 70), String(repeating: "9", count: 400),
    ].map { Array($0.utf8) } + [[0xFF], [0xC0, 0xAF], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80]]
