/// Names one cluster.
public struct ClusterID: Hashable, Comparable, Codable, Sendable {
    public var scope: Scope
    public var name: String

    public init(scope: Scope, name: String) {
        self.scope = scope
        self.name = name
    }

    public var arn: String { ARN(scope: scope, type: "cluster", path: [name]).text }

    public static func < (lhs: ClusterID, rhs: ClusterID) -> Bool {
        (lhs.scope, lhs.name) < (rhs.scope, rhs.name)
    }
}

/// Names one capacity provider.
public struct CapacityProviderID: Hashable, Comparable, Codable, Sendable {
    public var scope: Scope
    public var name: String

    public init(scope: Scope, name: String) {
        self.scope = scope
        self.name = name
    }

    public var arn: String { ARN(scope: scope, type: "capacity-provider", path: [name]).text }

    public static func < (lhs: CapacityProviderID, rhs: CapacityProviderID) -> Bool {
        (lhs.scope, lhs.name) < (rhs.scope, rhs.name)
    }
}

/// Names one service within its cluster.
public struct ServiceID: Hashable, Comparable, Codable, Sendable {
    public var cluster: ClusterID
    public var name: String

    public init(cluster: ClusterID, name: String) {
        self.cluster = cluster
        self.name = name
    }

    public var arn: String {
        ARN(scope: cluster.scope, type: "service", path: [cluster.name, name]).text
    }

    public static func < (lhs: ServiceID, rhs: ServiceID) -> Bool {
        (lhs.cluster, lhs.name) < (rhs.cluster, rhs.name)
    }
}

/// Names one task: 32 lowercase hexadecimal digits within its cluster.
public struct TaskID: Hashable, Comparable, Codable, Sendable {
    public var cluster: ClusterID
    public var id: String

    public init(cluster: ClusterID, id: String) {
        self.cluster = cluster
        self.id = id
    }

    public var arn: String { ARN(scope: cluster.scope, type: "task", path: [cluster.name, id]).text }

    /// Parses a full task ARN, `arn:aws:ecs:R:A:task/CLUSTER/ID`.
    public init?(arn text: String) {
        guard let arn = ARN(text), arn.type == "task", arn.path.count == 2 else { return nil }
        self.init(cluster: ClusterID(scope: arn.scope, name: arn.path[0]), id: arn.path[1])
    }

    public static func < (lhs: TaskID, rhs: TaskID) -> Bool {
        (lhs.cluster, lhs.id) < (rhs.cluster, rhs.id)
    }
}

/// Names one container instance (a host): 32 lowercase hexadecimal digits, unique within the scope.
public struct ContainerInstanceID: Hashable, Comparable, Codable, Sendable {
    public var scope: Scope
    public var id: String

    public init(scope: Scope, id: String) {
        self.scope = scope
        self.id = id
    }

    /// Parses a full container instance ARN and gives back the cluster name it mentions.
    public static func parse(arn text: String) -> (id: ContainerInstanceID, cluster: String)? {
        guard let arn = ARN(text), arn.type == "container-instance", arn.path.count == 2 else { return nil }
        return (ContainerInstanceID(scope: arn.scope, id: arn.path[1]), arn.path[0])
    }

    public static func < (lhs: ContainerInstanceID, rhs: ContainerInstanceID) -> Bool {
        (lhs.scope, lhs.id) < (rhs.scope, rhs.id)
    }
}

/// Names a task definition family. Families of daemons have names of their own.
public struct FamilyID: Hashable, Comparable, Codable, Sendable {
    public enum Kind: String, Codable, Sendable { case task, daemon }

    public var scope: Scope
    public var kind: Kind
    public var name: String

    public init(scope: Scope, kind: Kind = .task, name: String) {
        self.scope = scope
        self.kind = kind
        self.name = name
    }

    private enum CodingKeys: CodingKey { case scope, kind, name }

    /// A stored id without a kind is an ordinary family's.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        scope = try container.decode(Scope.self, forKey: .scope)
        kind = try container.decodeIfPresent(Kind.self, forKey: .kind) ?? .task
        name = try container.decode(String.self, forKey: .name)
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(scope, forKey: .scope)
        if kind != .task { try container.encode(kind, forKey: .kind) }
        try container.encode(name, forKey: .name)
    }

    public static func < (lhs: FamilyID, rhs: FamilyID) -> Bool {
        if lhs.scope != rhs.scope { return lhs.scope < rhs.scope }
        if lhs.kind != rhs.kind { return lhs.kind == .task }
        return lhs.name < rhs.name
    }
}

/// Names one revision of a task definition. Ordered by family, then by revision number.
public struct TaskDefinitionID: Hashable, Comparable, Codable, Sendable {
    public var family: FamilyID
    /// 1 for the first registration; never reused.
    public var revision: Int

    public init(family: FamilyID, revision: Int) {
        self.family = family
        self.revision = revision
    }

    public var arn: String {
        ARN(scope: family.scope, type: family.kind.arnType, path: ["\(family.name):\(revision)"]).text
    }

    /// Parses a full ARN of a task definition, or of a daemon's, with its revision.
    public init?(arn text: String) {
        guard let arn = ARN(text), arn.path.count == 1, let kind = FamilyID.Kind(arnType: arn.type) else { return nil }
        let parts = arn.path[0].split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let revision = Int(parts[1]), revision > 0, !parts[0].isEmpty else { return nil }
        self.init(family: FamilyID(scope: arn.scope, kind: kind, name: String(parts[0])), revision: revision)
    }

    public static func < (lhs: TaskDefinitionID, rhs: TaskDefinitionID) -> Bool {
        (lhs.family, lhs.revision) < (rhs.family, rhs.revision)
    }
}

extension FamilyID.Kind {
    public var arnType: String {
        switch self {
        case .task: "task-definition"
        case .daemon: "daemon-task-definition"
        }
    }

    public init?(arnType: String) {
        switch arnType {
        case "task-definition": self = .task
        case "daemon-task-definition": self = .daemon
        default: return nil
        }
    }
}

/// Names one deployment of a service: `ecs-svc/N`, N a decimal of 19 digits.
public struct DeploymentID: Hashable, Comparable, Codable, Sendable {
    public var rawValue: String

    public init(rawValue: String) { self.rawValue = rawValue }

    public static func < (lhs: DeploymentID, rhs: DeploymentID) -> Bool { lhs.rawValue < rhs.rawValue }
}

/// Names one setting of one principal.
public struct AccountSettingID: Hashable, Comparable, Codable, Sendable {
    public var scope: Scope
    /// Such as `containerInsights`.
    public var name: String
    /// ARN of the root user, a user or a role.
    public var principal: String

    public init(scope: Scope, name: String, principal: String) {
        self.scope = scope
        self.name = name
        self.principal = principal
    }

    public static func < (lhs: AccountSettingID, rhs: AccountSettingID) -> Bool {
        (lhs.scope, lhs.name, lhs.principal) < (rhs.scope, rhs.name, rhs.principal)
    }
}
