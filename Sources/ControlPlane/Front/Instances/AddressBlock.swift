/// Leases `/24` blocks of the task address range.
enum AddressBlock {
    /// The lowest block of the range that nobody has.
    ///
    /// - Parameters:
    ///   - range: such as `10.99.0.0/16`.
    ///   - taken: blocks of hosts, in the form that this returns.
    /// - Returns: nil when all are taken or the range holds no `/24`.
    static func lowestFree(in range: String, taken: Set<String>) -> String? {
        let parts = range.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let length = Int(parts[1]), (8...24).contains(length) else { return nil }
        guard var base = IPv4.value(of: parts[0]) else { return nil }
        base &= ~UInt32(0) << UInt32(32 - length)
        for index in 0..<(UInt32(1) << UInt32(24 - length)) {
            let block = base + (index << 8)
            let text = "\(block >> 24).\(block >> 16 & 255).\(block >> 8 & 255).0/24"
            if !taken.contains(text) { return text }
        }
        return nil
    }
}

/// Reads addresses of IP version 4.
enum IPv4 {
    /// The address as a number; nil unless `text` is four decimal octets.
    static func value(of text: some StringProtocol) -> UInt32? {
        let octets = text.split(separator: ".", omittingEmptySubsequences: false)
        guard octets.count == 4 else { return nil }
        var value: UInt32 = 0
        for octet in octets {
            guard octet.utf8.allSatisfy({ (48...57).contains($0) }), octet.utf8.count <= 3, let number = UInt8(octet)
            else { return nil }
            value = value << 8 | UInt32(number)
        }
        return value
    }
}
