/// Writes gzip by hand, so that tests read with zlib what zlib did not write.
enum Gzip {
    /// The bytes in one stored block, which holds up to 65,535 of them.
    static func stored(_ bytes: [UInt8]) -> [UInt8] {
        let count = UInt16(bytes.count)
        return header + [1] + little(count) + little(~count) + bytes + trailer(of: bytes)
    }

    /// `count` zeros at a hundredth of their size and less: a literal, then copies of 258 bytes of it.
    static func bomb(_ count: Int) -> [UInt8] {
        let copies = (count - 1) / 258
        var bits = Bits()
        bits.append(0b011, 3)
        bits.appendHuffman(0b0011_0000, 8)
        for _ in 0..<copies {
            bits.appendHuffman(0b1100_0101, 8)
            bits.appendHuffman(0, 5)
        }
        bits.appendHuffman(0, 7)
        return header + bits.bytes + trailer(of: [UInt8](repeating: 0, count: copies * 258 + 1))
    }

    private static let header: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255]

    private static func trailer(of bytes: [UInt8]) -> [UInt8] {
        var sum: UInt32 = .max
        for byte in bytes {
            sum ^= UInt32(byte)
            for _ in 0..<8 { sum = sum & 1 == 1 ? sum >> 1 ^ 0xEDB8_8320 : sum >> 1 }
        }
        return little(~sum) + little(UInt32(bytes.count))
    }

    private static func little<Number: FixedWidthInteger>(_ number: Number) -> [UInt8] {
        withUnsafeBytes(of: number.littleEndian) { Array($0) }
    }

    /// Bits as deflate packs them: from the lowest of each byte.
    private struct Bits {
        private(set) var bytes: [UInt8] = []
        private var used = 8

        mutating func append(_ value: Int, _ count: Int) {
            for bit in 0..<count { append(value >> bit & 1) }
        }

        /// A code of a Huffman tree goes from its highest bit.
        mutating func appendHuffman(_ code: Int, _ count: Int) {
            for bit in (0..<count).reversed() { append(code >> bit & 1) }
        }

        private mutating func append(_ bit: Int) {
            if used == 8 {
                bytes.append(0)
                used = 0
            }
            bytes[bytes.count - 1] |= UInt8(bit) << used
            used += 1
        }
    }
}
