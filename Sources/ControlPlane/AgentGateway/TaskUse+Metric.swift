import AgentWire
import Domain
import Identifiers

extension TaskUse {
    init(_ metric: TaskMetric, of task: TaskID, at now: Timestamp) {
        let seconds = metric.containerMetrics.lazy.compactMap { $0.cpuStatsSet?.sampleCount }.max() ?? 0
        self.init(
            task: task, at: now, seconds: Int(clamping: seconds),
            containers: metric.containerMetrics.compactMap { ContainerUse($0) })
    }
}

extension ContainerUse {
    /// nil for a container without a name.
    fileprivate init?(_ metric: ContainerMetric) {
        guard let name = metric.containerName else { return nil }
        self.init(name: name)
        // Agents tell percent of a core.
        cpu = metric.cpuStatsSet?.average.map { $0 * 10.24 }
        memory = metric.memoryStatsSet?.average
        received = metric.networkStatsSet?.rxBytes?.newest
        sent = metric.networkStatsSet?.txBytes?.newest
        read = metric.storageStatsSet?.readSizeBytes?.newest
        written = metric.storageStatsSet?.writeSizeBytes?.newest
        restarts = metric.restartStatsSet?.restartCount.map { Int(clamping: $0) }
    }
}

extension StatsSet {
    /// nil for what are no numbers, which an agent may well send.
    fileprivate var average: Double? {
        guard let sum, let sampleCount, sampleCount > 0, sum.isFinite, sum >= 0 else { return nil }
        return sum / Double(sampleCount)
    }
}

extension CounterStatsSet {
    /// The counter as it was last, for it only grows.
    fileprivate var newest: Int? { max.map { Int(clamping: $0) } }
}
