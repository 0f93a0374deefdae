import Crypto

/// Signs requests by SigV4 in the header form.
public struct SigV4Signer: Sendable {
    private let credential: SigV4Credential
    private let region: String
    private let service: String
    private let keys: SigningKeys

    public init(credential: SigV4Credential, region: String, service: String, keys: SigningKeys = SigningKeys()) {
        self.credential = credential
        self.region = region
        self.service = service
        self.keys = keys
    }

    /// The headers to add to a request: `X-Amz-Date`, `Authorization`, and `X-Amz-Security-Token` with temporary
    /// credentials.
    ///
    /// Contract: the request has its `Host` header, with the port if that is not the scheme's default, and none of the
    /// headers that are returned. Every header is signed but those that a proxy or the transport changes.
    /// - Parameter now: milliseconds since 1970.
    public func headers(for request: SigV4Request, now: Int64) -> [(name: String, value: String)] {
        let date = SigV4Date(milliseconds: now)
        let scope = SigV4Scope(day: date.day, region: region, service: service)
        var added = [(name: "X-Amz-Date", value: date.text)]
        if let token = credential.sessionToken { added.append((name: "X-Amz-Security-Token", value: token)) }
        var signed = request
        signed.headers += added
        let names = Set(signed.headers.map { $0.name.lowercased() }).subtracting(Self.unsigned).sorted()
        let canonical = CanonicalRequest.bytes(
            signed, query: CanonicalRequest.query(request.query), signedHeaders: names,
            payloadHash: Hexadecimal.encode(SHA256.hash(data: request.body)))
        let toSign = StringToSign(date: date, scope: scope, canonicalRequest: canonical)
        let key = keys.key(secretKey: credential.secretKey, scope: scope)
        let signature = Hexadecimal.encode(HMAC<SHA256>.authenticationCode(for: toSign.bytes, using: key))
        let authorization =
            "AWS4-HMAC-SHA256 Credential=\(credential.accessKeyID)/\(scope.text), "
            + "SignedHeaders=\(names.joined(separator: ";")), Signature=\(signature)"
        return added + [(name: "Authorization", value: authorization)]
    }

    /// Headers that transports set or change after signing.
    private static let unsigned: Set<String> = [
        "authorization", "connection", "expect", "keep-alive", "proxy-authenticate", "proxy-authorization", "te",
        "trailer", "transfer-encoding", "upgrade", "user-agent", "x-amzn-trace-id",
    ]
}
