import Domain
import Identifiers

// Health checks: a command in the container, with Docker's counting of failures.
extension TaskRunnerStep {
    /// Asks for the probes that are due.
    mutating func probeContainers(now: Instant, _ actions: inout [TaskAction]) {
        for index in slots.indices where slots[index].phase == .running && !slots[index].isProbing {
            guard let check = definition(index).healthCheck, let due = slots[index].nextProbe, now >= due else {
                continue
            }
            slots[index].isProbing = true
            slots[index].nextProbe = nil
            actions.append(
                .probe(
                    id: record.containerID(index), command: Self.arguments(of: check),
                    timeout: .seconds(max(1, check.timeout))))
        }
    }

    static func arguments(of check: HealthCheck) -> [String] {
        switch check.command.first {
        case "CMD": Array(check.command.dropFirst())
        case "CMD-SHELL": ["/bin/sh", "-c"] + check.command.dropFirst()
        default: check.command
        }
    }

    /// The first probe comes one interval after the start; one that was missed while no agent ran comes at once.
    mutating func scheduleFirstProbe(_ index: Int, startedAt: Instant, now: Instant) {
        guard let check = definition(index).healthCheck else { return }
        slots[index].nextProbe = max(now, startedAt.adding(.seconds(max(1, check.interval))))
    }

    /// A success counts at once. Failures count after the start period, or after the first success.
    mutating func probed(_ id: String, passed: Bool, now: Instant, wall: Timestamp) {
        guard let index = index(ofID: id), slots[index].isProbing, let check = definition(index).healthCheck else {
            return
        }
        slots[index].isProbing = false
        slots[index].nextProbe = now.adding(.seconds(max(1, check.interval)))
        if passed {
            slots[index].failedProbes = 0
            setHealth(.healthy, index, wall: wall)
            return
        }
        let started = slots[index].startedInstant ?? now
        let isStarting = now < started.adding(.seconds(max(0, check.startPeriod ?? 0)))
        if isStarting, record.containers[index].health == .unknown { return }
        slots[index].failedProbes += 1
        if slots[index].failedProbes >= max(1, check.retries) { setHealth(.unhealthy, index, wall: wall) }
    }

    private mutating func setHealth(_ health: HealthStatus, _ index: Int, wall: Timestamp) {
        guard record.containers[index].health != health else { return }
        record.containers[index].health = health
        record.containers[index].healthSince = wall
    }
}
