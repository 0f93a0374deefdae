public import Identifiers

public enum ServiceStatus: String, Codable, Sendable { case active, draining, inactive }

public enum SchedulingStrategy: String, Codable, Sendable { case replica, daemon }

public enum RolloutState: String, Codable, Sendable { case inProgress, completed, failed }

public enum DeploymentStatus: String, Codable, Sendable {
    /// The newest.
    case primary
    /// An older one that still has tasks.
    case active
}

/// Bounds of a rolling update and what to do when it fails.
public struct DeploymentConfiguration: Hashable, Codable, Sendable {
    /// Percent of the desired count that stays healthy, rounded up; 0 to 100.
    public var minimumHealthyPercent: Int
    /// Percent of the desired count that may be live, rounded down; 100 or more.
    public var maximumPercent: Int
    public var circuitBreaker: CircuitBreaker?
    /// nil when no caller named any.
    public var alarms: Alarms?
    /// nil for `.rolling`.
    private var strategyName: DeploymentStrategy?
    /// How long the old revision runs on after all production traffic has moved; nil when no caller said.
    public var bakeTimeInMinutes: Int?
    /// Of the linear strategy; nil when no caller named it.
    public var linear: Linear?
    /// Of the canary strategy; nil when no caller named it.
    public var canary: Canary?
    /// nil for none.
    private var lifecycleHooks: [LifecycleHook]?

    /// CloudWatch alarms that fail a deployment when one goes off.
    public struct Alarms: Hashable, Codable, Sendable {
        public var names: [String]
        public var rollback: Bool
        /// nil for off.
        private var isOn: Bool?

        public init(names: [String], rollback: Bool, enable: Bool = false) {
            self.names = names
            self.rollback = rollback
            self.enable = enable
        }

        public var enable: Bool {
            get { isOn ?? false }
            set { isOn = newValue ? true : nil }
        }
    }

    /// Traffic moves in equal steps.
    public struct Linear: Hashable, Codable, Sendable {
        public var step: TrafficWeight
        /// Between two steps; none after the last.
        public var bakeTimeInMinutes: Int

        /// The defaults are ECS's.
        public init(step: TrafficWeight = TrafficWeight(tenths: 100), bakeTimeInMinutes: Int = 6) {
            self.step = step
            self.bakeTimeInMinutes = bakeTimeInMinutes
        }
    }

    /// A share of traffic moves first, then the rest.
    public struct Canary: Hashable, Codable, Sendable {
        public var share: TrafficWeight
        /// Between the two moves.
        public var bakeTimeInMinutes: Int

        /// The defaults are ECS's.
        public init(share: TrafficWeight = TrafficWeight(tenths: 50), bakeTimeInMinutes: Int = 10) {
            self.share = share
            self.bakeTimeInMinutes = bakeTimeInMinutes
        }
    }

    public var strategy: DeploymentStrategy {
        get { strategyName ?? .rolling }
        set { strategyName = newValue == .rolling ? nil : newValue }
    }

    public var hooks: [LifecycleHook] {
        get { lifecycleHooks ?? [] }
        set { lifecycleHooks = newValue.isEmpty ? nil : newValue }
    }

    public struct CircuitBreaker: Hashable, Codable, Sendable {
        public var enable: Bool
        public var rollback: Bool
        public init(enable: Bool, rollback: Bool) {
            self.enable = enable
            self.rollback = rollback
        }
    }

    public init(minimumHealthyPercent: Int = 100, maximumPercent: Int = 200, circuitBreaker: CircuitBreaker? = nil) {
        self.minimumHealthyPercent = minimumHealthyPercent
        self.maximumPercent = maximumPercent
        self.circuitBreaker = circuitBreaker
    }
}

/// One deployment of a service. Created by the API front, moved on by the services controller.
public struct DeploymentRecord: Hashable, Codable, Sendable {
    public var id: DeploymentID
    public var status: DeploymentStatus
    public var taskDefinition: TaskDefinitionID
    public var createdAt: Timestamp
    public var updatedAt: Timestamp
    public var launchType: LaunchType
    public var capacityProviderStrategy: [CapacityProviderItem] = []
    public var platformVersion: String?
    public var networkConfiguration: NetworkConfiguration?
    public var rolloutState: RolloutState = .inProgress
    public var rolloutStateReason: String
    /// Tasks in a row that stopped before they ran; 0 again once one runs.
    public var failedTasks: Int = 0
    /// When the newest of them failed; the start throttle counts from here.
    public var lastFailureAt: Timestamp?
    /// Rounds of starts that failed in a row: tasks started together and failed together are one. The throttle grows with it.
    public var failedRounds: Int = 0
    /// Stopped tasks already counted in `failedTasks`, so that a restart counts none twice; at most 100, newest last.
    public var countedFailures: [String] = []
    /// nil for none.
    private var ports: [ServiceLoadBalancer]?
    /// What it deploys; nil for deployments made before revisions were kept.
    public var revision: ServiceRevisionID?
    /// The failed deployment that it takes back; nil when a caller began it.
    public var rollsBack: DeploymentID?
    /// While it runs beside the revision before it, and after it failed; nil when it is alone or replaces tasks a few at a
    /// time.
    public var lifecycle: DeploymentLifecycle?
    /// Alarms that went off before it began: they say nothing about it. nil until the controller looked.
    public var knownAlarms: [String]?
    /// Since when its alarms are watched although it replaced everything; nil before, and without alarms.
    public var bakingSince: Timestamp?

