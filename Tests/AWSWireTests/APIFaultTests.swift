import AWSWire
import JSONBytes
import Testing

@Suite("Faults")
struct APIFaultTests {
    private func body(_ fault: APIFault) -> String { String(decoding: fault.jsonBytes(), as: UTF8.self) }

    @Test("travel as type and message, with the members of their model")
    func encoding() {
        #expect(body(.clusterNotFound()) == #"{"__type":"ClusterNotFoundException","message":"Cluster not found."}"#)
        #expect(
            body(.conflict("The token was used.", resourceIDs: ["arn:a", "arn:b"]))
                == #"{"__type":"ConflictException","message":"The token was used.","resourceIds":["arn:a","arn:b"]}"#)
    }

    @Test("are the caller's with 400 and ours with 500")
    func status() {
        #expect(APIFault.invalidParameter("x").status == 400)
        #expect(APIFault.throttling().status == 400)
        #expect(APIFault.server().status == 500)
    }

    @Test(
        "of signatures have AWS's names and texts",
        arguments: [
            (.missingAuthentication, "MissingAuthenticationTokenException", "Missing Authentication Token"),
            (
                .presigned, "IncompleteSignatureException",
                "Signatures in the query string are not supported. Sign with the 'Authorization' header."
            ),
            (.incomplete("text"), "IncompleteSignatureException", "text"),
            (
                .unrecognizedClient, "UnrecognizedClientException",
                "The security token included in the request is invalid."
            ),
            (.expiredToken, "ExpiredTokenException", "The security token included in the request is expired"),
            (
                .signatureExpired(signed: "20260228T235958Z", now: "20260301T001000Z"), "InvalidSignatureException",
                "Signature expired: 20260228T235958Z is now earlier than 20260301T000500Z (20260301T001000Z - 5 min.)"
            ),
            (
                .signatureNotYetCurrent(signed: "20260301T001000Z", now: "20260228T235958Z"),
                "InvalidSignatureException",
                "Signature not yet current: 20260301T001000Z is still later than 20260301T000458Z "
                    + "(20260228T235958Z + 5 min.)"
            ),
            (
                .signatureMismatch, "InvalidSignatureException",
                "The request signature we calculated does not match the signature you provided. Check your AWS Secret "
                    + "Access Key and signing method. Consult the service documentation for details."
            ),
            (.wrongScope("text"), "InvalidSignatureException", "text"),
        ] as [(SigV4Error, String, String)])
    func signatures(error: SigV4Error, code: String, message: String) {
        #expect(APIFault(error) == APIFault(code, message: message))
    }

    @Test("the refusal of a signature for its time tells the verifier's time, no other does")
    func verifierTime() {
        let now = "20260301T001000Z"
        let expired = APIFault(SigV4Error.signatureExpired(signed: "20260228T235958Z", now: now))
        let early = APIFault(SigV4Error.signatureNotYetCurrent(signed: "20260301T003000Z", now: now))
        #expect(SigV4Refusal.time(in: expired.message) == 1_772_323_800_000)
        #expect(SigV4Refusal.time(in: early.message) == 1_772_323_800_000)
        #expect(SigV4Refusal.time(in: APIFault(SigV4Error.signatureMismatch).message) == nil)
        for text in ["", "Signature expired: ", "Signature expired: (", "Signature expired: (2026 - 5 min.)"] {
            #expect(SigV4Refusal.time(in: text) == nil)
        }
    }
}

@Suite("JSON 1.1")
struct JSON11Tests {
    private static let prefix = "AmazonEC2ContainerServiceV20141113"

    @Test("the target names the operation")
    func target() throws {
        #expect(try JSON11.operation(target: Self.prefix + ".RunTask", prefix: Self.prefix) == "RunTask")
    }

    @Test(
        "any other target is an unknown operation",
        arguments: [
            nil, "", "RunTask", prefix, prefix + ".", "AmazonEC2ContainerServiceV20141114.RunTask",
        ] as [String?])
    func unknownTarget(target: String?) {
        let fault = #expect(throws: APIFault.self) { try JSON11.operation(target: target, prefix: Self.prefix) }
        #expect(fault?.code == "UnknownOperationException")
    }

    @Test("the content type may carry parameters")
    func contentTypes() {
        #expect(JSON11.accepts(contentType: "application/x-amz-json-1.1"))
        #expect(JSON11.accepts(contentType: "Application/X-Amz-JSON-1.1; charset=utf-8"))
        #expect(!JSON11.accepts(contentType: "application/json"))
        #expect(!JSON11.accepts(contentType: ""))
        #expect(!JSON11.accepts(contentType: nil))
    }

    @Test("an empty body is a request without members")
    func emptyBody() throws {
        #expect(try JSON11.decode([], as: [String: String].self).isEmpty)
    }

    @Test(
        "a body that cannot be read is a SerializationException that says why",
        arguments: [
            ("{", "The request body is not valid JSON: unexpected end at byte 1."),
            (#"{"a":1}"#, "NUMBER_VALUE can not be converted to a String (at byte 5)."),
            ("[]", "ARRAY_VALUE can not be converted to a structure or map (at byte 0)."),
        ])
    func unreadable(body: String, message: String) {
        #expect(throws: APIFault.serialization(message)) {
            try JSON11.decode(Array(body.utf8), as: [String: String].self)
        }
    }
}
