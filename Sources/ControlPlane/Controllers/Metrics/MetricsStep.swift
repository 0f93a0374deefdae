import Domain
import Identifiers
import Placement
import StateStore
import Telemetry

/// What is told of clusters, services, tasks and load balancers, second by second.
struct MetricsStep: Sendable {
    /// Seconds between two accounts of how many there are of what.
    private static let gaugesEvery: Int64 = 5
    /// Seconds between two looks at capacity providers, which is how often ECS tells of them.
    private static let capacityEvery: Int64 = 60

    private var tally = StateTally()
    private var use = UseTally()
    private var traffic: TrafficTally
    private var gaugesAt: Int64?
    private var capacityAt: Int64?

    init(mark: TrafficMark?) { traffic = TrafficTally(mark: mark) }

    /// How far the counters of traffic are told.
    var mark: TrafficMark { traffic.mark }

    // MARK: Changes of records

    /// Counts anew. What was told of use stays: it comes from agents, whatever is missing of the changes.
    mutating func begin(with state: StateSnapshot) {
        let known = tally.clusters.mapValues(\.insights)
        tally = StateTally()
        for (_, cluster) in state.clusters.values() { _ = tally.change(nil, cluster) }
        for (_, instance) in state.instances.values() { tally.change(nil, instance) }
        for (_, service) in state.services.values() { tally.change(nil, service) }
        for (_, task) in state.tasks.values() { tally.change(nil, task) }
        for id in Set(known.keys).union(tally.clusters.keys)
        where known[id] ?? .disabled != tally.clusters[id]?.insights ?? .disabled {
            use.forget(id)
        }
    }

    mutating func apply(_ changes: [Change]) {
        for change in changes {
            switch change.key {
            case .cluster(let id):
                if tally.change(change.before?.clusterRecord, change.after?.clusterRecord) { use.forget(id) }
            case .instance: tally.change(change.before?.instanceRecord, change.after?.instanceRecord)
            case .service: tally.change(change.before?.serviceRecord, change.after?.serviceRecord)
            case .task: tally.change(change.before?.taskRecord, change.after?.taskRecord)
            default: continue
            }
        }
    }

    // MARK: Time

    /// - Parameters:
    ///   - uses: what agents told since the call before.
    ///   - seen: traffic, when something new was seen of it.
    ///   - state: where a task is looked up once.
    mutating func tick(
        now: Timestamp, uses: [TaskUse], seen: TrafficSeen?, state: StateSnapshot
    ) -> [MetricSample] {
        let tally = tally
        for each in uses {
            use.take(each) {
                state.tasks[each.task].map { task in
                    UsedTask(
                        task, state.taskDefinitions[task.definition]?.definition,
                        insights: tally.clusters[task.id.cluster]?.insights ?? .disabled)
                }
            }
        }
        var samples = use.samples(now: now) { tally.capacity(of: $0) }
        if let seen { samples += traffic.samples(of: seen) }
        if Self.isDue(&gaugesAt, every: Self.gaugesEvery, now) { samples += tally.samples(at: now) }
        if Self.isDue(&capacityAt, every: Self.capacityEvery, now) { samples += Self.reservations(state, at: now) }
        return samples
    }

    /// Whether a span of so many seconds began since the call before.
    private static func isDue(_ last: inout Int64?, every seconds: Int64, _ now: Timestamp) -> Bool {
        let span = now.milliseconds / 1000 / seconds
        guard last != span else { return false }
        last = span
        return true
    }

    private static func reservations(_ state: StateSnapshot, at now: Timestamp) -> [MetricSample] {
        var samples: [MetricSample] = []
        for (id, cluster) in state.clusters.values() where cluster.status == .active {
            for name in cluster.capacityProviders {
                let provider = CapacityProviderID(scope: id.scope, name: name)
                guard let scaling = state.capacityProviders[provider]?.managedScaling, scaling.isEnabled else {
                    continue
                }
                let hosts = state.instances(in: id).filter { $0.capacityProvider == name }
                let waiting = state.unplacedTasks.ascending().compactMap { state.tasks[$0.id] }
                    .filter { $0.id.cluster == id && $0.capacityProvider == name }
                let value = CapacityNeed.reservation(
                    of: provider, in: id, waiting: waiting,
                    hosts: hosts.map { (record: $0, tasks: Array(state.liveTasks(on: $0.id))) }, scaling: scaling)
                let dimensions = [
                    KeyValue(key: "ClusterName", value: id.name), KeyValue(key: "CapacityProviderName", value: name),
                ]
                samples.append(
                    MetricSample(
                        metric: MetricID(
                            scope: id.scope, namespace: "AWS/ECS/ManagedScaling", name: "CapacityProviderReservation",
                            dimensions: dimensions), time: now, unit: .percent, statistics: StatisticSet(value)))
            }
        }
        return samples
    }
}

extension Record {
    fileprivate var clusterRecord: ClusterRecord? { if case .cluster(let record) = self { record } else { nil } }
    fileprivate var instanceRecord: ContainerInstanceRecord? {
        if case .instance(let record) = self { record } else { nil }
    }
    fileprivate var serviceRecord: ServiceRecord? { if case .service(let record) = self { record } else { nil } }
    fileprivate var taskRecord: TaskRecord? { if case .task(let record) = self { record } else { nil } }
}
