public import Domain
public import Identifiers

/// What must change for one service now.
public struct ServicePlan: Hashable, Sendable {
    /// New tasks of one deployment.
    public struct Start: Hashable, Sendable {
        public var deployment: DeploymentID
        public var count: Int
        /// The only host for them; nil for any.
        public var host: ContainerInstanceID?
        /// The only zone for them; nil for any. Such a start begins a move between zones.
        public var zone: String?
        /// Of a start in a zone: whose capacity it takes.
        public var provider: String?
    }

    /// One task that shall stop, and what to tell of it.
    public struct Stop: Hashable, Sendable {
        public var task: TaskID
        public var code: StopCode
        public var reason: String
    }

    /// The service with its deployments moved on; its `events` are as they were.
    public var service: ServiceRecord
    /// The open service deployments of the snapshot, in its order, moved on.
    public var serviceDeployments: [ServiceDeploymentRecord]
    /// The revisions of the snapshot, in its order, with the digests that became known.
    public var revisions: [ServiceRevisionRecord]
    public var starts: [Start] = []
    public var stops: [Stop] = []
    /// Service events to add, oldest first; the one about started tasks needs their ids and is not here.
    public var messages: [ServiceMessage] = []
    /// When something becomes due although nothing changes; nil when nothing does.
    public var wakeAt: Timestamp?

    init(_ snapshot: ServiceSnapshot) {
        service = snapshot.service
        serviceDeployments = snapshot.serviceDeployments
        revisions = snapshot.revisions
    }

    mutating func wake(at time: Timestamp) { wakeAt = min(wakeAt ?? time, time) }
}

/// Text of a service event, and whether an equal one of the last six hours silences it.
public struct ServiceMessage: Hashable, Sendable {
    public var text: String
    public var isOncePerSpell: Bool

    public init(_ text: String, isOncePerSpell: Bool = false) {
        self.text = text
        self.isOncePerSpell = isOncePerSpell
    }
}
