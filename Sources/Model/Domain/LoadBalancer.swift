public import Identifiers

public enum LoadBalancerScheme: String, Codable, Sendable {
    case internetFacing, `internal`
}

public enum LoadBalancerState: String, Codable, Sendable {
    /// Made, and no data plane has it yet.
    case provisioning
    case active
    /// Routes traffic, but not as it was asked to.
    case activeImpaired
    case failed
}

/// A stored load balancer.
///
/// Written by the API front, but for `state` and `stateReason` once it is made: those are the balancing controller's.
public struct LoadBalancerRecord: Hashable, Codable, Sendable {
    public var id: LoadBalancerID
    public var scheme: LoadBalancerScheme
    public var state: LoadBalancerState = .provisioning
    /// Why it is impaired or failed, for people.
    public var stateReason: String?
    public var createdAt: Timestamp
    /// As they were given; on one's own machines they say nothing.
    public var subnets: [String]
    /// Likewise.
    public var securityGroups: [String]
    /// What was set by its name, as it was written. What is not here has its default (`LoadBalancing`).
    public var attributes: [String: String] = [:]
    public var tags: [KeyValue] = []
    /// Its place in the pool of data-plane addresses, from 0: nobody else's while it exists, and it never changes.
    public var addressIndex: Int

    public init(
        id: LoadBalancerID, scheme: LoadBalancerScheme, createdAt: Timestamp, subnets: [String],
        securityGroups: [String], addressIndex: Int
    ) {
        self.id = id
        self.scheme = scheme
        self.createdAt = createdAt
        self.subnets = subnets
        self.securityGroups = securityGroups
        self.addressIndex = addressIndex
    }

    /// The name by which people reach it: curl and browsers take `.localhost` to this machine. The first label has at most 58
    /// characters of the 63 that one may have.
    public var dnsName: String {
        let prefix = scheme == .internal ? "internal-" : ""
        return "\(prefix)\(id.name)-\(id.suffix).\(id.scope.region).elb.localhost"
    }
}

/// What a listener or a target group speaks.
public enum TrafficProtocol: String, Codable, Sendable {
    case http, https, tcp, tls

    /// Whether requests are looked into, as an application load balancer does.
    public var isHTTP: Bool { self == .http || self == .https }

    /// Whether it is encrypted, so that a listener needs a certificate.
    public var isEncrypted: Bool { self == .https || self == .tls }
}

/// What a TLS listener agrees on with its clients beside the cipher.
public enum ALPNPolicy: String, Codable, Sendable {
    case http1Only, http2Only, http2Optional, http2Preferred, none
}

/// A stored listener of a load balancer, with its default rule. Written by the API front alone.
public struct ListenerRecord: Hashable, Codable, Sendable {
    public var id: ListenerID
    public var port: Int
    public var `protocol`: TrafficProtocol
    /// The default certificate first; by its server name a client gets one of the others. Empty unless encrypted.
    public var certificates: [CertificateID] = []
    /// Its name; nil unless encrypted.
    public var sslPolicy: String?
    public var alpnPolicy: ALPNPolicy?
    /// What happens to traffic that no rule takes.
    public var defaultActions: [RuleAction]
    /// Last part of the default rule's ARN.
    public var defaultRule: String
    /// What was set by its name, as it was written. What is not here has its default (`LoadBalancing`).
    public var attributes: [String: String] = [:]
    public var tags: [KeyValue] = []
    /// Of the default rule, which has tags of its own.
    public var defaultRuleTags: [KeyValue] = []
    public var createdAt: Timestamp

    public init(
        id: ListenerID, port: Int, protocol: TrafficProtocol, defaultActions: [RuleAction], defaultRule: String,
        createdAt: Timestamp
    ) {
        self.id = id
        self.port = port
        self.protocol = `protocol`
        self.defaultActions = defaultActions
        self.defaultRule = defaultRule
        self.createdAt = createdAt
    }

    public var defaultRuleID: ListenerRuleID { ListenerRuleID(listener: id, suffix: defaultRule) }

    /// The groups that its default rule sends traffic to, without repeats.
    public var targetGroups: [TargetGroupID] { defaultActions.targetGroups }
}
