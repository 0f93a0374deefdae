/// Where the API front listens and how much it takes from the network.
public struct FrontConfiguration: Hashable, Sendable {
    /// A certificate chain and its key, both PEM files.
    public struct TLS: Hashable, Sendable {
        public var certificatePath: String
        public var keyPath: String

        public init(certificatePath: String, keyPath: String) {
            self.certificatePath = certificatePath
            self.keyPath = keyPath
        }
    }

    public var host: String
    /// 0 lets the system choose.
    public var port: Int
    public var tls: TLS?
    /// Bytes of a request body. A task definition has at most 64 KiB; larger ones only cost memory.
    public var maximumBody = 1 << 20
    /// Bytes of a body whose sender is not known yet: a join request has a few hundred.
    public var maximumUnknownBody = 1 << 16
    /// Connections at once; more wait in the listen queue. Two for each of 5,000 hosts, and callers.
    public var maximumConnections = 16_384
    /// From the first byte of a request to the end of its head; also from the connection to its first head, TLS included.
    /// Heads have a kilobyte or two: who needs longer only holds a connection.
    public var headDeadline: Duration = .seconds(30)
    /// From the end of the head to the end of the body: a full one at 17 KB/s.
    public var bodyDeadline: Duration = .seconds(60)
    /// How long a connection may say nothing. Agents are heard every 30 seconds.
    public var idleTimeout: Duration = .seconds(180)

    public init(host: String = "127.0.0.1", port: Int = 4566, tls: TLS? = nil) {
        self.host = host
        self.port = port
        self.tls = tls
    }

    /// - Throws: `.tlsRequired` where other machines would reach the listener in the clear.
    public func checkExposure() throws(FrontError) {
        if !isLoopback, tls == nil { throw .tlsRequired(host: host) }
    }

    /// Whether only programs on this machine reach the listener.
    public var isLoopback: Bool {
        if host == "localhost" || host == "::1" { return true }
        let octets = host.split(separator: ".", omittingEmptySubsequences: false)
        return octets.count == 4 && octets[0] == "127" && octets.allSatisfy { UInt8($0) != nil }
    }
}
