public import Domain
public import Identifiers

/// What must change for one daemon now.
public struct DaemonPlan: Hashable, Sendable {
    /// One task that shall stop, and why.
    public struct Stop: Hashable, Sendable {
        public var task: TaskID
        public var reason: String
    }

    /// The daemon and its newest deployment, moved on.
    public var daemon: DaemonRecord
    public var deployment: DaemonDeploymentRecord
    /// Whether the daemon is deleted and has no task left: its record goes.
    public var isGone = false
    /// Hosts that get a task of the wanted revision.
    public var starts: [ContainerInstanceID] = []
    public var stops: [Stop] = []
    /// When something becomes due although nothing changes; nil when nothing does.
    public var wakeAt: Timestamp?
    /// Most tasks that the step may still start or stop.
    private var budget: Int

    init(_ snapshot: DaemonSnapshot, budget: Int) {
        daemon = snapshot.daemon
        deployment = snapshot.deployment
        self.budget = budget
    }

    mutating func wake(at time: Timestamp) { wakeAt = min(wakeAt ?? time, time) }

    mutating func start(on host: ContainerInstanceID) {
        guard budget > 0 else { return }
        budget -= 1
        starts.append(host)
    }

    mutating func stop(_ task: TaskRecord, _ reason: String? = nil) {
        guard budget > 0 else { return }
        budget -= 1
        stops.append(
            Stop(task: task.id, reason: reason ?? "Daemon task stopped by (deployment \(deployment.id.id))"))
    }

    /// Stops a batch of outdated tasks as far as `most` and the step allow; the rest of the batch follows in a later step.
    mutating func stop(_ outdated: [TaskRecord], batchOf size: Int, atMost most: Int) {
        let size = min(size, outdated.count)
        let before = stops.count
        for task in outdated.prefix(max(0, min(size, most))) { stop(task) }
        let left = size - (stops.count - before)
        deployment.batchLeft = left > 0 ? left : nil
    }

    /// Ends the deployment.
    mutating func finish(_ status: DaemonDeploymentStatus, _ reason: String, now: Timestamp) {
        deployment.status = status
        deployment.statusReason = reason
        deployment.batchDoneAt = nil
        deployment.batchLeft = nil
        deployment.countedFailures = nil
        if status == .stopped { deployment.stoppedAt = now } else { deployment.finishedAt = now }
    }
}
