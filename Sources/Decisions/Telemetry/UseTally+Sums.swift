import Domain
import Identifiers

extension UseTally {
    mutating func add(
        _ use: TaskUse, _ growth: TaskMeter.Growth, _ task: UsedTask, _ number: Int, _ slot: Int64, _ share: Double,
        _ elapsed: Double
    ) {
        edit(number, slot) { key, sums in
            sums.time += share
            let cpu = use.total(\.cpu)
            let memory = use.total(\.memory)
            switch key {
            case .service, .instances:
                if let cpu { sums.cpu.add(used: cpu, reserved: Double(task.reserved.cpu.value), for: share) }
                if let memory {
                    sums.memory.add(used: memory, reserved: Double(task.reserved.memory.value), for: share)
                }
            case .insights(_, let dimensions):
                sums.add(.cpuUtilized, cpu, share)
                sums.add(.memoryUtilized, memory, share)
                sums.add(.cpuReserved, Double(task.reserved.cpu.value), share)
                sums.add(.memoryReserved, Double(task.reserved.memory.value), share)
                sums.add(.received, growth.received.map { $0 * 1000 / elapsed }, share)
                sums.add(.sent, growth.sent.map { $0 * 1000 / elapsed }, share)
                sums.add(.read, growth.read.map { $0 * Weighted.minute / elapsed }, share)
                sums.add(.written, growth.written.map { $0 * Weighted.minute / elapsed }, share)
                sums.add(.restarts, growth.restarts.map { $0 * Weighted.minute / elapsed }, share)
                guard task.insights == .enhanced, !dimensions.isEmpty else { return }
                sums.add(.taskCPU, Self.percent(cpu, of: task.reserved.cpu.value), share)
                sums.add(.taskMemory, Self.percent(memory, of: task.reserved.memory.value), share)
            case .container: return
            }
        }
    }

    mutating func add(_ container: ContainerUse, _ task: UsedTask, _ number: Int, _ slot: Int64, _ share: Double) {
        let reserved = task.containers[container.name] ?? task.reserved
        edit(number, slot) { _, sums in
            sums.add(.containerCPU, Self.percent(container.cpu, of: reserved.cpu.value), share)
            sums.add(.containerMemory, Self.percent(container.memory, of: reserved.memory.value), share)
        }
    }

    static func percent(_ used: Double?, of reserved: Int) -> Double? {
        guard let used, reserved > 0 else { return nil }
        return used / Double(reserved) * 100
    }

    static func samples(
        of key: UseGroup, _ sums: SlotSums, at time: Timestamp, _ capacity: (ClusterID) -> InstanceCapacity?
    ) -> [MetricSample] {
        let place = key.place
        func sample(_ name: String, _ unit: MetricUnit, _ set: StatisticSet?) -> MetricSample? {
            set.map {
                MetricSample(
                    metric: MetricID(
                        scope: place.scope, namespace: place.namespace, name: name, dimensions: place.dimensions),
                    time: time, unit: unit, statistics: $0)
            }
        }
        switch key {
        case .service:
            return [
                sample("CPUUtilization", .percent, sums.cpu.statistics),
                sample("MemoryUtilization", .percent, sums.memory.statistics),
            ].compactMap { $0 }
        case .instances(let cluster):
            guard let capacity = capacity(cluster) else { return [] }
            let registered = capacity.registered
            return [
                sample("CPUUtilization", .percent, sums.use(\.cpu, of: registered.cpu.value, capacity)),
                sample("MemoryUtilization", .percent, sums.use(\.memory, of: registered.memory.value, capacity)),
            ].compactMap { $0 }
        case .insights, .container:
            return InsightsMetric.allCases.compactMap { metric in
                sums.insights[metric].flatMap { sample(metric.rawValue, metric.unit, $0.statistics()) }
            }
        }
    }
}

extension SlotSums {
    fileprivate mutating func add(_ metric: InsightsMetric, _ value: Double?, _ share: Double) {
        guard let value else { return }
        insights[metric, default: Weighted()].add(Weighted.rounded(value), for: share)
    }

    /// What all running tasks use of what the instances have, when those that were told of are like the others. An instance
    /// counts once a minute.
    fileprivate func use(
        _ sums: KeyPath<SlotSums, ShareSums>, of registered: Int, _ capacity: InstanceCapacity
    ) -> StatisticSet? {
        guard registered > 0, capacity.runningTasks > 0,
            let average = self[keyPath: sums].averageUse
        else { return nil }
        let value = Weighted.rounded(average * Double(capacity.runningTasks) / Double(registered) * 100)
        let told = time / Double(capacity.runningTasks)
        let count = Double(capacity.instances) * told / Weighted.minute
        return StatisticSet(count: count, sum: value * count, minimum: value, maximum: value)
    }
}

extension TaskUse {
    /// Of all containers; nil when it was measured of none.
    fileprivate func total(_ member: KeyPath<ContainerUse, Double?>) -> Double? {
        let values = containers.compactMap { $0[keyPath: member] }
        return values.isEmpty ? nil : values.reduce(0, +)
    }
}
