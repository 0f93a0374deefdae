import Crypto

/// Who signed a request, and for which region and service.
public struct SigV4Identity: Hashable, Sendable {
    public var accessKeyID: String
    public var scope: SigV4Scope
}

/// Checks the SigV4 signature of requests, in the header form.
public struct SigV4Verifier: Sendable {
    /// How far a request's date may be from now, both ways, in milliseconds. AWS's five minutes: a wider window lets a
    /// captured request be sent again for longer, a narrower one refuses clients with ordinary clocks.
    public static let allowedSkew: Int64 = 5 * 60 * 1000

    private let services: Set<String>
    private let region: String?
    private let keys: SigningKeys

    /// - Parameters:
    ///   - services: the signing names that are taken, such as `ecs`.
    ///   - region: the only region that is taken; nil takes any.
    public init(services: Set<String>, region: String? = nil, keys: SigningKeys = SigningKeys()) {
        self.services = services
        self.region = region
        self.keys = keys
    }

    /// Checks that the request is what the holder of its access key signed, within the allowed skew.
    ///
    /// - Parameters:
    ///   - now: milliseconds since 1970.
    ///   - credential: finds an access key; nil when there is none of that id.
    public func verify(
        _ request: SigV4Request, now: Int64, credential: (String) -> SigV4Credential?
    ) throws(SigV4Error) -> SigV4Identity {
        guard let header = request.values(of: "authorization").first else {
            throw Self.isPresigned(request.query) ? .presigned : .missingAuthentication
        }
        let authorization = try Authorization(header)
        let date = try Self.date(of: request)
        try checkScope(authorization.scope, date)
        try Self.checkSignedHeaders(authorization.signedHeaders, of: request)
        try Self.checkAge(of: date, now: now)
        guard let known = credential(authorization.accessKeyID), Self.hasToken(of: known, request) else {
            throw .unrecognizedClient
        }
        let payloadHash = try Self.payloadHash(of: request)
        let key = keys.key(secretKey: known.secretKey, scope: authorization.scope)
        let isValid = Self.canonicalQueries(of: request).contains { query in
            let canonical = CanonicalRequest.bytes(
                request, query: query, signedHeaders: authorization.signedHeaders, payloadHash: payloadHash)
            let toSign = StringToSign(date: date, scope: authorization.scope, canonicalRequest: canonical)
            // Compares in constant time.
            return HMAC<SHA256>.isValidAuthenticationCode(
                authorization.signature, authenticating: toSign.bytes, using: key)
        }
        guard isValid else { throw .signatureMismatch }
        if let end = known.expiresAt, end <= now { throw .expiredToken }
        return SigV4Identity(accessKeyID: known.accessKeyID, scope: authorization.scope)
    }

    // MARK: Rules

    /// Whether a query carries a signature of its own.
    public static func isPresigned(_ query: String) -> Bool {
        query.split(separator: "&").contains {
            let name = $0.prefix { $0 != "=" }.lowercased()
            return name == "x-amz-signature" || name == "x-amz-algorithm"
        }
    }

    private static func date(of request: SigV4Request) throws(SigV4Error) -> SigV4Date {
        guard let text = request.values(of: "x-amz-date").first else {
            throw .incomplete("Authorization header requires existence of a 'X-Amz-Date' header.")
        }
        guard let date = SigV4Date(text) else {
            throw .incomplete("Date must be in ISO-8601 'basic format'. Got '\(text.prefix(40))'.")
        }
        return date
    }

    private func checkScope(_ scope: SigV4Scope, _ date: SigV4Date) throws(SigV4Error) {
        if scope.day != date.day {
            throw .wrongScope(
                "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: "
                    + "'\(scope.day)' != '\(date.day)', from '\(date.text)'.")
        }
        if let region, scope.region != region {
            throw .wrongScope("Credential should be scoped to a valid region, not '\(scope.region)'.")
        }
        if !services.contains(scope.service) {
            let expected = services.sorted().joined(separator: "' or '")
            throw .wrongScope("Credential should be scoped to correct service: '\(expected)'.")
        }
    }

    /// What names the destination and what steers AWS must be signed, else someone on the way could change it.
    private static func checkSignedHeaders(_ signed: [String], of request: SigV4Request) throws(SigV4Error) {
        guard signed.contains("host") else {
            throw .incomplete("'Host' must be a 'SignedHeader' in the AWS Authorization.")
        }
        for header in request.headers {
            guard header.name.startsAsHeader("x-amz-") else { continue }
            if !signed.contains(header.name.lowercased()) {
                throw .incomplete("'\(header.name)' must be a 'SignedHeader' in the AWS Authorization.")
            }
        }
    }

    private static func checkAge(of date: SigV4Date, now: Int64) throws(SigV4Error) {
        let age = now - date.milliseconds
        if age > allowedSkew {
            throw .signatureExpired(signed: date.text, now: SigV4Date(milliseconds: now).text)
        }
        if age < -allowedSkew {
            throw .signatureNotYetCurrent(signed: date.text, now: SigV4Date(milliseconds: now).text)
        }
    }

    /// Whether the request carries the session token of the credential, or none where that has none.
    private static func hasToken(of credential: SigV4Credential, _ request: SigV4Request) -> Bool {
        let sent = request.values(of: "x-amz-security-token")
        guard let token = credential.sessionToken else { return sent.isEmpty }
        guard sent.count == 1, let sent = sent.first else { return false }
        // Hashes of equal length are compared, all bytes of them: the time tells nothing about the token.
        return SHA256.hash(data: Array(sent.utf8)) == SHA256.hash(data: Array(token.utf8))
    }

    private static func payloadHash(of request: SigV4Request) throws(SigV4Error) -> String {
        let computed = Hexadecimal.encode(SHA256.hash(data: request.body))
        // UNSIGNED-PAYLOAD and the streaming forms are refused with it: the body would not be covered.
        if request.values(of: "x-amz-content-sha256").contains(where: { $0 != computed }) { throw .wrongPayloadHash }
        return computed
    }

    /// The canonical query, and where a `+` leaves open what the client meant, the query as it travels too.
    private static func canonicalQueries(of request: SigV4Request) -> [String] {
        let canonical = CanonicalRequest.query(request.query)
        guard request.query.contains("+") else { return [canonical] }
        return [canonical, CanonicalRequest.verbatimQuery(request.query)]
    }
}
