import AgentWire
import Identifiers
import TaskRuntime

/// What a container used over several samples.
struct ContainerUsage: Sendable {
    /// 100 is one full core.
    private(set) var cpuPercent = StatsSet()
    private(set) var memoryMiB = StatsSet()
    /// The counters as they were last.
    private var newest: ContainerStatistics

    fileprivate init(_ sample: ContainerStatistics) { newest = sample }

    fileprivate mutating func add(_ sample: ContainerStatistics, cpuPercent percent: Double) {
        cpuPercent.add(percent)
        memoryMiB.add(Double(sample.memoryBytes) / 1_048_576)
        newest = sample
    }

    /// Since the container started; nil where nothing is counted.
    var storage: StorageStatsSet? {
        guard newest.readBytes != nil || newest.writtenBytes != nil else { return nil }
        var set = StorageStatsSet()
        set.readSizeBytes = newest.readBytes.map(CounterStatsSet.init(counter:))
        set.writeSizeBytes = newest.writtenBytes.map(CounterStatsSet.init(counter:))
        return set
    }

    /// Of its whole task, since that started; nil where nothing is counted.
    var network: NetworkStatsSet? {
        guard newest.receivedBytes != nil || newest.sentBytes != nil else { return nil }
        var set = NetworkStatsSet()
        set.rxBytes = newest.receivedBytes.map(CounterStatsSet.init(counter:))
        set.txBytes = newest.sentBytes.map(CounterStatsSet.init(counter:))
        return set
    }
}

/// Gathers samples of the runtime's counters until they are told.
struct UsageWindow: Sendable {
    private var last: [String: (cpu: UInt64, at: Instant)] = [:]
    private var gathered: [String: ContainerUsage] = [:]

    /// Takes in what the running containers' counters say; a container's first sample only begins its count.
    mutating func add(_ statistics: [String: ContainerStatistics], now: Instant) {
        for (id, sample) in statistics {
            if let before = last[id], sample.cpuNanoseconds >= before.cpu {
                let elapsed = max(1, now.since(before.at).nanoseconds)
                let share = Double(sample.cpuNanoseconds - before.cpu) / Double(elapsed)
                gathered[id, default: ContainerUsage(sample)].add(sample, cpuPercent: share * 100)
            }
            last[id] = (sample.cpuNanoseconds, now)
        }
        last = last.filter { statistics[$0.key] != nil }
    }

    /// What was gathered since the call before.
    mutating func take() -> [String: ContainerUsage] {
        defer { gathered = [:] }
        return gathered
    }
}

extension StatsSet {
    fileprivate mutating func add(_ value: Double) {
        min = Swift.min(min ?? value, value)
        max = Swift.max(max ?? value, value)
        sum = (sum ?? 0) + value
        sampleCount = (sampleCount ?? 0) + 1
    }
}

extension CounterStatsSet {
    /// One reading of a counter.
    fileprivate init(counter: UInt64) {
        let value = Int64(clamping: counter)
        self.init()
        min = value
        max = value
        sum = value
        sampleCount = 1
    }
}