    public init(
        id: DeploymentID, status: DeploymentStatus = .primary, taskDefinition: TaskDefinitionID, createdAt: Timestamp,
        launchType: LaunchType
    ) {
        self.id = id
        self.status = status
        self.taskDefinition = taskDefinition
        self.createdAt = createdAt
        self.updatedAt = createdAt
        self.launchType = launchType
        self.rolloutStateReason = "ECS deployment \(id.rawValue) in progress."
    }

    /// Which ports of its tasks are behind target groups.
    public var loadBalancers: [ServiceLoadBalancer] {
        get { ports ?? [] }
        set { ports = newValue.isEmpty ? nil : newValue }
    }
}

public struct ServiceEvent: Hashable, Codable, Sendable {
    /// UUID.
    public var id: String
    public var at: Timestamp
    public var message: String

    public init(id: String, at: Timestamp, message: String) {
        self.id = id
        self.at = at
        self.message = message
    }
}

/// Why a service shall have another number of tasks.
public enum DesiredCountCause: Hashable, Sendable {
    /// A caller asked for it.
    case update(count: Int)
    /// With the DAEMON strategy: so many hosts may run a task.
    case hosts(count: Int)
    /// The service goes: it drains.
    case deletion
}

/// A stored service.
///
/// Writers: intent (`desiredCount` by `desiring`, definition, configuration, a new deployment, `status` draining) by the API
/// front; progress of deployments and `status` inactive, with `inactiveAt`, by the services controller; task sets as
/// `TaskSetRecord` says. `events` are added by the front
/// (settings without effect), the services controller and the placement controller. `isSteady` becomes false with
/// intent that the front writes; the services controller sets it otherwise.
public struct ServiceRecord: Hashable, Codable, Sendable {
    public var id: ServiceID
    public var status: ServiceStatus = .active
    /// nil only with an external controller: while no task set is the primary one.
    public var taskDefinition: TaskDefinitionID?
    /// Changes only through `desiring`.
    public private(set) var desiredCount: Int
    public var launchType: LaunchType
    public var capacityProviderStrategy: [CapacityProviderItem] = []
    public var platformVersion: String?
    public var schedulingStrategy: SchedulingStrategy = .replica
    public var configuration: DeploymentConfiguration
    /// Newest first; the first is the primary.
    public var deployments: [DeploymentRecord]
    public var networkConfiguration: NetworkConfiguration?
    public var placementConstraints: [PlacementConstraint] = []
    public var placementStrategy: [PlacementStrategy] = []
    /// Seconds.
    public var healthCheckGracePeriod: Int?
    public var createdAt: Timestamp
    public var createdBy: String
    public var clientToken: String?
    public var availabilityZoneRebalancing: Bool = true
    /// While its tasks are moved between zones. Written by the services controller.
    public var rebalancing: ZoneRebalancing?
    public var enableECSManagedTags: Bool = false
    public var enableExecuteCommand: Bool = false
    /// `TASK_DEFINITION`, `SERVICE` or nil.
    public var propagateTags: String?
    public var tags: [KeyValue] = []
    /// Of an Express service: what it asks for beyond an ordinary one.
    public var express: ExpressSettings?
    /// Newest first, at most 100.
    public var events: [ServiceEvent] = []
    /// nil for `.ecs`.
    private var deploymentController: DeploymentController?
    /// nil for none.
    private var sets: [TaskSetRecord]?
    /// nil for none.
    private var ports: [ServiceLoadBalancer]?
    /// When it became INACTIVE.
    public var inactiveAt: Timestamp?
    /// What the caller named when it was made; nil when that was a strategy or nothing. An emptied strategy falls back to it.
    public var createdLaunchType: LaunchType?
    /// Of the request that made it, when that had a client token.
    public var requestDigest: String?
    /// Whether the newest scaling came to rest; a steady-state event is due when it becomes true.
    public var isSteady: Bool = false

    public init(
        id: ServiceID, taskDefinition: TaskDefinitionID?, desiredCount: Int, launchType: LaunchType,
        configuration: DeploymentConfiguration, deployments: [DeploymentRecord], createdAt: Timestamp, createdBy: String
    ) {
        self.id = id
        self.taskDefinition = taskDefinition
        self.desiredCount = desiredCount
        self.launchType = launchType
        self.configuration = configuration
        self.deployments = deployments
        self.createdAt = createdAt
        self.createdBy = createdBy
    }

    /// The service with another number of tasks: the only function that changes it.
    ///
    /// Called in a transaction, on the record as the transaction reads it: what the cause expects is what is there.
    public func desiring(_ cause: DesiredCountCause) -> ServiceRecord {
        var service = self
        switch cause {
        case .update(let count), .hosts(let count):
            guard count != desiredCount else { return self }
            service.desiredCount = count
        case .deletion:
            service.desiredCount = 0
            service.status = .draining
        }
        service.isSteady = false
        return service
    }

    /// Who replaces its tasks; fixed when it is made.
    public var controller: DeploymentController {
        get { deploymentController ?? .ecs }
        set { deploymentController = newValue == .ecs ? nil : newValue }
    }

    /// Which ports of its tasks are behind target groups.
    public var loadBalancers: [ServiceLoadBalancer] {
        get { ports ?? [] }
        set { ports = newValue.isEmpty ? nil : newValue }
    }

    /// Those of an external controller, oldest first.
    public var taskSets: [TaskSetRecord] {
        get { sets ?? [] }
        set { sets = newValue.isEmpty ? nil : newValue }
    }

    /// What tasks of a deployment or of a task set are made of.
    public func deployment(_ id: DeploymentID) -> DeploymentRecord? {
        deployments.first { $0.id == id } ?? taskSets.first { $0.id == id }?.deployment
    }

    public var primary: DeploymentRecord? { deployments.first { $0.status == .primary } }
}
