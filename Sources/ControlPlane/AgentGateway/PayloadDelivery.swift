import Domain
import Identifiers

/// What a session told its agent about tasks, and which of it is not acknowledged yet.
struct PayloadDelivery {
    private struct Outstanding {
        let messageID: String
        let frame: String
        let tasks: [TaskID]
        var attempts = 1
        var retryAt: Instant
    }

    /// What the agent was last told of each unfinished task on this connection.
    private var told: [TaskID: DesiredStatus] = [:]
    /// In the order of sending.
    private var outstanding: [Outstanding] = []

    /// Payloads that wait for an acknowledgement.
    var count: Int { outstanding.count }

    /// When the next payload is due to be sent again.
    var deadline: Instant? { outstanding.map(\.retryAt).min() }

    func isTold(_ task: TaskID, _ status: DesiredStatus) -> Bool { told[task] == status }

    /// Forgets tasks that are finished.
    mutating func keep(only unfinished: [TaskRecord]) {
        let ids = Set(unfinished.map(\.id))
        told = told.filter { ids.contains($0.key) }
    }

    mutating func sent(
        _ messageID: String, frame: String, tasks: [(id: TaskID, status: DesiredStatus)], retryAt: Instant
    ) {
        for task in tasks { told[task.id] = task.status }
        outstanding.append(
            Outstanding(messageID: messageID, frame: frame, tasks: tasks.map(\.id), retryAt: retryAt))
    }

    /// Takes a task that cannot be told as told, so that it is reported once.
    mutating func dropped(_ task: TaskID, _ status: DesiredStatus) { told[task] = status }

    mutating func acknowledged(_ messageID: String) { outstanding.removeAll { $0.messageID == messageID } }

    /// The frames to send again, and the tasks of payloads that were sent often enough.
    mutating func due(
        _ now: Instant, _ configuration: GatewayConfiguration
    ) -> (frames: [String], abandoned: [TaskID]) {
        var frames: [String] = []
        var abandoned: [TaskID] = []
        for index in outstanding.indices.reversed() where outstanding[index].retryAt <= now {
            if outstanding[index].attempts >= configuration.maximumAttempts {
                abandoned = outstanding.remove(at: index).tasks + abandoned
            } else {
                let wait = configuration.retryInterval * (1 << outstanding[index].attempts)
                outstanding[index].attempts += 1
                outstanding[index].retryAt = now.adding(wait)
                frames.insert(outstanding[index].frame, at: 0)
            }
        }
        return (frames, abandoned)
    }
}
