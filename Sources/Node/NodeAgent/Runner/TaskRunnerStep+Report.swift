import Domain
import Identifiers
import TaskNetwork

// What the control plane is told: every transition once it can be acknowledged, in order, one at a time.
extension TaskRunnerStep {
    mutating func noteProgress(wall: Timestamp) {
        guard record.startedAt == nil else { return }
        let isStopping = record.isStopping
        let isUp = record.containers.allSatisfy { $0.hasRun || ($0.hasEnded && !isStopping) }
        if isUp { record.startedAt = wall }
    }

    /// The task as it is now.
    func observed() -> ObservedTask {
        var observed = ObservedTask()
        observed.status = record.stoppedAt != nil ? .stopped : record.startedAt != nil ? .running : .pending
        observed.containers = record.containers.indices.map { observedContainer($0) }
        if record.assignment.networkMode == .awsvpc {
            observed.interface = record.attachments.first?.interface ?? record.lastReport?.interface
        }
        observed.reason = record.cause?.reason
        observed.stopCode = record.cause?.code
        observed.pullStartedAt = record.pullStartedAt
        observed.pullStoppedAt = record.pullStoppedAt
        observed.startedAt = record.startedAt
        observed.executionStoppedAt = record.executionStoppedAt
        observed.stoppedAt = record.stoppedAt
        return observed
    }

    private func observedContainer(_ index: Int) -> ObservedContainer {
        let progress = record.containers[index]
        var container = ObservedContainer(name: progress.name)
        container.status = progress.hasEnded ? .stopped : progress.hasRun ? .running : .pending
        container.runtimeID = progress.hasRun || progress.startIntended ? record.containerID(index) : nil
        container.imageDigest = progress.imageDigest
        container.exitCode = progress.hasEnded ? progress.exitCode : nil
        container.reason = progress.reason
        container.health = progress.health
        container.networkBindings = progress.bindings
        return container
    }

    /// Puts a changed report into the outbox and sends the oldest one.
    mutating func report(_ actions: inout [TaskAction]) {
        let newest = observed()
        if record.lastReport.map(Self.withoutHealth) != Self.withoutHealth(newest) {
            if newest.status == .stopped, newest.startedAt != nil, (record.lastReport?.status ?? .pending) < .running {
                // It came up and ended in one step.
                var running = newest
                running.status = .running
                running.stoppedAt = nil
                enqueue(running)
            }
            enqueue(newest)
        }
        if !reportInFlight, let oldest = record.outbox.first {
            reportInFlight = true
            actions.append(.submit(oldest))
        }
    }

    /// A report that was not sent yet is replaced by a newer one of the same status: only transitions must arrive each.
    private mutating func enqueue(_ report: ObservedTask) {
        record.lastReport = report
        let waiting = reportInFlight ? record.outbox.dropFirst() : record.outbox[...]
        if waiting.last?.status == report.status { record.outbox.removeLast() }
        record.outbox.append(report)
    }

    /// Sends the last report again; nothing to do while one waits.
    mutating func repeatReport() {
        guard record.outbox.isEmpty, let last = record.lastReport else { return }
        record.outbox = [last]
    }

    mutating func submitted() {
        guard reportInFlight else { return }
        reportInFlight = false
        if !record.outbox.isEmpty { record.outbox.removeFirst() }
    }

    /// Health goes over telemetry only, and a change of it is no transition.
    private static func withoutHealth(_ task: ObservedTask) -> ObservedTask {
        var task = task
        for index in task.containers.indices { task.containers[index].health = .unknown }
        return task
    }
}
