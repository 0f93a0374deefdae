public import Identifiers

/// A key with its value, as ECS tags, settings and environment variables carry them.
public struct KeyValue: Hashable, Codable, Sendable {
    public var key: String
    public var value: String

    public init(key: String, value: String) {
        self.key = key
        self.value = value
    }
}

/// How sessions of ExecuteCommand shall be kept secret and logged.
public struct ExecuteCommandConfiguration: Hashable, Codable, Sendable {
    public enum Logging: String, Codable, Sendable { case none, standard, override }

    /// Where the output of sessions goes with `override`.
    public struct Log: Hashable, Codable, Sendable {
        public var group: String?
        public var isGroupEncrypted = false
        public var bucket: String?
        public var isBucketEncrypted = false
        public var keyPrefix: String?

        public init() {}
    }

    public var kmsKey: String?
    public var logging = Logging.standard
    public var log: Log?

    public init() {}
}

/// What a cluster asks of features that are kept and shown, and that nothing here acts on yet.
public struct ClusterConfiguration: Hashable, Codable, Sendable {
    public var executeCommand: ExecuteCommandConfiguration?
    /// Of EBS volumes.
    public var storageKMSKey: String?

    public init() {}
}

public enum ClusterStatus: String, Codable, Sendable { case active, inactive }

/// A stored cluster. Written by the API front.
public struct ClusterRecord: Hashable, Codable, Sendable {
    public var id: ClusterID
    public var status: ClusterStatus
    public var createdAt: Timestamp
    /// `containerInsights` and the like, sorted by name.
    public var settings: [KeyValue]
    public var capacityProviders: [String]
    public var defaultStrategy: [CapacityProviderItem]
    public var tags: [KeyValue]
    public var configuration: ClusterConfiguration?
    /// Name or ARN, as the caller gave it.
    public var serviceConnectNamespace: String?

    public init(
        id: ClusterID, status: ClusterStatus = .active, createdAt: Timestamp, settings: [KeyValue] = [],
        capacityProviders: [String] = [], defaultStrategy: [CapacityProviderItem] = [], tags: [KeyValue] = []
    ) {
        self.id = id
        self.status = status
        self.createdAt = createdAt
        self.settings = settings
        self.capacityProviders = capacityProviders
        self.defaultStrategy = defaultStrategy
        self.tags = tags
    }
}
