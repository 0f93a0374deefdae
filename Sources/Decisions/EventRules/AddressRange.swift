/// Addresses of IP version 4 or 6 that share their first bits.
struct AddressRange: Hashable, Sendable {
    private var bytes: [UInt8]
    private var bits: Int

    init(_ text: String) throws(EventPatternError) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2 else { throw EventPatternError("Malformed CIDR, one '/' required") }
        guard let bytes = Self.address(parts[0]) else { throw EventPatternError("Malformed IP address: \(parts[0])") }
        guard let bits = Int(parts[1]) else { throw EventPatternError("Malformed CIDR, mask bits must be an integer") }
        guard (0...bytes.count * 8).contains(bits) else {
            throw EventPatternError("Malformed CIDR, mask bits must be between 0 and \(bytes.count * 8)")
        }
        self.bytes = bytes
        self.bits = bits
    }

    func contains(_ text: String) -> Bool {
        guard let other = Self.address(text[...]), other.count == bytes.count else { return false }
        return zip(bytes, other).enumerated().allSatisfy { index, pair in
            let common = min(8, max(0, bits - index * 8))
            return (pair.0 ^ pair.1) >> UInt8(8 - common) == 0 || common == 0
        }
    }

    /// Four or sixteen bytes; nil for what is no address.
    static func address(_ text: Substring) -> [UInt8]? {
        text.contains(":") ? version6(text) : version4(text)
    }

    private static func version4(_ text: Substring) -> [UInt8]? {
        let octets = text.split(separator: ".", omittingEmptySubsequences: false)
        guard octets.count == 4 else { return nil }
        var bytes: [UInt8] = []
        for octet in octets {
            guard (1...3).contains(octet.utf8.count), octet.utf8.allSatisfy({ (48...57).contains($0) }),
                let byte = UInt8(octet)
            else { return nil }
            bytes.append(byte)
        }
        return bytes
    }

    /// - Source: RFC 4291, section 2.2
    private static func version6(_ text: Substring) -> [UInt8]? {
        guard let gap = text.firstRange(of: "::") else {
            return groups(text).flatMap { $0.count == 16 ? $0 : nil }
        }
        let (head, tail) = (text[..<gap.lowerBound], text[gap.upperBound...])
        guard let first = head.isEmpty ? [] : groups(head), let last = tail.isEmpty ? [] : groups(tail),
            first.count + last.count <= 14
        else { return nil }
        return first + [UInt8](repeating: 0, count: 16 - first.count - last.count) + last
    }

    /// Groups of four hexadecimal digits; the last may be an address of version 4.
    private static func groups(_ text: Substring) -> [UInt8]? {
        var bytes: [UInt8] = []
        let groups = text.split(separator: ":", omittingEmptySubsequences: false)
        for (index, group) in groups.enumerated() {
            if index == groups.count - 1, group.contains(".") {
                guard let last = version4(group) else { return nil }
                bytes += last
            } else {
                guard (1...4).contains(group.utf8.count), group.utf8.first != UInt8(ascii: "+"),
                    let value = UInt16(group, radix: 16)
                else { return nil }
                bytes += [UInt8(value >> 8), UInt8(value & 0xff)]
            }
        }
        return bytes.count <= 16 ? bytes : nil
    }
}
