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

/// One item of a capacity provider strategy.
public struct CapacityProviderItem: Hashable, Codable, Sendable {
    public var provider: String
    /// 0 to 1,000; the share of tasks relative to the other items.
    public var weight: Int
    /// 0 to 100,000; how many tasks go here before weights count.
    public var base: Int

    public init(provider: String, weight: Int = 0, base: Int = 0) {
        self.provider = provider
        self.weight = weight
        self.base = base
    }
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
