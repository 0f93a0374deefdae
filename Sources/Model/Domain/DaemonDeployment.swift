public import Identifiers

public enum DaemonDeploymentStatus: String, Codable, CaseIterable, Sendable {
    case pending, inProgress, successful
    /// It failed with nothing to go back to, or a newer one took its place.
    case stopped
    case rollbackInProgress, rollbackSuccessful, rollbackFailed

    /// Whether the deployment still changes hosts.
    public var isOpen: Bool {
        switch self {
        case .pending, .inProgress, .rollbackInProgress: true
        case .successful, .stopped, .rollbackSuccessful, .rollbackFailed: false
        }
    }
}

/// How an update of a daemon goes from host to host.
public struct DaemonDeploymentConfiguration: Hashable, Codable, Sendable {
    /// Percent of the hosts that are without a running daemon task at once; 0 to 100, and one host at least.
    public var drainPercent: Double
    /// Minutes to wait after each batch of hosts.
    public var bakeTimeInMinutes: Int
    public var alarmNames: [String] = []
    /// Whether one of these alarms fails the deployment; nil is false.
    public var heedsAlarms: Bool?

    /// - Source: Amazon ECS Developer Guide, "Creating and managing daemons" (drain percentage 25, bake time 0).
    public init(drainPercent: Double = 25, bakeTimeInMinutes: Int = 0) {
        self.drainPercent = drainPercent
        self.bakeTimeInMinutes = bakeTimeInMinutes
    }
}

/// How a failed deployment is undone.
public struct DaemonRollbackRecord: Hashable, Codable, Sendable {
    public var reason: String
    public var startedAt: Timestamp
    public var target: DaemonRevisionID
    /// Tasks of that revision that failed since; nil before the first.
    public var failureCount: Int?

    public init(reason: String, startedAt: Timestamp, target: DaemonRevisionID) {
        self.reason = reason
        self.startedAt = startedAt
        self.target = target
    }
}

/// A stored deployment of a daemon. Made by the API front, moved on by the daemons controller; the front stops one that a
/// newer one replaces.
public struct DaemonDeploymentRecord: Hashable, Codable, Sendable {
    public var id: DaemonDeploymentID
    public var status: DaemonDeploymentStatus = .pending
    public var statusReason: String?
    /// nil for the deployment that ends a deleted daemon.
    public var target: DaemonRevisionID?
    /// Revisions that had tasks when the deployment was made, in order.
    public var sources: [DaemonRevisionID]
    public var configuration: DaemonDeploymentConfiguration
    public var createdAt: Timestamp
    public var startedAt: Timestamp?
    public var stoppedAt: Timestamp?
    public var finishedAt: Timestamp?
    /// Tasks of the target that failed, and how many of them fail the deployment; nil before it starts.
    public var failureCount: Int = 0
    public var failureThreshold: Int?
    /// Failed tasks that are in the count, newest last, as long as they are remembered: none counts twice. nil before the
    /// first, and again when another revision is counted or none; never many more than the threshold.
    public var countedFailures: [String]?
    /// Its alarms that had gone off before it began; nil until it began.
    public var knownAlarms: [String]?
    /// Its alarms that failed it; nil while none did.
    public var triggeredAlarms: [String]?
    public var rollback: DaemonRollbackRecord?
    /// Since when every host of the batch is well; the bake time counts from here. nil while a batch is at work.
    public var batchDoneAt: Timestamp?
    /// Tasks of the batch that were not stopped yet, for one commit holds only so many; nil when the batch is whole.
    public var batchLeft: Int?

    public init(
        id: DaemonDeploymentID, target: DaemonRevisionID?, sources: [DaemonRevisionID] = [],
        configuration: DaemonDeploymentConfiguration, createdAt: Timestamp
    ) {
        self.id = id
        self.target = target
        self.sources = sources
        self.configuration = configuration
        self.createdAt = createdAt
    }

    /// When the deployment ended, in whatever way.
    public var endedAt: Timestamp? { finishedAt ?? stoppedAt }
}
