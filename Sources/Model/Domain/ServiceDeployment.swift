public import Identifiers

/// One configuration of a service as it was deployed.
///
/// Written once, by the front, when a caller begins a deployment; a rollback deploys an old one again. Only the digests of
/// `images` come later: the services controller writes each once, as the first task of the revision reports it.
public struct ServiceRevisionRecord: Hashable, Codable, Sendable {
    /// The image of one container.
    public struct Image: Hashable, Codable, Sendable {
        public var container: String
        /// As the task definition names it.
        public var image: String
        /// nil until a task of the revision reported it.
        public var digest: String?

        public init(container: String, image: String, digest: String? = nil) {
            self.container = container
            self.image = image
            self.digest = digest
        }
    }

    public var id: ServiceRevisionID
    public var createdAt: Timestamp
    public var taskDefinition: TaskDefinitionID
    public var launchType: LaunchType
    public var capacityProviderStrategy: [CapacityProviderItem]
    public var platformVersion: String?
    public var networkConfiguration: NetworkConfiguration?
    /// In the order of the task definition's containers.
    public var images: [Image]
    /// Of an Express service: what the revision was made with.
    public var express: ExpressSettings?
    /// nil for none.
    private var ports: [ServiceLoadBalancer]?

    /// What `deployment` deploys.
    public init(id: ServiceRevisionID, of deployment: DeploymentRecord, images: [Image]) {
        self.id = id
        createdAt = deployment.createdAt
        taskDefinition = deployment.taskDefinition
        launchType = deployment.launchType
        capacityProviderStrategy = deployment.capacityProviderStrategy
        platformVersion = deployment.platformVersion
        networkConfiguration = deployment.networkConfiguration
        self.images = images
        loadBalancers = deployment.loadBalancers
    }

    /// Which ports of its tasks are behind target groups.
    public var loadBalancers: [ServiceLoadBalancer] {
        get { ports ?? [] }
        set { ports = newValue.isEmpty ? nil : newValue }
    }
}

public enum ServiceDeploymentStatus: String, Codable, Sendable, CaseIterable {
    case pending, inProgress, successful
    case stopRequested, stopped
    case rollbackRequested, rollbackInProgress, rollbackSuccessful, rollbackFailed

    /// Whether something may still change.
    public var isOpen: Bool {
        switch self {
        case .pending, .inProgress, .stopRequested, .rollbackRequested, .rollbackInProgress: true
        case .successful, .stopped, .rollbackSuccessful, .rollbackFailed: false
        }
    }
}

/// How many tasks a revision shall have and has.
public struct RevisionTally: Hashable, Codable, Sendable {
    public var revision: ServiceRevisionID
    public var requested: Int
    public var running: Int
    public var pending: Int
    /// Shares of traffic; nil where a deployment's strategy knows none.
    public var production: TrafficWeight?
    public var test: TrafficWeight?

    public init(revision: ServiceRevisionID, requested: Int = 0, running: Int = 0, pending: Int = 0) {
        self.revision = revision
        self.requested = requested
        self.running = running
        self.pending = pending
    }
}

/// The history of one deployment that a caller began, its rollback included.
///
/// The front makes it (PENDING), sets `status` to `stopRequested` or `rollbackRequested` and adds to `hookAnswers`; everything
/// else is the services controller's, written with the deployment it tells of.
public struct ServiceDeploymentRecord: Hashable, Codable, Sendable {
    /// What the circuit breaker makes of the deployment.
    public struct Breaker: Hashable, Codable, Sendable {
        public enum Status: String, Codable, Sendable { case disabled, monitoring, monitoringComplete, triggered }

        public var status: Status
        public var failureCount: Int
        public var threshold: Int

        public init(status: Status, failureCount: Int = 0, threshold: Int) {
            self.status = status
            self.failureCount = failureCount
            self.threshold = threshold
        }
    }

    public struct Rollback: Hashable, Codable, Sendable {
        public var reason: String
        public var startedAt: Timestamp
        public var revision: ServiceRevisionID?
        /// The deployment of the service that carries it out.
        public var deployment: DeploymentID

        public init(reason: String, startedAt: Timestamp, revision: ServiceRevisionID?, deployment: DeploymentID) {
            self.reason = reason
            self.startedAt = startedAt
            self.revision = revision
            self.deployment = deployment
        }
    }

    public var id: ServiceDeploymentID
    public var status: ServiceDeploymentStatus = .pending
    public var statusReason: String?
    public var createdAt: Timestamp
    public var startedAt: Timestamp?
    public var stoppedAt: Timestamp?
    public var finishedAt: Timestamp?
    public var updatedAt: Timestamp
    /// The deployment of the service that carries it out.
    public var deployment: DeploymentID
    public var target: ServiceRevisionID
    /// What ran when it began.
    public var sources: [ServiceRevisionID]
    /// As it was when the deployment began.
    public var configuration: DeploymentConfiguration
    public var breaker: Breaker
    public var rollback: Rollback?
    /// How many tasks its revisions had when it ended; nil while it is open.
    public var tallies: [RevisionTally]?
    /// Where it stands, or ended; nil with the rolling strategy.
    public var stage: LifecycleStage?
    /// The hooks it came to, oldest first; nil for none.
    public var hooks: [LifecycleHookRun]?
    /// What callers said to hooks, in order; nil for nothing.
    public var hookAnswers: [LifecycleHookAnswer]?
    /// The alarms that failed it; nil for none.
    public var triggeredAlarms: [String]?

    public init(
        id: ServiceDeploymentID, deployment: DeploymentRecord, target: ServiceRevisionID, sources: [ServiceRevisionID],
        configuration: DeploymentConfiguration, breaker: Breaker
    ) {
        self.id = id
        self.deployment = deployment.id
        createdAt = deployment.createdAt
        updatedAt = deployment.createdAt
        self.target = target
        self.sources = sources
        self.configuration = configuration
        self.breaker = breaker
    }
}
