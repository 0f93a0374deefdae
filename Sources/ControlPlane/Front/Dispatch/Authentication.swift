import AWSWire
import Domain
import Identifiers
import ShapeRules
import StateStore

/// Checks signatures against the access keys of the store.
struct Authentication: Sendable {
    /// Signing keys are kept: deriving one is most of the cost of a check.
    private let keys = SigningKeys()

    /// Who signed the request.
    ///
    /// - Parameter services: what the signature may be for; nil for the service that the request's target names.
    /// - Throws: the fault of what is wrong with the signature, in AWS's words.
    func caller(
        of request: HTTPMessage, for services: Set<String>? = nil, in state: StateSnapshot, now: Timestamp
    ) throws(APIFault) -> AccessKeyRecord {
        let region = state.installation?.scope.region
        let services = services ?? [ServedServices.service(of: request.header("x-amz-target")).signingName]
        let verifier = SigV4Verifier(services: services, region: region, keys: keys)
        do throws(SigV4Error) {
            let identity = try verifier.verify(request.signed, now: now.milliseconds) { id in
                state.accessKeys[id].map { SigV4Credential(accessKeyID: $0.id, secretKey: $0.secret) }
            }
            guard let key = state.accessKeys[identity.accessKeyID] else { throw .unrecognizedClient }
            return key
        } catch {
            throw APIFault(error)
        }
    }

    /// Whether the head names an access key that exists: only then is a large body worth reading.
    static func namesKnownKey(_ head: HTTPMessage, in state: StateSnapshot) -> Bool {
        guard let header = head.header("authorization"),
            let start = header.utf8.firstRange(of: "Credential=".utf8)?.upperBound,
            let id = String(header.utf8[start...].prefix { $0 != UInt8(ascii: "/") })
        else { return false }
        return state.accessKeys[id] != nil
    }
}

extension HTTPMessage {
    /// The request as signing sees it.
    var signed: SigV4Request {
        SigV4Request(
            method: method, path: path, query: query, headers: headers.map { (name: $0.name, value: $0.value) },
            body: body)
    }
}
