public import Domain

/// How many tasks run and how many will, as services count them; those that end count as neither.
public struct TaskCounts: Hashable, Sendable {
    public private(set) var running = 0
    public private(set) var pending = 0

    public init(_ tasks: some Sequence<TaskRecord>) {
        for task in tasks {
            switch task.lastStatus {
            case .running: running += 1
            case .provisioning, .pending, .activating: pending += 1
            case .deactivating, .stopping, .deprovisioning, .stopped: continue
            }
        }
    }
}
