public import Identifiers

/// What work takes of processor, memory and hosts.
///
/// As a rate it is what is taken at one moment; as an amount it is a rate times milliseconds. Whole numbers, so that sums
/// are exact.
public struct UsageAmount: Hashable, Codable, Sendable {
    /// CPU units reserved; 1,024 are one vCPU.
    public var cpu: Int64 = 0
    /// MiB reserved.
    public var memory: Int64 = 0
    /// GiB of ephemeral storage beyond the 20 that cost nothing on Fargate.
    public var storage: Int64 = 0
    /// CPU units of the smallest Fargate size that holds the work.
    public var fargateCPU: Int64 = 0
    /// MiB of that size.
    public var fargateMemory: Int64 = 0
    /// Millionths of the host that it runs on: the larger of its shares of processor and memory.
    public var host: Int64 = 0

    public init() {}

    public static let zero = UsageAmount()

    public static func + (lhs: UsageAmount, rhs: UsageAmount) -> UsageAmount {
        lhs.combined(rhs) { $0.addingReportingOverflow($1) }
    }

    public static func - (lhs: UsageAmount, rhs: UsageAmount) -> UsageAmount {
        lhs.combined(rhs) { $0.subtractingReportingOverflow($1) }
    }

    public static func += (lhs: inout UsageAmount, rhs: UsageAmount) { lhs = lhs + rhs }

    /// The amount that this rate gives in a time.
    public func over(milliseconds: Int64) -> UsageAmount {
        combined(self) { value, _ in value.multipliedReportingOverflow(by: milliseconds) }
    }

    /// Kept at the limit of what 63 bits hold: 300,000 years of the largest Fargate task.
    private func combined(
        _ other: UsageAmount, _ operation: (Int64, Int64) -> (partialValue: Int64, overflow: Bool)
    ) -> UsageAmount {
        func clamped(_ lhs: Int64, _ rhs: Int64) -> Int64 {
            let result = operation(lhs, rhs)
            return result.overflow ? .max : result.partialValue
        }
        var amount = UsageAmount()
        amount.cpu = clamped(cpu, other.cpu)
        amount.memory = clamped(memory, other.memory)
        amount.storage = clamped(storage, other.storage)
        amount.fargateCPU = clamped(fargateCPU, other.fargateCPU)
        amount.fargateMemory = clamped(fargateMemory, other.fargateMemory)
        amount.host = clamped(host, other.host)
        return amount
    }
}

/// Kinds of capacity that have prices of their own.
public enum UsageCapacity: String, Comparable, Codable, Sendable {
    case ec2 = "EC2"
    case external = "EXTERNAL"
    case fargate = "FARGATE"
    case fargateSpot = "FARGATE_SPOT"

    public static func < (lhs: UsageCapacity, rhs: UsageCapacity) -> Bool { lhs.rawValue < rhs.rawValue }
}

public enum ProcessorArchitecture: String, Comparable, Codable, Sendable {
    case arm64 = "ARM64"
    case x86 = "X86_64"

    public static func < (lhs: ProcessorArchitecture, rhs: ProcessorArchitecture) -> Bool {
        lhs.rawValue < rhs.rawValue
    }
}

/// Whose usage it is.
public struct UsageOwner: Hashable, Comparable, Codable, Sendable {
    public enum Kind: String, Codable, Sendable {
        case daemon
        /// Tasks that belong to no service and no daemon, by the family of their definition.
        case family
        /// The hosts themselves, by capacity provider or launch type; managed ones are `FARGATE`.
        case hosts
        case service
    }

    public var kind: Kind
    public var name: String

    public init(_ kind: Kind, _ name: String) {
        self.kind = kind
        self.name = name
    }

    public static func < (lhs: UsageOwner, rhs: UsageOwner) -> Bool {
        (lhs.kind.rawValue, lhs.name) < (rhs.kind.rawValue, rhs.name)
    }
}

/// Usage that is added up together: what has one owner, one price and one processor.
public struct UsageGroup: Hashable, Comparable, Codable, Sendable {
    /// `berth:managed` for managed hosts.
    public var cluster: ClusterID
    public var owner: UsageOwner
    public var capacity: UsageCapacity
    public var architecture: ProcessorArchitecture

    public init(
        cluster: ClusterID, owner: UsageOwner, capacity: UsageCapacity, architecture: ProcessorArchitecture
    ) {
        self.cluster = cluster
        self.owner = owner
        self.capacity = capacity
        self.architecture = architecture
    }

    public static func < (lhs: UsageGroup, rhs: UsageGroup) -> Bool {
        (lhs.cluster, lhs.owner, lhs.capacity, lhs.architecture)
            < (rhs.cluster, rhs.owner, rhs.capacity, rhs.architecture)
    }
}

/// Whole hours of the wall clock, counted from 1970 in UTC.
public struct UsagePeriod: Hashable, Comparable, Codable, Sendable {
    public var start: Int64
    /// How many: 1, or 24 for a day.
    public var hours: Int64

    public init(start: Int64, hours: Int64 = 1) {
        self.start = start
        self.hours = hours
    }

    /// The first hour behind it.
    public var end: Int64 { start &+ hours }

    public static func < (lhs: UsagePeriod, rhs: UsagePeriod) -> Bool {
        (lhs.start, lhs.hours) < (rhs.start, rhs.hours)
    }
}

/// What is counted of one task or host.
public struct MeteredUsage: Hashable, Codable, Sendable {
    public var group: UsageGroup
    public var rate: UsageAmount
    public var from: Timestamp
    public var until: Timestamp

    public init(group: UsageGroup, rate: UsageAmount, from: Timestamp, until: Timestamp) {
        self.group = group
        self.rate = rate
        self.from = from
        self.until = until
    }

    public var amount: UsageAmount { rate.over(milliseconds: until.milliseconds &- from.milliseconds) }
}

/// Names one record of usage.
public struct UsageID: Hashable, Comparable, Codable, Sendable {
    public var group: UsageGroup
    public var period: UsagePeriod

    public init(group: UsageGroup, period: UsagePeriod) {
        self.group = group
        self.period = period
    }

    public static func < (lhs: UsageID, rhs: UsageID) -> Bool { (lhs.group, lhs.period) < (rhs.group, rhs.period) }
}

/// What began and ended in one period, of one group.
///
/// Usage itself is not written down for each hour that it lasts, but where its rate changes: so a task costs two records,
/// however long it ran. Written with what is counted, in the same transaction; retention makes days of old hours.
public struct UsageRecord: Hashable, Codable, Sendable {
    public var id: UsageID
    /// By how much the group's rate is higher after the period than before it.
    public var rate: UsageAmount = .zero
    /// What the changes give, each from its moment to the end of the period.
    public var amount: UsageAmount = .zero
    /// Tasks or hosts that began in the period.
    public var begun: Int64 = 0

    public init(id: UsageID) { self.id = id }

    public var isEmpty: Bool { rate == .zero && amount == .zero && begun == 0 }
}
