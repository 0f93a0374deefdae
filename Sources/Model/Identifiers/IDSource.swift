/// Where ids and random numbers come from: the system's generator in a server, a seed in tests and simulations.
public protocol IDSource: Sendable {
    /// The next 64 random bits.
    func bits() -> UInt64
}

extension IDSource {
    /// 32 lowercase hexadecimal digits, as task and container instance ids are written.
    public func hexID() -> String { String(decoding: hex(bits()) + hex(bits()), as: UTF8.self) }

    /// A random UUID (version 4), lowercase.
    public func uuid() -> String {
        let high = (bits() & 0xFFFF_FFFF_FFFF_0FFF) | 0x4000
        let low = (bits() & 0x3FFF_FFFF_FFFF_FFFF) | 0x8000_0000_0000_0000
        var text: [UInt8] = []
        for (position, digit) in (hex(high) + hex(low)).enumerated() {
            if [8, 12, 16, 20].contains(position) { text.append(UInt8(ascii: "-")) }
            text.append(digit)
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// `ecs-svc/` and 19 decimal digits, the first not 0.
    public func deploymentID() -> DeploymentID { DeploymentID(rawValue: "ecs-svc/\(decimalID())") }

    /// 19 decimal digits, the first not 0, as revisions of services and daemons are numbered.
    public func decimalID() -> String { String(1_000_000_000_000_000_000 + bits() % 8_223_372_036_854_775_807) }

    /// 21 characters of the URL-safe base64 alphabet, as deployments of services and daemons are named.
    public func shortID() -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
        var text = ""
        var bits: UInt64 = 0
        for position in 0..<21 {
            // Ten characters of six bits each come out of 64.
            if position % 10 == 0 { bits = self.bits() }
            text.append(alphabet[Int(bits & 63)])
            bits >>= 6
        }
        return text
    }

    /// Sixteen lowercase hexadecimal digits.
    private func hex(_ value: UInt64) -> [UInt8] {
        stride(from: 60, through: 0, by: -4).map { shift in
            let digit = UInt8(value >> UInt64(shift) & 15)
            return digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
        }
    }
}

/// Random numbers from a seed (SplitMix64): equal seeds give equal numbers in every process.
public struct SeededGenerator: RandomNumberGenerator, Sendable {
    private var state: UInt64

    public init(seed: UInt64) { state = seed }

    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
