public import Domain
public import Identifiers
public import Placement

/// Everything the plan of one daemon may look at.
public struct DaemonSnapshot: Sendable {
    /// A host of the daemon's capacity providers that is ACTIVE or DRAINING.
    public struct Host: Hashable, Sendable {
        public var id: ContainerInstanceID
        /// Whether it is connected and not given up: a silent host is left as it is.
        public var isReachable: Bool
        /// Whether it is not connected now and was not given up: what runs there may be anything.
        public var isSilent: Bool
        public var isDraining: Bool
        /// Whether tasks that are no daemon's live there; asked of draining hosts only.
        public var hasOtherTasks: Bool
        /// Why it does not admit a task of the wanted revision, an older one of the daemon put aside; nil when it does.
        public var refusal: PlacementRefusal?

        public init(
            id: ContainerInstanceID, isReachable: Bool = true, isSilent: Bool = false, isDraining: Bool = false,
            hasOtherTasks: Bool = false, refusal: PlacementRefusal? = nil
        ) {
            self.id = id
            self.isReachable = isReachable
            self.isSilent = isSilent
            self.isDraining = isDraining
            self.hasOtherTasks = hasOtherTasks
            self.refusal = refusal
        }
    }

    public var daemon: DaemonRecord
    /// The most recent one.
    public var deployment: DaemonDeploymentRecord
    /// The hosts of the wanted revision, in order of their ids.
    public var hosts: [Host]
    /// All tasks of the daemon, stopped ones included.
    public var tasks: [TaskRecord]
    /// What its live tasks are made of.
    public var definitions: [TaskDefinitionID: TaskDefinition]
    /// The alarms of its deployment by name, as far as they exist.
    public var alarms: [String: AlarmState] = [:]
    public var now: Timestamp

    public init(
        daemon: DaemonRecord, deployment: DaemonDeploymentRecord, hosts: [Host], tasks: [TaskRecord],
        definitions: [TaskDefinitionID: TaskDefinition], now: Timestamp
    ) {
        self.daemon = daemon
        self.deployment = deployment
        self.hosts = hosts
        self.tasks = tasks
        self.definitions = definitions
        self.now = now
    }

    /// Whether the task does its work: it runs, and its checks, if it has some, all pass.
    func isWell(_ task: TaskRecord) -> Bool {
        guard task.lastStatus == .running, task.desiredStatus == .running else { return false }
        guard let definition = definitions[task.definition], definition.isChecked else { return true }
        return task.healthStatus(in: definition) == .healthy
    }

    /// Until when a running task must be watched before its host counts as done; nil when it proved itself.
    ///
    /// Passed checks are proof; without checks it is some time without an end. A start that is still to come is one of a
    /// clock that was set back since.
    func provesItself(_ task: TaskRecord) -> Timestamp? {
        if let definition = definitions[task.definition], definition.isChecked { return nil }
        guard let startedAt = task.observed?.startedAt, startedAt <= now else { return nil }
        let until = startedAt.adding(provingTime)
        return until > now ? until : nil
    }

    func isUnhealthy(_ task: TaskRecord) -> Bool {
        definitions[task.definition].map { task.healthStatus(in: $0) == .unhealthy } ?? false
    }
}

extension TaskDefinition {
    fileprivate var isChecked: Bool { containers.contains { $0.essential && $0.healthCheck != nil } }
}
