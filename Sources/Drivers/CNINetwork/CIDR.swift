/// An IPv4 block such as `10.99.3.0/24`: the address of its network and the length of its prefix.
public struct CIDR: Hashable, Sendable, CustomStringConvertible {
    /// The network's address, host bits zero.
    public let network: UInt32
    /// 0 to 32.
    public let prefix: Int

    /// Reads `a.b.c.d/n`, or a lone address as `/32`. Host bits are cleared; nil for anything else.
    public init?(_ text: String) {
        let halves = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = halves.first, let address = CIDR.address(first) else { return nil }
        var length = 32
        if halves.count == 2 {
            guard let number = Int(halves[1]), (0...32).contains(number) else { return nil }
            length = number
        }
        prefix = length
        network = address & CIDR.mask(length)
    }

    public var description: String { "\(CIDR.text(network))/\(prefix)" }

    /// The first address after the network's own, which Berth gives to the bridge; nil where the block has no room.
    public var gateway: String? { prefix <= 30 ? CIDR.text(network | 1) : nil }

    /// Whether every address of `other` lies in this block.
    public func contains(_ other: CIDR) -> Bool {
        prefix <= other.prefix && other.network & CIDR.mask(prefix) == network
    }

    /// Whether any address lies in both.
    public func overlaps(_ other: CIDR) -> Bool { contains(other) || other.contains(self) }

    /// The 32 bits of a dotted address; nil for anything else.
    static func address(_ text: Substring) -> UInt32? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var address: UInt32 = 0
        for part in parts {
            guard part.utf8.count <= 3, part.utf8.allSatisfy({ (48...57).contains($0) }), let byte = UInt8(part) else {
                return nil
            }
            address = address << 8 | UInt32(byte)
        }
        return address
    }

    private static func mask(_ prefix: Int) -> UInt32 { prefix == 0 ? 0 : ~UInt32(0) << UInt32(32 - prefix) }

    private static func text(_ address: UInt32) -> String {
        [24, 16, 8, 0].map { String(address >> UInt32($0) & 0xff) }.joined(separator: ".")
    }
}
