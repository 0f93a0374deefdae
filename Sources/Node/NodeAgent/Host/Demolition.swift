import Domain
import Identifiers
import Logging
import TaskNetwork
import TaskRuntime

/// Stops and removes everything that was ever made on this host for tasks.
struct Demolition: Sendable {
    let runtime: any TaskRuntime
    let network: any TaskNetwork
    let directory: NodeDirectory
    let clock: any NodeClock
    let logger: Logger

    /// How long after SIGKILL a process may still be seen.
    private static let killGrace = Duration.seconds(5)

    func run() async throws {
        let records = try RunnerStore(directory: directory).load().records
        let containers = try await runtime.containers()
        let timeouts = Dictionary(grouping: records.flatMap(Self.timeouts), by: \.id).compactMapValues {
            $0.first?.timeout
        }
        await withDiscardingTaskGroup { group in
            for container in containers {
                let timeout = timeouts[container.id] ?? TaskRunnerStep.defaultStopTimeout
                group.addTask { await end(container, timeout) }
            }
        }
        for container in try await runtime.containers() { try await runtime.remove(container.id) }
        let tasks = Set(try await runtime.tasks()).union(containers.map(\.task)).union(
            records.filter { $0.finishedAt == nil }.map(\.id.id))
        for task in tasks.sorted() {
            try await runtime.removeTask(task)
            try TaskFiles(directory: directory).discard(task)
        }
        for id in try await network.attachments() { try await network.detach(id) }
        try await network.tearDown()
        for record in records { try RunnerStore(directory: directory).forget(record.id) }
    }

    private static func timeouts(_ record: TaskRunnerRecord) -> [(id: String, timeout: Duration)] {
        record.containers.indices.compactMap { index in
            let seconds = record.assignment.containers[index].definition.stopTimeout
            return seconds.map { (record.containerID(index), .seconds(max(0, $0))) }
        }
    }

    /// The stop signal, the timeout, SIGKILL.
    private func end(_ container: RuntimeContainerState, _ timeout: Duration) async {
        guard case .running = container.status else { return }
        do {
            try await runtime.stop(container.id)
            if try await isGone(container.id, within: timeout) { return }
            try await runtime.signal(container.id, SignalNumber.kill.rawValue, all: true)
            _ = try await isGone(container.id, within: Self.killGrace)
        } catch {
            logger.warning("container not stopped", metadata: ["container": "\(container.id)", "reason": "\(error)"])
        }
    }

    private func isGone(_ id: String, within timeout: Duration) async throws -> Bool {
        let end = clock.now.adding(timeout)
        while true {
            let state = try await runtime.containers().first { $0.id == id }
            guard case .running? = state?.status else { return true }
            if clock.now >= end { return false }
            try await clock.sleep(for: .milliseconds(100))
        }
    }
}
