public import Domain
public import Identifiers

extension TaskRecord {
    /// The task after a node's report.
    ///
    /// States only go forward, a report that says nothing new changes nothing, and what is known is never forgotten.
    /// Containers the task does not have are ignored. After *lost* a report is history only: it changes no stop code or reason.
    /// - Parameter now: stands for `startedAt` and `stoppedAt` when this report brings them about.
    public func applying(_ report: TaskReport, now: Timestamp) -> TaskRecord {
        guard report.task == id, placement != nil else { return self }
        var observed = observed ?? initialObservation
        let before = observed
        for container in report.containers { observed.merge(container, among: containers) }
        observed.interface = report.interface ?? observed.interface
        if observed.attachment != .detached { observed.attachment = report.attachment ?? observed.attachment }
        observed.pullStartedAt = observed.pullStartedAt ?? report.pullStartedAt
        observed.pullStoppedAt = observed.pullStoppedAt ?? report.pullStoppedAt
        if let status = report.status, TaskMove(observed.status, status, by: .node).isLegal {
            observed.status = status
            if status == .running { observed.startedAt = now }
            if status == .stopped { observed.end(now: now) }
        }
        // The node's clock may say that a task ended before its start was heard of here.
        let ended = report.executionStoppedAt.map { max($0, observed.startedAt ?? $0) }
        observed.executionStoppedAt = observed.executionStoppedAt ?? ended
        if before.status != .stopped, verdict.stop == nil, verdict.lostAt == nil {
            observed.nameCause(report.reason)
        }
        guard self.observed != nil || observed != initialObservation || report.status != nil else { return self }
        var task = self
        task.observed = observed
        return task
    }

    /// The task after a node's report of health checks; unknown containers and stopped ones are left alone.
    public func applying(_ reports: [ContainerHealthReport]) -> TaskRecord {
        var task = self
        guard var observed = task.observed else { return self }
        for report in reports {
            guard let index = observed.containers.firstIndex(where: { $0.name == report.name }),
                observed.containers[index].status != .stopped
            else { continue }
            observed.containers[index].health = report.health
        }
        task.observed = observed
        return task
    }

    private var initialObservation: ObservedTask {
        var observed = ObservedTask()
        observed.status = networkMode == .awsvpc ? .provisioning : .pending
        observed.containers = containers.map { ObservedContainer(name: $0.name) }
        return observed
    }
}

extension ObservedTask {
    fileprivate mutating func merge(_ report: ContainerReport, among known: [TaskContainer]) {
        guard known.contains(where: { $0.name == report.name }) else { return }
        let index: Int
        if let found = containers.firstIndex(where: { $0.name == report.name }) {
            index = found
        } else {
            index = containers.endIndex
            containers.append(ObservedContainer(name: report.name))
        }
        var container = containers[index]
        if let status = report.status, status > container.status { container.status = status }
        container.exitCode = container.exitCode ?? report.exitCode
        container.reason = container.reason ?? report.reason.map(clipped)
        container.imageDigest = report.imageDigest ?? container.imageDigest
        container.runtimeID = report.runtimeID ?? container.runtimeID
        container.networkBindings = report.networkBindings ?? container.networkBindings
        containers[index] = container
    }

    /// The task is over: so are its containers.
    fileprivate mutating func end(now: Timestamp) {
        stoppedAt = now
        for index in containers.indices { containers[index].status = .stopped }
    }

    /// Names why the task stops by itself; nothing while it goes on.
    fileprivate mutating func nameCause(_ said: String?) {
        guard status > .running || executionStoppedAt != nil else { return }
        let ran = startedAt != nil
        let exited = containers.contains { $0.exitCode != nil }
        let broken = containers.first { $0.exitCode == nil && $0.reason != nil }
        if ran || (exited && broken == nil) {
            stopCode = .essentialContainerExited
            reason = "Essential container in task exited"
        } else {
            stopCode = .taskFailedToStart
            reason = clipped(broken?.reason ?? said ?? "Task failed to start")
        }
    }
}
