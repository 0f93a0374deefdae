public import Domain
public import Identifiers

/// Everything the plan of one service may look at.
public struct ServiceSnapshot: Sendable {
    /// What the plan knows of a host.
    public struct Host: Hashable, Sendable {
        public var isDraining: Bool
        /// The value of `ecs.availability-zone`.
        public var zone: String?
        /// Whether it runs tasks that are not a daemon's.
        public var hasOthers: Bool

        public init(isDraining: Bool = false, zone: String? = nil, hasOthers: Bool = false) {
            self.isDraining = isDraining
            self.zone = zone
            self.hasOthers = hasOthers
        }
    }

    public var service: ServiceRecord
    /// All tasks of the service, stopped ones included.
    public var tasks: [TaskRecord]
    /// The definitions that its deployments and live tasks name.
    public var definitions: [TaskDefinitionID: TaskDefinition]
    /// The hosts its live tasks are on.
    public var hosts: [ContainerInstanceID: Host]
    /// With the DAEMON strategy: the hosts that shall have a task, in order of their ids.
    public var eligibleHosts: [ContainerInstanceID] = []
    /// By capacity provider, what the zones say that `zoneQuestion` asks about.
    public var zoneAnswers: [String?: ZoneAnswer] = [:]
    /// Service deployments that are open.
    public var serviceDeployments: [ServiceDeploymentRecord] = []
    /// What the service's deployments deploy, as far as it is kept.
    public var revisions: [ServiceRevisionRecord] = []
    /// The alarms of its deployments by name, as far as they exist.
    public var alarms: [String: AlarmState] = [:]
    /// How long those need until they look at nothing from before.
    public var alarmBakeTime = Duration.zero
    /// What load balancers see of the live tasks that are behind any.
    public var traffic: [TaskID: TaskTrafficHealth] = [:]
    public var now: Timestamp
    /// The id of a deployment that a rollback may make.
    public var freshID: DeploymentID

    public init(
        service: ServiceRecord, tasks: [TaskRecord], definitions: [TaskDefinitionID: TaskDefinition],
        hosts: [ContainerInstanceID: Host] = [:], now: Timestamp, freshID: DeploymentID
    ) {
        self.service = service
        self.tasks = tasks
        self.definitions = definitions
        self.hosts = hosts
        self.now = now
        self.freshID = freshID
    }

    /// Tasks that are meant to run and have not stopped, in order of their ids.
    var liveTasks: [TaskRecord] {
        tasks.filter { $0.isLive && $0.desiredStatus == .running }.sorted { $0.id < $1.id }
    }

    /// Behind load balancers those must find it healthy, whether or not its containers are checked as well.
    func isHealthy(_ task: TaskRecord) -> Bool {
        let definition = definitions[task.definition]
        guard !task.loadBalancers.isEmpty else { return task.isHealthy(under: definition, now: now) }
        guard task.lastStatus == .running, task.desiredStatus == .running, traffic[task.id] == .healthy else {
            return false
        }
        guard let definition, definition.hasChecks else { return true }
        return task.healthStatus(in: definition) == .healthy
    }

    /// Whether a check failed, of its containers or at a load balancer, and the service's grace period is over.
    func isUnhealthy(_ task: TaskRecord) -> Bool { failedCheck(of: task) != nil }

    /// Which check that is; nil while none failed and during the grace period.
    func failedCheck(of task: TaskRecord) -> FailedCheck? {
        guard let failed = failedCheckNow(of: task) else { return nil }
        // A start that is still to come is one of a clock that was set back since: no grace is measured by it.
        let isOfOtherClock = task.observed?.startedAt.map { $0 > now } ?? false
        return isOfOtherClock || graceEnd(of: task) <= now ? failed : nil
    }

    private func failedCheckNow(of task: TaskRecord) -> FailedCheck? {
        if let definition = definitions[task.definition], task.healthStatus(in: definition) == .unhealthy {
            return .container
        }
        guard task.lastStatus == .running, case .unhealthy(let port, let reason)? = traffic[task.id] else { return nil }
        return .target(port, reason)
    }

    func graceEnd(of task: TaskRecord) -> Timestamp {
        (task.observed?.startedAt ?? task.createdAt).adding(.seconds(service.healthCheckGracePeriod ?? 0))
    }

    func isDisplaced(_ task: TaskRecord) -> Bool {
        task.placement.flatMap { hosts[$0.instance]?.isDraining } ?? false
    }
}
