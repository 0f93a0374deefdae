/// An HTTP request as signing sees it: exactly what travels, before anything is decoded.
public struct SigV4Request: Sendable {
    /// Upper case, such as `POST`.
    public var method: String
    /// The path as on the request line, still percent-encoded, without the query.
    public var path: String
    /// What follows the `?`, still percent-encoded; empty when there is none.
    public var query: String
    /// In the order of the request; names in any case, a name may occur twice.
    public var headers: [(name: String, value: String)]
    public var body: [UInt8]

    public init(
        method: String, path: String, query: String = "", headers: [(name: String, value: String)], body: [UInt8] = []
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers
        self.body = body
    }

    /// The values of a header, by its lower-case name.
    func values(of name: String) -> [String] {
        headers.compactMap { $0.name.isHeader(name) ? $0.value : nil }
    }
}

/// A key to sign with. The secret is never printed.
public struct SigV4Credential: Hashable, Sendable, CustomStringConvertible {
    public var accessKeyID: String
    public var secretKey: String
    /// Present for temporary credentials; travels as `X-Amz-Security-Token`.
    public var sessionToken: String?
    /// When temporary credentials end, in milliseconds since 1970; nil for never.
    public var expiresAt: Int64?

    public init(accessKeyID: String, secretKey: String, sessionToken: String? = nil, expiresAt: Int64? = nil) {
        self.accessKeyID = accessKeyID
        self.secretKey = secretKey
        self.sessionToken = sessionToken
        self.expiresAt = expiresAt
    }

    public var description: String { "SigV4Credential(\(accessKeyID))" }
}

/// For what a signature is good: one day, one region, one service.
public struct SigV4Scope: Hashable, Sendable {
    /// `YYYYMMDD`, UTC.
    public var day: String
    public var region: String
    public var service: String

    public init(day: String, region: String, service: String) {
        self.day = day
        self.region = region
        self.service = service
    }

    /// The scope as the string to sign has it.
    var text: String { "\(day)/\(region)/\(service)/aws4_request" }
}
