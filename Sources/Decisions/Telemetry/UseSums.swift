import Domain

/// Values with how long each held.
struct Weighted: Sendable {
    /// Milliseconds of all.
    private(set) var time = 0.0
    private(set) var sum = 0.0
    private var minimum = Double.infinity
    private var maximum = -Double.infinity
    private var distribution = ValueDistribution()

    mutating func add(_ value: Double, for milliseconds: Double) {
        guard value.isFinite, milliseconds > 0 else { return }
        time += milliseconds
        sum += value * milliseconds
        minimum = min(minimum, value)
        maximum = max(maximum, value)
        distribution.add(value, weight: milliseconds)
    }

    /// What is told of them: a value that held for a minute counts once.
    /// - Parameter average: in place of that of the values.
    func statistics(average: Double? = nil) -> StatisticSet? {
        guard time > 0 else { return nil }
        let count = time / Weighted.minute
        // What is summed up has the digits of its parts: more only take room.
        let mean = Weighted.rounded(min(max(average ?? sum / time, minimum), maximum))
        var set = StatisticSet(count: count, sum: mean * count, minimum: minimum, maximum: maximum)
        if minimum < maximum {
            set.distribution = ValueDistribution(
                distribution.parts.map { .init(bucket: $0.bucket, weight: $0.weight / Weighted.minute) })
        }
        return set
    }

    static let minute = 60_000.0

    /// To 4 decimal places.
    static func rounded(_ value: Double) -> Double {
        let scaled = (value * 10_000).rounded()
        return scaled.magnitude < 1e15 ? scaled / 10_000 : value
    }
}

/// What a service's tasks, or a cluster's, used of what they reserve.
struct ShareSums: Sendable {
    private var used = 0.0
    private var reserved = 0.0
    private var time = 0.0
    private var shares = Weighted()

    /// - Parameter reserved: 0 where the task reserves none: then it has no share.
    mutating func add(used: Double, reserved: Double, for milliseconds: Double) {
        time += milliseconds
        self.used += used * milliseconds
        self.reserved += reserved * milliseconds
        guard reserved > 0 else { return }
        shares.add(Weighted.rounded(used / reserved * 100), for: milliseconds)
    }

    /// In percent: all that is used of all that is reserved, with the spread of the tasks; nil without a reservation.
    var statistics: StatisticSet? { reserved > 0 ? shares.statistics(average: used / reserved * 100) : nil }

    /// What a task used on average; nil when none was told of.
    var averageUse: Double? { time > 0 ? used / time : nil }
}

/// What is told of one group in one slot.
struct SlotSums: Sendable {
    /// Milliseconds of tasks that were told of.
    var time = 0.0
    var cpu = ShareSums()
    var memory = ShareSums()
    var insights: [InsightsMetric: Weighted] = [:]
}

/// Metrics of ECS/ContainerInsights that come from use.
enum InsightsMetric: String, CaseIterable, Sendable {
    case cpuUtilized = "CpuUtilized"
    case cpuReserved = "CpuReserved"
    case memoryUtilized = "MemoryUtilized"
    case memoryReserved = "MemoryReserved"
    case received = "NetworkRxBytes"
    case sent = "NetworkTxBytes"
    case read = "StorageReadBytes"
    case written = "StorageWriteBytes"
    case restarts = "RestartCount"
    case taskCPU = "TaskCpuUtilization"
    case taskMemory = "TaskMemoryUtilization"
    case containerCPU = "ContainerCpuUtilization"
    case containerMemory = "ContainerMemoryUtilization"

    var unit: MetricUnit {
        switch self {
        case .cpuUtilized, .cpuReserved: .none
        case .memoryUtilized, .memoryReserved: .megabytes
        case .received, .sent: .bytesPerSecond
        case .read, .written: .bytes
        case .restarts: .count
        case .taskCPU, .taskMemory, .containerCPU, .containerMemory: .percent
        }
    }
}
