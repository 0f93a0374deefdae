/// How the containers of one task use their host.
public struct TaskMetric: WireShape {
    public var taskArn: String?
    public var clusterArn: String?
    public var taskDefinitionFamily: String?
    public var taskDefinitionVersion: String?
    public var containerMetrics: [ContainerMetric] = []

    public init() {}

    public static let members: [Member<TaskMetric>] = [
        .optional("taskArn", \.taskArn),
        .optional("clusterArn", \.clusterArn),
        .optional("taskDefinitionFamily", \.taskDefinitionFamily),
        .optional("taskDefinitionVersion", \.taskDefinitionVersion),
        .always("containerMetrics", \.containerMetrics),
    ]
}

/// How one container uses its host.
public struct ContainerMetric: WireShape {
    public var containerArn: String?
    public var containerName: String?
    /// 100 is one full core.
    public var cpuStatsSet: StatsSet?
    /// MiB.
    public var memoryStatsSet: StatsSet?
    public var networkStatsSet: NetworkStatsSet?
    public var storageStatsSet: StorageStatsSet?
    public var restartStatsSet: RestartStatsSet?

    public init() {}

    public static let members: [Member<ContainerMetric>] = [
        .optional("containerArn", \.containerArn),
        .optional("containerName", \.containerName),
        .optional("cpuStatsSet", \.cpuStatsSet),
        .optional("memoryStatsSet", \.memoryStatsSet),
        .optional("networkStatsSet", \.networkStatsSet),
        .optional("storageStatsSet", \.storageStatsSet),
        .optional("restartStatsSet", \.restartStatsSet),
    ]
}

/// A summary of the samples of one interval.
public struct StatsSet: WireShape {
    public var min: Double?
    public var max: Double?
    public var sampleCount: Int64?
    public var sum: Double?

    public init() {}

    public static let members: [Member<StatsSet>] = [
        .optional("min", \.min),
        .optional("max", \.max),
        .optional("sampleCount", \.sampleCount),
        .optional("sum", \.sum),
    ]
}

/// A summary of unsigned samples; the overflow members carry what a signed 64-bit number cannot hold.
public struct CounterStatsSet: WireShape {
    public var min: Int64?
    public var max: Int64?
    public var sampleCount: Int64?
    public var sum: Int64?
    public var overflowMin: Int64?
    public var overflowMax: Int64?
    public var overflowSum: Int64?

    public init() {}

    public static let members: [Member<CounterStatsSet>] = [
        .optional("min", \.min),
        .optional("max", \.max),
        .optional("sampleCount", \.sampleCount),
        .optional("sum", \.sum),
        .optional("overflowMin", \.overflowMin),
        .optional("overflowMax", \.overflowMax),
        .optional("overflowSum", \.overflowSum),
    ]
}

/// What a container received and sent.
public struct NetworkStatsSet: WireShape {
    public var rxBytesPerSecond: StatsSet?
    public var txBytesPerSecond: StatsSet?
    public var rxBytes: CounterStatsSet?
    public var rxDropped: CounterStatsSet?
    public var rxErrors: CounterStatsSet?
    public var rxPackets: CounterStatsSet?
    public var txBytes: CounterStatsSet?
    public var txDropped: CounterStatsSet?
    public var txErrors: CounterStatsSet?
    public var txPackets: CounterStatsSet?

    public init() {}

    public static let members: [Member<NetworkStatsSet>] = [
        .optional("rxBytesPerSecond", \.rxBytesPerSecond),
        .optional("txBytesPerSecond", \.txBytesPerSecond),
        .optional("rxBytes", \.rxBytes),
        .optional("rxDropped", \.rxDropped),
        .optional("rxErrors", \.rxErrors),
        .optional("rxPackets", \.rxPackets),
        .optional("txBytes", \.txBytes),
        .optional("txDropped", \.txDropped),
        .optional("txErrors", \.txErrors),
        .optional("txPackets", \.txPackets),
    ]
}

/// What a container read from and wrote to disks.
public struct StorageStatsSet: WireShape {
    public var readSizeBytes: CounterStatsSet?
    public var writeSizeBytes: CounterStatsSet?

    public init() {}

    public static let members: [Member<StorageStatsSet>] = [
        .optional("readSizeBytes", \.readSizeBytes),
        .optional("writeSizeBytes", \.writeSizeBytes),
    ]
}

/// How often a container was started again in place.
public struct RestartStatsSet: WireShape {
    public var restartCount: Int64?

    public init() {}

    public static let members: [Member<RestartStatsSet>] = [.optional("restartCount", \.restartCount)]
}
