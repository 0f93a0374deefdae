/// What one host's data plane must do: all of it, so that two plans are compared and neither depends on what came before.
///
/// Ids are any text. Equal ids in two plans mean the same thing, whose counters and connections go on.
public struct BalancerPlan: Hashable, Codable, Sendable {
    /// IP addresses that all load balancers share, such as `127.0.0.1`: HTTP is told apart by the Host header, TLS by SNI.
    /// What cannot be told apart (TCP, and ports where one listener is HTTP and another TLS) is refused.
    public var sharedAddresses: [String]
    public var loadBalancers: [LoadBalancerPlan]
    public var targetGroups: [TargetGroupPlan]

    public init(
        sharedAddresses: [String] = [], loadBalancers: [LoadBalancerPlan] = [], targetGroups: [TargetGroupPlan] = []
    ) {
        self.sharedAddresses = sharedAddresses
        self.loadBalancers = loadBalancers
        self.targetGroups = targetGroups
    }
}

public struct LoadBalancerPlan: Hashable, Codable, Sendable {
    public enum Kind: String, Hashable, Codable, Sendable { case application, network }

    /// Unique among load balancers.
    public var id: String
    public var kind: Kind
    /// IP addresses its listeners are bound to on their real ports, such as `10.98.0.2`. The host must have them.
    public var addresses: [String]
    /// Host names by which it is served at the plan's shared addresses, such as `web-1.eu-west-1.elb.localhost`.
    public var names: [String]
    /// Seconds without a byte after which a connection is closed; 1 to 6,000.
    public var idleTimeout: Int
    /// What only application load balancers heed.
    public var http: HTTPOptions
    /// Whether `AccessLogSource` gives its requests (or its connections, for a network load balancer).
    public var hasAccessLog: Bool
    public var listeners: [ListenerPlan]

    public init(
        id: String, kind: Kind = .application, addresses: [String], names: [String] = [], idleTimeout: Int = 60,
        http: HTTPOptions = HTTPOptions(), hasAccessLog: Bool = false, listeners: [ListenerPlan]
    ) {
        self.id = id
        self.kind = kind
        self.addresses = addresses
        self.names = names
        self.idleTimeout = idleTimeout
        self.http = http
        self.hasAccessLog = hasAccessLog
        self.listeners = listeners
    }
}

/// How an application load balancer treats requests. Defaults are ELB's.
///
/// There is no choice of a desync mitigation mode: requests that two readers could take differently are always refused, which
/// is between ELB's `defensive` and `strictest`.
/// - Source: Elastic Load Balancing API Reference, LoadBalancerAttribute
public struct HTTPOptions: Hashable, Codable, Sendable {
    public enum ForwardedFor: String, Hashable, Codable, Sendable { case append, preserve, remove }

    /// Whether TLS listeners offer HTTP/2. Without TLS HTTP/2 is not offered, as at ELB.
    public var hasHTTP2: Bool
    /// Whether headers go whose names have other characters than letters, digits and hyphens.
    public var dropsInvalidHeaders: Bool
    /// What becomes of `X-Forwarded-For`.
    public var forwardedFor: ForwardedFor
    /// Whether the client's port stands behind its address in `X-Forwarded-For`.
    public var forwardsClientPort: Bool
    /// Whether targets get `x-amzn-tls-version` and `x-amzn-tls-cipher-suite`.
    public var forwardsTLSParameters: Bool

    public init(
        hasHTTP2: Bool = true, dropsInvalidHeaders: Bool = false, forwardedFor: ForwardedFor = .append,
        forwardsClientPort: Bool = false, forwardsTLSParameters: Bool = false
    ) {
        self.hasHTTP2 = hasHTTP2
        self.dropsInvalidHeaders = dropsInvalidHeaders
        self.forwardedFor = forwardedFor
        self.forwardsClientPort = forwardsClientPort
        self.forwardsTLSParameters = forwardsTLSParameters
    }
}

/// A port of a load balancer.
public struct ListenerPlan: Hashable, Codable, Sendable {
    public enum Transport: Hashable, Codable, Sendable {
        /// HTTP at an application load balancer, TCP at a network one.
        case plain
        /// HTTPS at an application load balancer, TLS at a network one.
        case tls(TLSPlan)
    }

    /// Unique among all listeners.
    public var id: String
    /// 1 to 65,535.
    public var port: Int
    public var transport: Transport
    /// The first whose conditions all hold decides. A network load balancer has none.
    public var rules: [RulePlan]
    /// What is done when no rule holds. A network load balancer forwards.
    public var defaultAction: BalancerAction

    public init(
        id: String, port: Int, transport: Transport = .plain, rules: [RulePlan] = [], defaultAction: BalancerAction
    ) {
        self.id = id
        self.port = port
        self.transport = transport
        self.rules = rules
        self.defaultAction = defaultAction
    }
}

/// How a listener speaks TLS.
public struct TLSPlan: Hashable, Codable, Sendable {
    public enum Version: String, Hashable, Codable, Sendable, CaseIterable {
        case tls10 = "TLSv1.0"
        case tls11 = "TLSv1.1"
        case tls12 = "TLSv1.2"
        case tls13 = "TLSv1.3"
    }

    /// Each a PEM text: the certificate, its chain, its private key. The first answers when SNI names none; of those whose
    /// names fit, the first in order.
    public var certificates: [String]
    public var minimum: Version
    public var maximum: Version
    /// Protocols offered, the preferred first, such as `h2`. Empty: an application load balancer's default (`h2` unless it is
    /// off, and `http/1.1`); none at a network one.
    public var alpn: [String]

    public init(certificates: [String], minimum: Version = .tls12, maximum: Version = .tls13, alpn: [String] = []) {
        self.certificates = certificates
        self.minimum = minimum
        self.maximum = maximum
        self.alpn = alpn
    }
}
