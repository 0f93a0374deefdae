import AWSWire
import Domain
import ECSShapes
import Identifiers
import Placement
import StateStore

/// Gives hosts to tasks that a caller starts by hand, before the answer.
struct TaskPlacing {
    /// Most tasks without a host in a cluster: ECS's own limit.
    static let waitingLimit = 500

    let cluster: ClusterRecord
    let state: StateSnapshot
    let presence: HostPresence

    /// Places as many tasks as fit. Of the others those stay whose provider's capacity may grow; the rest is dropped.
    ///
    /// - Returns: why tasks were dropped.
    /// - Throws: `InvalidParameterException` when there is no host at all; `ClientException` when too many tasks wait.
    func place(
        _ tasks: inout [TaskRecord], on pool: [ContainerInstanceRecord], random seed: UInt64, now: Timestamp
    ) throws(APIFault) -> [ECSShapes.Failure] {
        guard let sample = tasks.first else { return [] }
        let hosts = pool.filter { $0.status != .inactive }
        let claims = state.daemonClaims(in: sample.launchType.isManaged ? nil : cluster.id)
        var snapshot = PlacementSnapshot(
            hosts: hosts.map {
                var host = PlacementHost(
                    record: $0, isConnected: presence.isConnected($0.id), tasks: state.tasks(on: $0.id))
                claims.keepRoom(on: &host)
                return host
            })
        if !sample.launchType.isManaged, !tasks.contains(where: { snapshot.hasHosts(for: $0) || mayWait($0) }) {
            throw .invalidParameter(PlacementFailure.noHosts(of: sample.capacityProvider))
        }
        var random = SeededGenerator(seed: seed)
        let plan = snapshot.plan(tasks, using: &random)
        let hostOf = Dictionary(plan.placements.map { ($0.task, $0.instance) }, uniquingKeysWith: { first, _ in first })
        let rejected = tasks.filter { hostOf[$0.id] == nil && !mayWait($0) }
        tasks = tasks.compactMap { task in
            guard let host = hostOf[task.id] else { return mayWait(task) ? task : nil }
            var placed = task
            placed.placement = TaskPlacement(instance: host, placedAt: now)
            return placed
        }
        try checkWaiting(tasks.count { $0.placement == nil })
        // Tasks of one provider are alike, and so are their failures.
        return Dictionary(grouping: rejected, by: \.capacityProvider).values.compactMap(\.first)
            .sorted { $0.id < $1.id }.flatMap { failures(of: $0, snapshot) }
    }

    /// Whether the task waits in PROVISIONING for a host that joins, as it does for managed scaling on AWS.
    private func mayWait(_ task: TaskRecord) -> Bool {
        guard !task.launchType.isManaged, let name = task.capacityProvider else { return false }
        let id = CapacityProviderID(scope: cluster.id.scope, name: name)
        return state.capacityProviders[id]?.managedScaling.isEnabled ?? false
    }

    private func checkWaiting(_ more: Int) throws(APIFault) {
        guard more > 0 else { return }
        let waiting = state.unplacedTasks.ascending().count { $0.id.cluster == cluster.id }
        guard waiting + more <= Self.waitingLimit else {
            throw .client(
                "The cluster \(cluster.id.name) has \(waiting) tasks in the PROVISIONING state; the limit is "
                    + "\(Self.waitingLimit).")
        }
    }

    /// One failure for each host that refuses the task; managed hosts stay hidden behind one.
    private func failures(of task: TaskRecord, _ snapshot: PlacementSnapshot) -> [ECSShapes.Failure] {
        if task.launchType.isManaged {
            return [
                ECSShapes.Failure(
                    arn: cluster.id.arn, reason: "RESOURCE:FARGATE", detail: PlacementFailure.capacityUnavailable)
            ]
        }
        guard snapshot.hasHosts(for: task) else {
            return [
                ECSShapes.Failure(arn: cluster.id.arn, reason: PlacementFailure.noHosts(of: task.capacityProvider))
            ]
        }
        return snapshot.rejections(of: task).prefix(100).map { rejection in
            let arn = ARN(
                scope: cluster.id.scope, type: "container-instance", path: [cluster.id.name, rejection.instance.id])
            return ECSShapes.Failure(arn: arn.text, reason: rejection.refusal.code)
        }
    }
}
