public import Domain
public import Identifiers
import TaskLifecycle

/// Counts of clusters and services, kept up with each change of a record: nothing is counted anew.
public struct StateTally: Sendable {
    public struct Service: Hashable, Sendable {
        public var running = 0
        public var pending = 0
        public var desired = 0
        public var deployments = 0
        public var taskSets = 0
        /// Whether the service is there, and not only tasks of it.
        public var isActive = false
    }

    public struct Cluster: Hashable, Sendable {
        public var services = 0
        /// Tasks that run, and those that are on their way there.
        public var running = 0
        public var pending = 0
        /// Container instances, and what those have together.
        public var instances = 0
        public var registered = Resources.zero
        /// Of tasks that run on container instances.
        public var runningOnInstances = 0
        public var reserved = Resources.zero
        public var insights = ContainerInsights.disabled
    }

    public private(set) var services: [ServiceID: Service] = [:]
    public private(set) var clusters: [ClusterID: Cluster] = [:]

    public init() {}

    // MARK: Changes

    public mutating func change(_ before: TaskRecord?, _ after: TaskRecord?) {
        if let before { count(before, -1) }
        if let after { count(after, 1) }
        for task in [before, after].compactMap({ $0 }) { tidy(task.id.cluster, task.service) }
    }

    public mutating func change(_ before: ServiceRecord?, _ after: ServiceRecord?) {
        guard let id = (after ?? before)?.id else { return }
        let wasActive = services[id]?.isActive ?? false
        services[id, default: Service()].take(after)
        let isActive = services[id]?.isActive ?? false
        if wasActive != isActive { clusters[id.cluster, default: Cluster()].services += isActive ? 1 : -1 }
        tidy(id.cluster, id)
    }

    public mutating func change(_ before: ContainerInstanceRecord?, _ after: ContainerInstanceRecord?) {
        if let before { count(before, -1) }
        if let after { count(after, 1) }
        for cluster in [before, after].compactMap({ $0?.cluster }) { tidy(cluster, nil) }
    }

    /// - Returns: whether another amount is told of its tasks now.
    public mutating func change(_ before: ClusterRecord?, _ after: ClusterRecord?) -> Bool {
        guard let id = (after ?? before)?.id else { return false }
        let insights = after?.status == .active ? ContainerInsights(after) : .disabled
        let was = clusters[id]?.insights ?? .disabled
        clusters[id, default: Cluster()].insights = insights
        tidy(id, nil)
        return was != insights
    }

    private mutating func count(_ task: TaskRecord, _ step: Int) {
        let counts = TaskCounts([task])
        guard counts.running + counts.pending > 0 else { return }
        clusters[task.id.cluster, default: Cluster()].count(task, counts, step)
        guard let service = task.service else { return }
        services[service, default: Service()].running += counts.running * step
        services[service, default: Service()].pending += counts.pending * step
    }

    /// Instances that are deregistered are none; those that drain are.
    private mutating func count(_ instance: ContainerInstanceRecord, _ step: Int) {
        guard let cluster = instance.cluster, instance.status != .inactive else { return }
        clusters[cluster, default: Cluster()].instances += step
        clusters[cluster, default: Cluster()].registered.add(instance.resources, step)
    }

    private mutating func tidy(_ cluster: ClusterID, _ service: ServiceID?) {
        if let service, services[service] == Service() { services[service] = nil }
        if clusters[cluster] == Cluster() { clusters[cluster] = nil }
    }

    /// nil for a cluster without container instances.
    public func capacity(of cluster: ClusterID) -> InstanceCapacity? {
        guard let one = clusters[cluster], one.instances > 0 else { return nil }
        return InstanceCapacity(
            registered: one.registered, instances: one.instances, runningTasks: one.runningOnInstances)
    }
}

extension StateTally.Service {
    fileprivate mutating func take(_ record: ServiceRecord?) {
        isActive = record.map { $0.status != .inactive } ?? false
        desired = isActive ? record?.desiredCount ?? 0 : 0
        deployments = isActive ? record?.deployments.count ?? 0 : 0
        taskSets = isActive ? record?.taskSets.count ?? 0 : 0
    }
}

extension StateTally.Cluster {
    fileprivate mutating func count(_ task: TaskRecord, _ counts: TaskCounts, _ step: Int) {
        running += counts.running * step
        pending += counts.pending * step
        guard counts.running > 0, !task.launchType.isManaged else { return }
        runningOnInstances += step
        reserved.add(task.reservation, step)
    }
}

extension Resources {
    /// Wraps round, so that taking away what was added always gives what was there.
    fileprivate mutating func add(_ other: Resources, _ step: Int) {
        cpu = CPUUnits(cpu.value &+ other.cpu.value &* step)
        memory = MemoryMiB(memory.value &+ other.memory.value &* step)
    }
}
