public import Domain
import Identifiers

/// What load balancers see of a task: of all its targets together.
public enum TaskTrafficHealth: Hashable, Sendable {
    /// Each of its target groups finds it healthy.
    case healthy
    /// None finds it unhealthy, and not all have said something yet.
    case pending
    /// The first of its ports that a target group finds unhealthy, and why.
    case unhealthy(ServiceLoadBalancer, reason: String)
}

/// Which check of a task failed.
enum FailedCheck: Hashable {
    case container
    case target(ServiceLoadBalancer, String)

    /// Why the task is stopped, for callers.
    var stopReason: String {
        switch self {
        case .container: Self.containerReason
        case .target(let port, _): "\(Self.targetReason) in (target-group \(port.targetGroup.arn))"
        }
    }

    /// Whether a task with this reason was stopped because a check failed.
    static func isStopReason(_ reason: String?) -> Bool {
        reason == containerReason || reason?.hasPrefix(targetReason) == true
    }

    private static let containerReason = "Task failed container health checks"
    private static let targetReason = "Task failed ELB health checks"
}
