import AWSWire
import JSONBytes
import Testing

/// One of the golden vectors, and the keys they are all signed with.
struct SigV4Example: Sendable, CustomTestStringConvertible {
    let name: String
    var request: SigV4Request

    var testDescription: String { name }

    /// 2026-02-28T23:59:58Z.
    static let now: Int64 = 1_772_323_198_000
    static let all: [SigV4Example] = sigV4Vectors.split(separator: "\n").compactMap { line in
        (try? JSONValue(jsonBytes: Array(line.utf8))).flatMap(SigV4Example.init)
    }

    /// The vector of a plain JSON 1.1 call.
    static var call: SigV4Example {
        get throws { try #require(all.first { $0.name == "a JSON 1.1 call" }) }
    }

    private init?(_ json: JSONValue) {
        guard let name = json["name"]?.string, let method = json["method"]?.string, let path = json["path"]?.string,
            let query = json["query"]?.string, let headers = json["headers"]?.array, let body = json["body"]?.string
        else { return nil }
        self.name = name
        request = SigV4Request(
            method: method, path: path, query: query,
            headers: headers.compactMap { pair in
                guard let name = pair[0]?.string, let value = pair[1]?.string else { return nil }
                return (name: name, value: value)
            },
            body: Array(body.utf8))
    }

    /// The key that signed this vector: temporary where it carries a session token.
    var credential: SigV4Credential {
        SigV4Credential(
            accessKeyID: "AKIDEXAMPLE", secretKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
            sessionToken: request.header("x-amz-security-token"))
    }

    /// Checks the request as a server would that knows only this vector's key.
    func verify(
        now: Int64 = now, by verifier: SigV4Verifier = SigV4Verifier(services: ["ecs"]),
        credential: SigV4Credential? = nil
    ) throws(SigV4Error) -> SigV4Identity {
        let known = credential ?? self.credential
        return try verifier.verify(request, now: now) { $0 == known.accessKeyID ? known : nil }
    }
}

extension SigV4Request {
    func header(_ name: String) -> String? { headers.first { $0.name.lowercased() == name }?.value }

    mutating func removeHeaders(_ names: String...) { headers.removeAll { names.contains($0.name.lowercased()) } }

    mutating func setHeader(_ name: String, _ value: String) {
        removeHeaders(name.lowercased())
        headers.append((name: name, value: value))
    }
}
