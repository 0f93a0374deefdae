/// The addresses of load balancers on the data plane: a block in CIDR notation, counted from its second address on.
public struct AddressPool: Hashable, Sendable {
    private let first: UInt32
    public let count: Int
    public let text: String

    /// - Returns: nil unless the text is a block of IPv4 addresses, such as `10.98.0.0/24`, of 4 to 65,536 addresses.
    public init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let length = Int(parts[1]), (16...30).contains(length),
            let base = Self.number(parts[0]), base & (UInt32.max >> UInt32(length)) == 0
        else { return nil }
        first = base
        // Neither the block's own address nor its broadcast address.
        count = (1 << (32 - length)) - 2
        self.text = text
    }

    /// nil for a place beyond the block.
    public func address(_ index: Int) -> String? {
        guard (0..<count).contains(index) else { return nil }
        let number = first &+ UInt32(index) &+ 1
        return [24, 16, 8, 0].map { String(number >> UInt32($0) & 255) }.joined(separator: ".")
    }

    private static func number(_ text: Substring) -> UInt32? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var number: UInt32 = 0
        for part in parts {
            guard let byte = UInt8(part), String(byte) == part else { return nil }
            number = number << 8 | UInt32(byte)
        }
        return number
    }
}
