import AWSWire
import Testing

@Suite("SigV4 verifier")
struct SigV4VerifierTests {
    @Test("accepts five minutes of skew and no more")
    func skew() throws {
        let example = try SigV4Example.call
        let window = SigV4Verifier.allowedSkew
        _ = try example.verify(now: SigV4Example.now + window)
        _ = try example.verify(now: SigV4Example.now - window)
        #expect(throws: SigV4Error.signatureExpired(signed: "20260228T235958Z", now: "20260301T000458Z")) {
            try example.verify(now: SigV4Example.now + window + 1)
        }
        #expect(throws: SigV4Error.signatureNotYetCurrent(signed: "20260228T235958Z", now: "20260228T235457Z")) {
            try example.verify(now: SigV4Example.now - window - 1)
        }
    }

    @Test("says what is missing from the header")
    func incomplete() throws {
        let credential = "Credential=AKIDEXAMPLE/20260228/us-east-1/ecs/aws4_request"
        let table = [
            "Bearer token": "Unsupported AWS 'algorithm': 'Bearer'.",
            "": "Unsupported AWS 'algorithm': ''.",
            "AWS4-HMAC-SHA256 \(credential)":
                "Authorization header requires 'Signature' parameter. "
                + "Authorization header requires 'SignedHeaders' parameter.",
            "AWS4-HMAC-SHA256 Credential=a/b, SignedHeaders=host, Signature=00":
                "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got 'a/b'.",
            "AWS4-HMAC-SHA256 \(credential), SignedHeaders=x-amz-date, Signature=00":
                "'Host' must be a 'SignedHeader' in the AWS Authorization.",
            "AWS4-HMAC-SHA256 \(credential), SignedHeaders=host;x-amz-date, Signature=00":
                "'X-Amz-Target' must be a 'SignedHeader' in the AWS Authorization.",
        ]
        for (header, message) in table.sorted(by: { $0.key < $1.key }) {
            var example = try SigV4Example.call
            example.request.setHeader("Authorization", header)
            #expect(throws: SigV4Error.incomplete(message)) { try example.verify() }
        }
    }

    @Test(
        "refuses a signature that is no signature", arguments: ["", "zz", "0", "00", String(repeating: "0", count: 64)])
    func malformedSignature(signature: String) throws {
        var example = try SigV4Example.call
        let header = try #require(example.request.header("authorization")?.split(separator: "Signature=").first)
        example.request.setHeader("Authorization", "\(header)Signature=\(signature)")
        #expect(throws: SigV4Error.self) { try example.verify() }
    }

    @Test(
        "needs a date in the basic format",
        arguments: [
            "2026-02-28T23:59:58Z", "20260230T000000Z", "20261301T000000Z", "20260228T240000Z", "20260228T235958", "",
            "20260228T2359５8Z", "+0260228T235958Z",
        ])
    func dates(text: String) throws {
        var example = try SigV4Example.call
        example.request.setHeader("X-Amz-Date", text)
        #expect(throws: SigV4Error.incomplete("Date must be in ISO-8601 'basic format'. Got '\(text)'.")) {
            try example.verify()
        }
        example.request.removeHeaders("x-amz-date")
        #expect(throws: SigV4Error.incomplete("Authorization header requires existence of a 'X-Amz-Date' header.")) {
            try example.verify()
        }
    }

    @Test("refuses another day, region, service or terminator in the scope")
    func scopes() throws {
        let table = [
            "20260227/us-east-1/ecs/aws4_request":
                "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: "
                + "'20260227' != '20260228', from '20260228T235958Z'.",
            "20260228/eu-west-1/ecs/aws4_request": "Credential should be scoped to a valid region, not 'eu-west-1'.",
            "20260228/us-east-1/s3/aws4_request": "Credential should be scoped to correct service: 'ecs'.",
            "20260228/us-east-1/ecs/aws3_request":
                "Credential should be scoped with a valid terminator: 'aws4_request', not 'aws3_request'.",
        ]
        for (scope, message) in table.sorted(by: { $0.key < $1.key }) {
            var example = try SigV4Example.call
            let header = try #require(example.request.header("authorization"))
            let changed = header.split(
                separator: "20260228/us-east-1/ecs/aws4_request", omittingEmptySubsequences: false)
            example.request.setHeader("Authorization", changed.joined(separator: scope))
            #expect(throws: SigV4Error.wrongScope(message)) {
                try example.verify(by: SigV4Verifier(services: ["ecs"], region: "us-east-1"))
            }
        }
    }

    @Test("refuses what is not signed at all, and signatures in the query")
    func unsigned() throws {
        var example = try SigV4Example.call
        example.request.removeHeaders("authorization")
        #expect(throws: SigV4Error.missingAuthentication) { try example.verify() }
        example.request.query = "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=00"
        #expect(throws: SigV4Error.presigned) { try example.verify() }
    }

    @Test("refuses an unknown key, a replaced secret and a session token that is not the key's")
    func credentials() throws {
        let example = try SigV4Example.call
        var other = example.credential
        other.accessKeyID = "AKIDOTHER"
        #expect(throws: SigV4Error.unrecognizedClient) { try example.verify(credential: other) }
        other = example.credential
        let verifier = SigV4Verifier(services: ["ecs"])
        _ = try example.verify(by: verifier)
        other.secretKey = "replaced"
        #expect(throws: SigV4Error.signatureMismatch) { try example.verify(by: verifier, credential: other) }
        other = example.credential
        other.sessionToken = "token"
        #expect(throws: SigV4Error.unrecognizedClient) { try example.verify(credential: other) }

        let session = try #require(SigV4Example.all.first { $0.name == "a session token" })
        for token in [nil, "IQoJb3JpZ2luX2VjE//+token=", ""] {
            var changed = session.credential
            changed.sessionToken = token
            #expect(throws: SigV4Error.unrecognizedClient) { try session.verify(credential: changed) }
        }
    }

    @Test("refuses temporary credentials from the moment they end")
    func expiry() throws {
        let session = try #require(SigV4Example.all.first { $0.name == "a session token" })
        var credential = session.credential
        credential.expiresAt = SigV4Example.now + 1
        _ = try session.verify(credential: credential)
        credential.expiresAt = SigV4Example.now
        #expect(throws: SigV4Error.expiredToken) { try session.verify(credential: credential) }
    }

    @Test(
        "refuses bodies that the signature does not cover",
        arguments: [
            "UNSIGNED-PAYLOAD", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "",
        ])
    func payloads(hash: String) throws {
        var example = try #require(SigV4Example.all.first { $0.name == "a given payload hash" })
        example.request.setHeader("X-Amz-Content-SHA256", hash)
        #expect(throws: SigV4Error.wrongPayloadHash) { try example.verify() }
    }

    @Test("takes a plus in a query for a space, as the ECS agent sends what it signed")
    func plusInQuery() throws {
        var example = try #require(SigV4Example.all.first { $0.name == "an agent's websocket" })
        let before = example.request.query
        example.request.query = before.split(separator: "%20").joined(separator: "+")
        #expect(example.request.query != before)
        _ = try example.verify()
        example.request.query = before.split(separator: "%2B").joined(separator: "%20")
        #expect(throws: SigV4Error.signatureMismatch) { try example.verify() }
    }

    @Test("takes the header's fields in any order, with or without spaces")
    func looseHeader() throws {
        var example = try SigV4Example.call
        let header = try #require(example.request.header("authorization"))
        let fields = header.split(separator: " ", maxSplits: 1)[1].split(separator: ", ")
        example.request.setHeader("Authorization", "AWS4-HMAC-SHA256 " + fields.reversed().joined(separator: ","))
        _ = try example.verify()
    }

    @Test("joins a header that occurs twice in the order of the request")
    func duplicateHeaders() throws {
        var request = SigV4Request(
            method: "POST", path: "/", headers: [("Host", "h:1"), ("X-Two", "b"), ("x-two", " a ")], body: [])
        let credential = try SigV4Example.call.credential
        let signer = SigV4Signer(credential: credential, region: "us-east-1", service: "ecs")
        request.headers += signer.headers(for: request, now: SigV4Example.now)
        let verifier = SigV4Verifier(services: ["ecs"])
        _ = try verifier.verify(request, now: SigV4Example.now) { _ in credential }
        request.headers.swapAt(1, 2)
        #expect(throws: SigV4Error.signatureMismatch) {
            try verifier.verify(request, now: SigV4Example.now) { _ in credential }
        }
    }
}
