/// What a load balancer understands of its traffic.
public enum LoadBalancerKind: String, Codable, Sendable {
    /// HTTP and HTTPS.
    case application = "app"
    /// TCP and TLS.
    case network = "net"
}

/// Names one load balancer. Its name is its own in account and region; the suffix tells it from an earlier one of that name.
public struct LoadBalancerID: Hashable, Comparable, Codable, Sendable {
    public var scope: Scope
    public var kind: LoadBalancerKind
    public var name: String
    /// 16 lowercase hexadecimal digits.
    public var suffix: String

    public init(scope: Scope, kind: LoadBalancerKind, name: String, suffix: String) {
        self.scope = scope
        self.kind = kind
        self.name = name
        self.suffix = suffix
    }

    public var arn: String { scope.loadBalancingARN("loadbalancer/\(path)") }

    /// - Returns: nil unless the text is the ARN of a load balancer.
    public init?(arn: String) {
        guard let (scope, parts) = Scope.loadBalancing(arn), parts.first == "loadbalancer", parts.count == 4 else {
            return nil
        }
        self.init(scope, parts.dropFirst())
    }

    fileprivate init?(_ scope: Scope, _ path: ArraySlice<String>) {
        let path = Array(path)
        guard path.count == 3, let kind = LoadBalancerKind(rawValue: path[0]) else { return nil }
        self.init(scope: scope, kind: kind, name: path[1], suffix: path[2])
    }

    fileprivate var path: String { "\(kind.rawValue)/\(name)/\(suffix)" }

    /// By name first, so that all of one name stand together.
    public static func < (lhs: LoadBalancerID, rhs: LoadBalancerID) -> Bool {
        (lhs.scope, lhs.name, lhs.suffix, lhs.kind.rawValue) < (rhs.scope, rhs.name, rhs.suffix, rhs.kind.rawValue)
    }
}

/// Names one listener of a load balancer.
public struct ListenerID: Hashable, Comparable, Codable, Sendable {
    public var loadBalancer: LoadBalancerID
    /// 16 lowercase hexadecimal digits.
    public var suffix: String

    public init(loadBalancer: LoadBalancerID, suffix: String) {
        self.loadBalancer = loadBalancer
        self.suffix = suffix
    }

    public var arn: String { loadBalancer.scope.loadBalancingARN("listener/\(path)") }

    /// - Returns: nil unless the text is the ARN of a listener.
    public init?(arn: String) {
        guard let (scope, parts) = Scope.loadBalancing(arn), parts.first == "listener", parts.count == 5,
            let loadBalancer = LoadBalancerID(scope, parts[1...3])
        else { return nil }
        self.init(loadBalancer: loadBalancer, suffix: parts[4])
    }

    fileprivate var path: String { "\(loadBalancer.path)/\(suffix)" }

    public static func < (lhs: ListenerID, rhs: ListenerID) -> Bool {
        (lhs.loadBalancer, lhs.suffix) < (rhs.loadBalancer, rhs.suffix)
    }
}

/// Names one rule of a listener, its default rule too.
public struct ListenerRuleID: Hashable, Comparable, Codable, Sendable {
    public var listener: ListenerID
    /// 16 lowercase hexadecimal digits.
    public var suffix: String

    public init(listener: ListenerID, suffix: String) {
        self.listener = listener
        self.suffix = suffix
    }

    public var arn: String { listener.loadBalancer.scope.loadBalancingARN("listener-rule/\(listener.path)/\(suffix)") }

    /// - Returns: nil unless the text is the ARN of a rule.
    public init?(arn: String) {
        guard let (scope, parts) = Scope.loadBalancing(arn), parts.first == "listener-rule", parts.count == 6,
            let loadBalancer = LoadBalancerID(scope, parts[1...3])
        else { return nil }
        self.init(listener: ListenerID(loadBalancer: loadBalancer, suffix: parts[4]), suffix: parts[5])
    }

    public static func < (lhs: ListenerRuleID, rhs: ListenerRuleID) -> Bool {
        (lhs.listener, lhs.suffix) < (rhs.listener, rhs.suffix)
    }
}

/// Names one target group. Its name is its own in account and region.
public struct TargetGroupID: Hashable, Comparable, Codable, Sendable {
    public var scope: Scope
    public var name: String
    /// 16 lowercase hexadecimal digits.
    public var suffix: String

    public init(scope: Scope, name: String, suffix: String) {
        self.scope = scope
        self.name = name
        self.suffix = suffix
    }

    public var arn: String { scope.loadBalancingARN("targetgroup/\(name)/\(suffix)") }

    /// - Returns: nil unless the text is the ARN of a target group.
    public init?(arn: String) {
        guard let (scope, parts) = Scope.loadBalancing(arn), parts.first == "targetgroup", parts.count == 3 else {
            return nil
        }
        self.init(scope: scope, name: parts[1], suffix: parts[2])
    }

    public static func < (lhs: TargetGroupID, rhs: TargetGroupID) -> Bool {
        (lhs.scope, lhs.name, lhs.suffix) < (rhs.scope, rhs.name, rhs.suffix)
    }
}

/// Names one target of a group: the same host or address may be there with several ports.
public struct TargetID: Hashable, Comparable, Codable, Sendable {
    public var group: TargetGroupID
    /// Id of a container instance's EC2 instance, or an IPv4 address, by the group's target type.
    public var id: String
    public var port: Int

    public init(group: TargetGroupID, id: String, port: Int) {
        self.group = group
        self.id = id
        self.port = port
    }

    public static func < (lhs: TargetID, rhs: TargetID) -> Bool {
        (lhs.group, lhs.id, lhs.port) < (rhs.group, rhs.id, rhs.port)
    }
}

/// Names one certificate of ACM.
public struct CertificateID: Hashable, Comparable, Codable, Sendable {
    public var scope: Scope
    /// A UUID.
    public var id: String

    public init(scope: Scope, id: String) {
        self.scope = scope
        self.id = id
    }

    public var arn: String { "arn:aws:acm:\(scope.region):\(scope.account):certificate/\(id)" }

    /// - Returns: nil unless the text is the ARN of a certificate.
    public init?(arn: String) {
        let parts = arn.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 6, parts[0] == "arn", parts[2] == "acm", parts[5].hasPrefix("certificate/") else {
            return nil
        }
        let id = String(parts[5].dropFirst("certificate/".count))
        guard !id.isEmpty, !id.contains("/") else { return nil }
        self.init(scope: Scope(account: parts[4], region: parts[3]), id: id)
    }

    public static func < (lhs: CertificateID, rhs: CertificateID) -> Bool { (lhs.scope, lhs.id) < (rhs.scope, rhs.id) }
}

extension Scope {
    fileprivate func loadBalancingARN(_ resource: String) -> String {
        "arn:aws:elasticloadbalancing:\(region):\(account):\(resource)"
    }

    /// The parts of the resource, none of them empty; nil unless the text is an ARN of Elastic Load Balancing.
    fileprivate static func loadBalancing(_ arn: String) -> (scope: Scope, parts: [String])? {
        let fields = arn.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard fields.count == 6, fields[0] == "arn", fields[2] == "elasticloadbalancing" else { return nil }
        let parts = fields[5].split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard !parts.contains("") else { return nil }
        return (Scope(account: fields[4], region: fields[3]), parts)
    }
}
