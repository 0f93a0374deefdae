/// Names one daemon within its cluster.
public struct DaemonID: Hashable, Comparable, Codable, Sendable {
    public var cluster: ClusterID
    public var name: String

    public init(cluster: ClusterID, name: String) {
        self.cluster = cluster
        self.name = name
    }

    public var arn: String { ARN(scope: cluster.scope, type: "daemon", path: [cluster.name, name]).text }

    /// Parses a full daemon ARN, `arn:aws:ecs:R:A:daemon/CLUSTER/NAME`.
    public init?(arn text: String) {
        guard let arn = ARN(text), arn.type == "daemon", arn.path.count == 2 else { return nil }
        self.init(cluster: ClusterID(scope: arn.scope, name: arn.path[0]), name: arn.path[1])
    }

    public static func < (lhs: DaemonID, rhs: DaemonID) -> Bool {
        (lhs.cluster, lhs.name) < (rhs.cluster, rhs.name)
    }
}

/// Names one revision of a daemon: what its tasks were made of at a time.
public struct DaemonRevisionID: Hashable, Comparable, Codable, Sendable {
    public var daemon: DaemonID
    /// 19 decimal digits.
    public var number: String

    public init(daemon: DaemonID, number: String) {
        self.daemon = daemon
        self.number = number
    }

    public var arn: String { daemon.arn(type: "daemon-revision", number) }

    public init?(arn text: String) {
        guard let (daemon, number) = DaemonID.parse(arn: text, type: "daemon-revision") else { return nil }
        self.init(daemon: daemon, number: number)
    }

    public static func < (lhs: DaemonRevisionID, rhs: DaemonRevisionID) -> Bool {
        (lhs.daemon, lhs.number) < (rhs.daemon, rhs.number)
    }
}

/// Names one deployment of a daemon.
public struct DaemonDeploymentID: Hashable, Comparable, Codable, Sendable {
    public var daemon: DaemonID
    /// 21 characters of the URL-safe base64 alphabet.
    public var id: String

    public init(daemon: DaemonID, id: String) {
        self.daemon = daemon
        self.id = id
    }

    public var arn: String { daemon.arn(type: "daemon-deployment", id) }

    public init?(arn text: String) {
        guard let (daemon, id) = DaemonID.parse(arn: text, type: "daemon-deployment") else { return nil }
        self.init(daemon: daemon, id: id)
    }

    public static func < (lhs: DaemonDeploymentID, rhs: DaemonDeploymentID) -> Bool {
        (lhs.daemon, lhs.id) < (rhs.daemon, rhs.id)
    }
}

extension DaemonID {
    fileprivate func arn(type: String, _ last: String) -> String {
        ARN(scope: cluster.scope, type: type, path: [cluster.name, name, last]).text
    }

    fileprivate static func parse(arn text: String, type: String) -> (DaemonID, String)? {
        guard let arn = ARN(text), arn.type == type, arn.path.count == 3 else { return nil }
        return (DaemonID(cluster: ClusterID(scope: arn.scope, name: arn.path[0]), name: arn.path[1]), arn.path[2])
    }
}
