import Foundation

/// A 64-bit sum over a stored row. SQLite itself does not notice a changed byte inside a value.
///
/// Every step is a bijection of the state, so a change within one 8-byte word is always found; it does not resist malice.
struct Checksum {
    private var state: UInt64 = 0x9E37_79B9_7F4A_7C15

    static func of(_ kind: String, _ key: String, _ revision: Int64, _ value: Data) -> Int64 {
        var sum = Checksum()
        sum.add(kind.utf8)
        sum.add(key.utf8)
        sum.add(word: UInt64(bitPattern: revision))
        sum.add(value)
        return Int64(bitPattern: sum.state)
    }

    private mutating func add(word: UInt64) {
        state = (state ^ word) &* 0xD6E8_FEB8_6659_FD93
        state ^= state >> 32
    }

    private mutating func add(_ bytes: some Collection<UInt8>) {
        add(word: UInt64(bytes.count))
        let words: Void? = bytes.withContiguousStorageIfAvailable { add(contiguous: UnsafeRawBufferPointer($0)) }
        if words == nil { Array(bytes).withUnsafeBytes { add(contiguous: $0) } }
    }

    private mutating func add(contiguous bytes: UnsafeRawBufferPointer) {
        var offset = 0
        while offset + 8 <= bytes.count {
            add(word: UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)))
            offset += 8
        }
        var rest: UInt64 = 0
        while offset < bytes.count {
            rest = rest << 8 | UInt64(bytes[offset])
            offset += 1
        }
        add(word: rest)
    }
}
