/// One request at an application load balancer, or one connection at a network one.
public struct AccessLogEntry: Hashable, Codable, Sendable {
    /// What became of a request; nil when it never came to a rule.
    public enum Action: String, Hashable, Codable, Sendable { case forward, fixedResponse, redirect }

    public var loadBalancer: String
    public var listener: String
    /// The id of the rule that held; nil for the listener's own action.
    public var rule: String?
    public var action: Action?
    /// nil when no target was chosen.
    public var targetGroup: String?
    /// `address:port`; nil when no target was chosen.
    public var target: String?
    /// Milliseconds since 1970, when it began.
    public var createdAt: Int
    /// The same of its end.
    public var time: Int
    /// The client's `address:port`.
    public var client: String
    /// Milliseconds: until it went to the target, until the target answered, until the answer was with the client. -1 where
    /// it did not come so far.
    public var requestTime: Int
    public var targetTime: Int
    public var responseTime: Int
    /// Milliseconds that the handshake of TLS took; of a connection's first request.
    public var handshakeTime: Int
    /// The client's answer and the target's; nil where there was none.
    public var status: Int?
    public var targetStatus: Int?
    public var bytesIn: Int
    public var bytesOut: Int
    /// Such as `GET http://name:80/path?query HTTP/1.1`; empty for a connection.
    public var request: String
    public var userAgent: String
    /// The value of `X-Amzn-Trace-Id`.
    public var traceID: String
    /// Where a redirect points.
    public var redirect: String
    /// By SNI; empty without.
    public var serverName: String
    public var alpn: String
    /// `-` without TLS.
    public var tlsCipher: String
    public var tlsProtocol: String

    public init(loadBalancer: String, listener: String) {
        self.loadBalancer = loadBalancer
        self.listener = listener
        createdAt = 0
        time = 0
        client = ""
        requestTime = -1
        targetTime = -1
        responseTime = -1
        handshakeTime = 0
        bytesIn = 0
        bytesOut = 0
        request = ""
        userAgent = ""
        traceID = ""
        redirect = ""
        serverName = ""
        alpn = ""
        tlsCipher = "-"
        tlsProtocol = "-"
    }
}
