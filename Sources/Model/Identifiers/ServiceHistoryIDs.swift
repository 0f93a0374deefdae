/// Names one revision of a service: a decimal of 19 digits within the service.
public struct ServiceRevisionID: Hashable, Comparable, Codable, Sendable {
    public var service: ServiceID
    public var number: String

    public init(service: ServiceID, number: String) {
        self.service = service
        self.number = number
    }

    public var arn: String {
        ARN(
            scope: service.cluster.scope, type: "service-revision", path: [service.cluster.name, service.name, number]
        ).text
    }

    /// Parses `arn:aws:ecs:R:A:service-revision/CLUSTER/SERVICE/NUMBER`.
    public init?(arn text: String) {
        guard let (service, last) = ARN(text)?.partOfService("service-revision") else { return nil }
        self.init(service: service, number: last)
    }

    public static func < (lhs: ServiceRevisionID, rhs: ServiceRevisionID) -> Bool {
        (lhs.service, lhs.number) < (rhs.service, rhs.number)
    }
}

/// Names one service deployment: 21 characters of the URL-safe base64 alphabet within the service.
public struct ServiceDeploymentID: Hashable, Comparable, Codable, Sendable {
    public var service: ServiceID
    public var id: String

    public init(service: ServiceID, id: String) {
        self.service = service
        self.id = id
    }

    public var arn: String {
        ARN(
            scope: service.cluster.scope, type: "service-deployment", path: [service.cluster.name, service.name, id]
        ).text
    }

    /// Parses `arn:aws:ecs:R:A:service-deployment/CLUSTER/SERVICE/ID`.
    public init?(arn text: String) {
        guard let (service, last) = ARN(text)?.partOfService("service-deployment") else { return nil }
        self.init(service: service, id: last)
    }

    public static func < (lhs: ServiceDeploymentID, rhs: ServiceDeploymentID) -> Bool {
        (lhs.service, lhs.id) < (rhs.service, rhs.id)
    }
}

extension ARN {
    /// The service and the last part of `TYPE/CLUSTER/SERVICE/LAST`.
    fileprivate func partOfService(_ type: String) -> (ServiceID, String)? {
        guard self.type == type, path.count == 3 else { return nil }
        return (ServiceID(cluster: ClusterID(scope: scope, name: path[0]), name: path[1]), path[2])
    }
}
