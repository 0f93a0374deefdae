import Domain
import Identifiers
import NodeAgent
import TaskLifecycle

// What the control plane is told, as `ReportSender` and the telemetry session tell it.
extension SimulatedAgent {
    func send(_ id: TaskID, in world: World) {
        guard var pending = reports[id], !pending.isOnItsWay else { return }
        pending.isOnItsWay = true
        pending.attempts += 1
        reports[id] = pending
        let attempt = pending.attempts
        let report = TaskReport(pending.report, of: id)
        world.note("report of \(id.id.prefix(6)) from \(host.name): \(pending.report.status)")
        world.report(report, from: host) { [self] world, isTaken in
            guard isAlive, let waiting = reports[id], waiting.isOnItsWay, waiting.attempts == attempt else { return }
            if isTaken {
                reports[id] = nil
                return deliver(id, .submitted, in: world)
            }
            reports[id]?.isOnItsWay = false
            let pause = min(.seconds(60), .milliseconds(30) * (1 << min(attempt - 1, 12)))
            after(pause, in: world) { [self] world in
                if reports[id]?.attempts == attempt { send(id, in: world) }
            }
        }
    }

    /// Sends at once what waits: the control plane was just heard of.
    func retryReports(in world: World) {
        for id in reports.keys.sorted() { send(id, in: world) }
    }

    // MARK: Health
    func publish(in world: World) {
        publishHealth(in: world)
        after(.seconds(20), in: world) { [self] in publish(in: $0) }
    }

    func publishHealth(in world: World) {
        guard connection != nil, !host.isMute else { return }
        for record in records.values.sorted(by: { $0.id < $1.id }) where record.stoppedAt == nil {
            let health = record.containers.filter { $0.health != .unknown }
                .map { ContainerHealthReport(name: $0.name, health: $0.health) }
            guard !health.isEmpty, !world.strikes(.frameLost, oneIn: 20) else { continue }
            world.submit(health, of: record.id, from: host)
        }
    }
}

extension TaskReport {
    /// What the control plane reads of a report, after its way over the wire.
    fileprivate init(_ observed: ObservedTask, of task: TaskID) {
        self.init(
            task: task, status: observed.status == .running || observed.status == .stopped ? observed.status : .pending)
        reason = observed.reason
        interface = observed.interface
        attachment = observed.interface == nil ? nil : .attached
        pullStartedAt = observed.pullStartedAt
        pullStoppedAt = observed.pullStoppedAt
        executionStoppedAt = observed.executionStoppedAt
        containers = observed.containers.map { container in
            var report = ContainerReport(
                name: container.name, status: container.status, exitCode: container.exitCode, reason: container.reason)
            report.imageDigest = container.imageDigest
            report.runtimeID = container.runtimeID
            report.networkBindings = container.networkBindings.isEmpty ? nil : container.networkBindings
            return report
        }
    }
}
