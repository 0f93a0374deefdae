import AWSWire
import Testing

@Suite("SigV4 as botocore signs")
struct SigV4VectorTests {
    @Test("all vectors are there")
    func complete() { #expect(SigV4Example.all.count == sigV4Vectors.split(separator: "\n").count) }

    @Test("a signature of botocore is accepted", arguments: SigV4Example.all)
    func accepts(example: SigV4Example) throws {
        let identity = try example.verify()
        #expect(identity.accessKeyID == "AKIDEXAMPLE")
        #expect(identity.scope == SigV4Scope(day: "20260228", region: "us-east-1", service: "ecs"))
    }

    @Test("any change of what is signed is noticed", arguments: SigV4Example.all)
    func noticesChanges(example: SigV4Example) {
        var changes: [String: SigV4Example] = [:]
        for name in ["body", "method", "path", "query", "host", "value", "signature"] { changes[name] = example }
        changes["body"]?.request.body.append(UInt8(ascii: " "))
        changes["method"]?.request.method = "PUT"
        changes["path"]?.request.path += "x"
        changes["query"]?.request.query += "&x=1"
        changes["host"]?.request.setHeader("Host", "127.0.0.1:4567")
        changes["value"]?.request.setHeader("X-Amz-Date", "20260228T235959Z")
        let authorization = example.request.header("authorization") ?? ""
        changes["signature"]?.request.setHeader(
            "Authorization", authorization.dropLast() + (authorization.hasSuffix("0") ? "1" : "0"))
        for (name, changed) in changes.sorted(by: { $0.key < $1.key }) {
            let isHashed = changed.request.header("x-amz-content-sha256") != nil && name == "body"
            #expect(throws: isHashed ? SigV4Error.wrongPayloadHash : .signatureMismatch, "\(name)") {
                try changed.verify()
            }
        }
    }

    @Test("our signer writes what botocore writes", arguments: SigV4Example.all)
    func signsAlike(example: SigV4Example) throws {
        let expected = try #require(example.request.header("authorization"))
        // botocore adds Content-Length and the like after signing: only what it signed is given to our signer.
        var request = example.request
        let names = try #require(expected.split(separator: "SignedHeaders=").last?.split(separator: ",").first)
        request.headers.removeAll { !names.split(separator: ";").contains(Substring($0.name.lowercased())) }
        request.removeHeaders("x-amz-date", "x-amz-security-token")
        let signer = SigV4Signer(credential: example.credential, region: "us-east-1", service: "ecs")
        let added = signer.headers(for: request, now: SigV4Example.now)
        #expect(added.first { $0.name == "Authorization" }?.value == expected)
    }
}
