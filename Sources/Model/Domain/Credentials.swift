public import Identifiers

/// Who may use an access key.
public enum Principal: Hashable, Codable, Sendable {
    case root
    /// A host: reads and reports only its own tasks.
    case node(ContainerInstanceID)
}

/// As what a host joined: what it registers as is not the host's to choose later.
public struct JoinedCapacity: Hashable, Codable, Sendable {
    /// `.fargate` for managed capacity.
    public var launchType: LaunchType
    /// The cluster that the host was meant for; nil for managed capacity.
    public var cluster: String?
    /// Whose capacity the host is, in that cluster.
    public var capacityProvider: String?

    public init(launchType: LaunchType, cluster: String?, capacityProvider: String? = nil) {
        self.launchType = launchType
        self.cluster = cluster
        self.capacityProvider = capacityProvider
    }
}

/// A stored access key.
public struct AccessKeyRecord: Hashable, Codable, Sendable {
    /// Twenty characters, starting with `AKIA`.
    public var id: String
    public var secret: String
    public var scope: Scope
    public var principal: Principal
    /// Of a host's key: as what it joined.
    public var joined: JoinedCapacity?
    public var createdAt: Timestamp

    public init(id: String, secret: String, scope: Scope, principal: Principal, createdAt: Timestamp) {
        self.id = id
        self.secret = secret
        self.scope = scope
        self.principal = principal
        self.createdAt = createdAt
    }
}

/// A stored one-time token with which a host joins. Only its digest is kept.
public struct JoinTokenRecord: Hashable, Codable, Sendable {
    /// SHA-256 of the token, lowercase hexadecimal.
    public var digest: String
    public var scope: Scope
    public var createdAt: Timestamp
    public var expiresAt: Timestamp
    /// Set once, by the host that joined; the token is dead then.
    public var usedBy: ContainerInstanceID?

    public init(digest: String, scope: Scope, createdAt: Timestamp, expiresAt: Timestamp) {
        self.digest = digest
        self.scope = scope
        self.createdAt = createdAt
        self.expiresAt = expiresAt
    }
}

/// Remembers which tasks a RunTask client token made, for 24 hours.
public struct IdempotencyRecord: Hashable, Codable, Sendable {
    public var scope: Scope
    /// Operation, cluster and client token.
    public var key: String
    /// SHA-256 of the request's members, lowercase hexadecimal.
    public var requestDigest: String
    public var tasks: [TaskID]
    public var createdAt: Timestamp

    public init(scope: Scope, key: String, requestDigest: String, tasks: [TaskID], createdAt: Timestamp) {
        self.scope = scope
        self.key = key
        self.requestDigest = requestDigest
        self.tasks = tasks
        self.createdAt = createdAt
    }
}

/// Installation-wide settings that must survive. One record.
public struct InstallationRecord: Hashable, Codable, Sendable {
    public var scope: Scope
    /// Task address range, such as `10.99.0.0/16`; hosts get `/24` blocks of it.
    public var taskCIDR: String
    /// Grows with every restore, so that sequence numbers sent to agents never go back.
    public var epoch: Int
    /// Below it every number of this epoch may have been sent to an agent. Written by the agent gateway.
    public var sequenceReserved: Int64 = 1

    public init(scope: Scope, taskCIDR: String, epoch: Int = 1) {
        self.scope = scope
        self.taskCIDR = taskCIDR
        self.epoch = epoch
    }
}
