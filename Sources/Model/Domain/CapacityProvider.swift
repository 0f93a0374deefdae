public import Identifiers

/// One item of a capacity provider strategy.
public struct CapacityProviderItem: Hashable, Codable, Sendable {
    /// The short name.
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

/// The providers that are always there. Their tasks run on managed hosts; callers can neither make nor change them.
public enum FargateProvider: String, CaseIterable, Sendable {
    case fargate = "FARGATE"
    case fargateSpot = "FARGATE_SPOT"
}

public enum CapacityProviderStatus: String, Codable, Sendable { case active, inactive }

/// How the last change of a provider went.
public enum CapacityProviderUpdate: String, Codable, Sendable {
    case updateComplete, deleteComplete
    /// It is still used: the record's `updateReason` says where.
    case deleteFailed
}

/// How AWS would scale the group behind a provider. Kept and shown; nothing scales hosts here.
public struct ManagedScaling: Hashable, Codable, Sendable {
    public var isEnabled = false
    /// Percent of the group that shall be used; 1 to 100.
    public var targetCapacity = 100
    /// Instances; 1 to 10,000.
    public var minimumStepSize = 1
    /// Instances; 1 to 10,000.
    public var maximumStepSize = 10_000
    /// Seconds; 0 to 10,000.
    public var instanceWarmupPeriod = 300

    public init() {}
}

/// A stored capacity provider of an Auto Scaling group. Written by the API front; forgotten by retention.
///
/// Its hosts are those that joined with its name; the group itself is a fact of AWS that is kept and shown.
public struct CapacityProviderRecord: Hashable, Codable, Sendable {
    public var id: CapacityProviderID
    public var status: CapacityProviderStatus = .active
    /// nil until the first change.
    public var update: CapacityProviderUpdate?
    public var updateReason: String?
    public var createdAt: Timestamp
    /// ARN or name, as the caller gave it.
    public var autoScalingGroup: String
    public var managedScaling: ManagedScaling
    public var isProtectedFromTermination: Bool
    public var isDrained: Bool
    public var tags: [KeyValue]
    /// When it became INACTIVE; its name is free since then.
    public var deletedAt: Timestamp?

    public init(
        id: CapacityProviderID, createdAt: Timestamp, autoScalingGroup: String,
        managedScaling: ManagedScaling = ManagedScaling(), isProtectedFromTermination: Bool = false,
        isDrained: Bool = true, tags: [KeyValue] = []
    ) {
        self.id = id
        self.createdAt = createdAt
        self.autoScalingGroup = autoScalingGroup
        self.managedScaling = managedScaling
        self.isProtectedFromTermination = isProtectedFromTermination
        self.isDrained = isDrained
        self.tags = tags
    }
}
