package import Domain
package import Identifiers
import TaskNetwork

/// Everything of one task that must outlive the agent. It is written to disk before it is acted upon.
package struct TaskRunnerRecord: Hashable, Codable, Sendable {
    package var assignment: TaskAssignment
    /// The control plane wants the task to stop. Never unset.
    package var stopRequested = false
    /// Why the task stops by itself; the first cause stays.
    package var cause: StopCause?
    /// In the order of the assignment.
    package var containers: [ContainerProgress]
    /// Whether host ports were chosen (or none are needed), so that a restart keeps them.
    package var hasPorts = false
    /// Sorted by id.
    var attachments: [NetworkAttachment] = []
    /// Reports not yet acknowledged, oldest first.
    package var outbox: [ObservedTask] = []
    /// The newest report that was put into the outbox.
    package var lastReport: ObservedTask?
    var pullStartedAt: Timestamp?
    var pullStoppedAt: Timestamp?
    var startedAt: Timestamp?
    var executionStoppedAt: Timestamp?
    package var stoppedAt: Timestamp?
    /// Set once nothing of the task is left on the host but this record, which then guards against a second start.
    package var finishedAt: Timestamp?

    package init(assignment: TaskAssignment) {
        self.assignment = assignment
        containers = assignment.containers.map { ContainerProgress(name: $0.definition.name) }
    }

    package var id: TaskID { assignment.task }
    package var isStopping: Bool { stopRequested || cause != nil }

    /// The runtime's id of a container's attempt. Attempts have different ids, so that a late event is never misread.
    private static func containerID(task: TaskID, name: String, attempt: Int) -> String {
        attempt == 0 ? "\(task.id)-\(name)" : "\(task.id)-\(name).\(attempt)"
    }

    func containerID(_ index: Int) -> String { containerID(index, attempt: containers[index].attempt) }

    /// The id of the network that is one container's own, whatever its attempt.
    func networkID(_ index: Int) -> String { containerID(index, attempt: 0) }

    private func containerID(_ index: Int, attempt: Int) -> String {
        let name = containers[index].name
        let plain = plainID(index, attempt: attempt)
        guard containers[index].hasPlainID == true, plain.utf8.count <= RuntimeName.longestID else {
            return Self.containerID(task: id, name: RuntimeName.of(name), attempt: attempt)
        }
        return plain
    }

    private func plainID(_ index: Int, attempt: Int) -> String {
        Self.containerID(task: id, name: containers[index].name, attempt: attempt)
    }

    /// Takes up ids as they were before long names were replaced in them, where the host has such a container or network.
    mutating func recognisePlainIDs(among known: Set<String>) {
        for index in containers.indices where RuntimeName.hadPlainID(containers[index].name) {
            let plain = [plainID(index, attempt: containers[index].attempt), plainID(index, attempt: 0)]
            if plain.contains(where: known.contains) { containers[index].hasPlainID = true }
        }
    }
}

/// Why a task stops without having been asked to.
package struct StopCause: Hashable, Codable, Sendable {
    package var code: StopCode
    /// As ECS words it.
    package var reason: String

    package init(code: StopCode, reason: String) {
        self.code = code
        self.reason = reason
    }
}

/// How far one container is.
package struct ContainerProgress: Hashable, Codable, Sendable {
    package var name: String
    /// 0 for the first run, then one more with every restart in place.
    var attempt = 0
    /// Whether the current attempt's process may have been started: set before starting.
    var startIntended = false
    /// When the current attempt is known to have started.
    var startedAt: Timestamp?
    /// Whether any attempt ever ran.
    var hasRun = false
    /// Whether a restart in place is under way: the old attempt is removed, then the next one made.
    var isReplacing = false
    /// Whether it will not run again.
    var hasEnded = false
    var exitCode: Int?
    var reason: String?
    var outOfMemory = false
    var imageDigest: String?
    package var bindings: [NetworkBinding] = []
    package var health: HealthStatus = .unknown
    var healthSince: Timestamp?
    /// Whether its name is in the runtime's ids as it is, though it is long: an older version made them.
    var hasPlainID: Bool?

    init(name: String) { self.name = name }
}
