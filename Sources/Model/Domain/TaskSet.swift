public import Identifiers

/// Who decides how a service's tasks are replaced.
public enum DeploymentController: String, Codable, Sendable {
    /// Rolling updates by the services controller.
    case ecs
    /// A program of the caller's, by means of task sets.
    case external
}

public enum TaskSetStatus: String, Codable, Sendable {
    /// The one whose settings the service shows.
    case primary
    case active
    /// It is deleted and goes with its last task.
    case draining
}

/// A part of the tasks of a service that an external controller deploys.
///
/// Part of the service's record. The front makes it and writes `status`, `scale` and `updatedAt`; what its tasks'
/// failures make of `deployment`, `isStable` and `stabilityAt` is the services controller's, which also removes it.
public struct TaskSetRecord: Hashable, Codable, Sendable {
    /// What its tasks are made of and how their starts fail; its id is the task set's. Nothing is rolled out by it.
    public var deployment: DeploymentRecord
    public var status: TaskSetStatus = .active
    /// Percent of the service's desired count; 0 to 100.
    public var scale: Double
    /// A name that an external system gave it.
    public var externalID: String?
    public var updatedAt: Timestamp
    /// Whether it has all tasks that it shall have, and they are well.
    public var isStable: Bool = false
    /// When `isStable` changed.
    public var stabilityAt: Timestamp
    public var tags: [KeyValue] = []
    /// What the caller named the request that made it, and the request's digest.
    public var clientToken: String?
    public var requestDigest: String?

    public init(deployment: DeploymentRecord, scale: Double) {
        self.deployment = deployment
        self.scale = scale
        updatedAt = deployment.createdAt
        stabilityAt = deployment.createdAt
    }

    public var id: DeploymentID { deployment.id }

    /// How many tasks it shall have: its share of what the service wants, rounded up.
    public func computedDesiredCount(of desired: Int) -> Int {
        guard status != .draining, desired > 0, scale > 0 else { return 0 }
        // What multiplying leaves behind the ninth decimal is no task.
        let share = (Double(desired) * min(scale, 100) / 100 - 1e-9).rounded(.up)
        return min(desired, Int(share))
    }
}
