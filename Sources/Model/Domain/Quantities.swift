/// An amount of memory in mebibytes.
public struct MemoryMiB: Hashable, Comparable, Codable, Sendable {
    public var value: Int

    public init(_ value: Int) { self.value = value }

    public init(from decoder: any Decoder) throws { value = try decoder.singleValueContainer().decode(Int.self) }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(value)
    }

    /// Clamped to what 63 bits hold.
    public var bytes: Int64 {
        let (bytes, overflow) = Int64(value).multipliedReportingOverflow(by: 1_048_576)
        return overflow ? .max : bytes
    }

    public static func < (lhs: MemoryMiB, rhs: MemoryMiB) -> Bool { lhs.value < rhs.value }
}

/// An amount of processor in ECS CPU units: 1,024 are one vCPU.
public struct CPUUnits: Hashable, Comparable, Codable, Sendable {
    public var value: Int

    public init(_ value: Int) { self.value = value }

    public init(from decoder: any Decoder) throws { value = try decoder.singleValueContainer().decode(Int.self) }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(value)
    }

    public static func < (lhs: CPUUnits, rhs: CPUUnits) -> Bool { lhs.value < rhs.value }
}

/// Processor and memory together: what a host has, or what a task takes.
public struct Resources: Hashable, Codable, Sendable {
    public var cpu: CPUUnits
    public var memory: MemoryMiB

    public init(cpu: CPUUnits, memory: MemoryMiB) {
        self.cpu = cpu
        self.memory = memory
    }

    public static let zero = Resources(cpu: CPUUnits(0), memory: MemoryMiB(0))
}

/// A port of a transport protocol.
public struct Port: Hashable, Comparable, Codable, Sendable {
    public enum Transport: String, Codable, Sendable { case tcp, udp }

    /// 0 to 65,535.
    public var number: Int
    public var transport: Transport

    public init(_ number: Int, _ transport: Transport = .tcp) {
        self.number = number
        self.transport = transport
    }

    public static func < (lhs: Port, rhs: Port) -> Bool {
        (lhs.number, lhs.transport.rawValue) < (rhs.number, rhs.transport.rawValue)
    }
}
