import Domain
import ECSShapes
import Identifiers
import ShapeRules

// The words of the wire for the enumerations of the domain.

extension ClusterStatus {
    var wire: String {
        switch self {
        case .active: "ACTIVE"
        case .inactive: "INACTIVE"
        }
    }
}

extension ServiceStatus {
    var wire: String {
        switch self {
        case .active: "ACTIVE"
        case .draining: "DRAINING"
        case .inactive: "INACTIVE"
        }
    }
}

extension ContainerInstanceStatus {
    var wire: String {
        switch self {
        case .active: "ACTIVE"
        case .draining: "DRAINING"
        case .inactive: "INACTIVE"
        }
    }
}

extension TaskDefinitionStatus {
    var wire: String {
        switch self {
        case .active: "ACTIVE"
        case .inactive: "INACTIVE"
        case .deleteInProgress: "DELETE_IN_PROGRESS"
        }
    }
}

extension LaunchType {
    /// nil for a type that Berth does not have.
    init?(wire: String) {
        switch wire {
        case "EC2": self = .ec2
        case "FARGATE": self = .fargate
        case "EXTERNAL": self = .external
        default: return nil
        }
    }

    /// `EC2`, `FARGATE` or `EXTERNAL`.
    var wireName: String {
        switch self {
        case .ec2: "EC2"
        case .fargate: "FARGATE"
        case .external: "EXTERNAL"
        }
    }
}

extension TaskStatus {
    var wire: String {
        switch self {
        case .provisioning: "PROVISIONING"
        case .pending: "PENDING"
        case .activating: "ACTIVATING"
        case .running: "RUNNING"
        case .deactivating: "DEACTIVATING"
        case .stopping: "STOPPING"
        case .deprovisioning: "DEPROVISIONING"
        case .stopped: "STOPPED"
        }
    }
}

extension DesiredStatus {
    var wire: String {
        switch self {
        case .running: "RUNNING"
        case .stopped: "STOPPED"
        }
    }
}

extension ContainerStatus {
    var wire: String {
        switch self {
        case .pending: "PENDING"
        case .running: "RUNNING"
        case .stopped: "STOPPED"
        }
    }
}

extension HealthStatus {
    var wire: String {
        switch self {
        case .healthy: "HEALTHY"
        case .unhealthy: "UNHEALTHY"
        case .unknown: "UNKNOWN"
        }
    }
}

extension StopCode {
    var wire: String {
        switch self {
        case .taskFailedToStart: "TaskFailedToStart"
        case .essentialContainerExited: "EssentialContainerExited"
        case .userInitiated: "UserInitiated"
        case .serviceSchedulerInitiated: "ServiceSchedulerInitiated"
        case .spotInterruption: "SpotInterruption"
        case .terminationNotice: "TerminationNotice"
        }
    }
}

extension RolloutState {
    var wire: String {
        switch self {
        case .inProgress: "IN_PROGRESS"
        case .completed: "COMPLETED"
        case .failed: "FAILED"
        }
    }
}

extension DeploymentStatus {
    var wire: String {
        switch self {
        case .primary: "PRIMARY"
        case .active: "ACTIVE"
        }
    }
}

extension SchedulingStrategy {
    var wire: String {
        switch self {
        case .replica: "REPLICA"
        case .daemon: "DAEMON"
        }
    }
}

extension Identifiers.Timestamp {
    var wire: ECSShapes.Timestamp { ECSShapes.Timestamp(milliseconds: milliseconds) }
}

extension ECSShapes.Timestamp {
    var stored: Identifiers.Timestamp { Identifiers.Timestamp(milliseconds: milliseconds) }
}
