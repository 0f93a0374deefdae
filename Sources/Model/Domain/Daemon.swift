public import Identifiers

public enum DaemonStatus: String, Codable, Sendable { case active, deleteInProgress }

/// A stored daemon: one task on every host of its capacity providers.
///
/// Written by the API front (intent) and by the daemons controller, which moves `revision` back when an update fails,
/// keeps `stableRevision` and removes the record once a deleted daemon has no task left.
public struct DaemonRecord: Hashable, Codable, Sendable {
    public var id: DaemonID
    public var status: DaemonStatus = .active
    /// What tasks shall be made of; nil while the daemon is being deleted.
    public var revision: DaemonRevisionID?
    /// The newest revision that ran on every host: what a failed update goes back to.
    public var stableRevision: DaemonRevisionID?
    /// The most recent one.
    public var deployment: DaemonDeploymentID
    public var createdAt: Timestamp
    public var createdBy: String
    public var updatedAt: Timestamp
    public var clientToken: String?
    public var tags: [KeyValue] = []

    public init(
        id: DaemonID, revision: DaemonRevisionID?, deployment: DaemonDeploymentID, createdAt: Timestamp,
        createdBy: String
    ) {
        self.id = id
        self.revision = revision
        self.deployment = deployment
        self.createdAt = createdAt
        self.createdBy = createdBy
        self.updatedAt = createdAt
    }
}

/// A stored revision of a daemon. Written once by the API front.
public struct DaemonRevisionRecord: Hashable, Codable, Sendable {
    public var id: DaemonRevisionID
    /// A daemon task definition.
    public var definition: TaskDefinitionID
    /// Names, in the order they were given.
    public var capacityProviders: [String]
    public var createdAt: Timestamp
    /// Whether tasks get the daemon's tags.
    public var propagatesTags: Bool = false
    public var enableECSManagedTags: Bool = false
    public var enableExecuteCommand: Bool = false

    public init(
        id: DaemonRevisionID, definition: TaskDefinitionID, capacityProviders: [String], createdAt: Timestamp
    ) {
        self.id = id
        self.definition = definition
        self.capacityProviders = capacityProviders
        self.createdAt = createdAt
    }

    /// Whether tasks made from both are the same, and on the same hosts.
    public func isSameIntent(as other: DaemonRevisionRecord) -> Bool {
        var mine = self
        mine.id = other.id
        mine.createdAt = other.createdAt
        return mine == other
    }
}
