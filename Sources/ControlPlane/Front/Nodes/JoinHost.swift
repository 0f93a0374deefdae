import AWSWire
import Crypto
import Domain
import Identifiers
import JSONBytes
import StateStore

/// Makes a token with which one host joins, once. Only its digest is stored.
struct CreateJoinToken: OperationHandler {
    let store: any StateStore
    let ids: any IDSource

    func answer(_ request: BerthRequest, _ call: APICall) async throws(APIFault) -> JSONValue {
        let seconds = request["expiresInSeconds"]?.integer ?? 3600
        guard (1...604_800).contains(seconds) else {
            throw .invalidParameter("expiresInSeconds must be between 1 and 604800.")
        }
        let token = ids.hexID() + ids.hexID()
        let expiresAt = call.now.adding(.seconds(seconds))
        let record = JoinTokenRecord(
            digest: JoinHost.digest(of: token), scope: call.scope, createdAt: call.now, expiresAt: expiresAt)
        try await store.write { transaction throws(APIFault) in transaction.put(record) }
        return ["token": .string(token), "expiresAt": .number(expiresAt.seconds)]
    }
}

/// Gives the holder of a join token a key of its own. Unsigned: the token is what it has.
struct JoinHost: OperationHandler {
    let store: any StateStore
    let ids: any IDSource

    func answer(_ request: BerthRequest, _ call: APICall) async throws(APIFault) -> JSONValue {
        let digest = Self.digest(of: request["token"]?.string ?? "")
        let joined = try capacity(request)
        let instance = ContainerInstanceID(scope: call.scope, id: ids.hexID())
        var key = AccessKeyRecord(
            id: "AKIA" + letters(16, Self.keyLetters), secret: letters(40, Self.secretLetters), scope: call.scope,
            principal: .node(instance), createdAt: call.now)
        key.joined = joined
        let record = key
        try await store.write { transaction throws(APIFault) in
            guard var token = transaction.state.joinTokens[digest], token.usedBy == nil, token.expiresAt > call.now
            else {
                throw .accessDenied(
                    "The join token is unknown, used or expired: make a new one with berth token create.")
            }
            if let name = joined.cluster, name != "default" {
                _ = try transaction.state.cluster(name, call.scope)
            }
            if let name = joined.capacityProvider {
                _ = try transaction.state.activeProvider(CapacityProviderID(scope: call.scope, name: name))
            }
            token.usedBy = instance
            transaction.put(token)
            transaction.put(record)
        }
        let cluster = joined.cluster ?? ContainerInstanceRecord.managedClusterName
        let arn = ARN(scope: call.scope, type: "container-instance", path: [cluster, instance.id]).text
        return [
            "accessKeyId": .string(key.id), "secretAccessKey": .string(key.secret),
            "containerInstanceArn": .string(arn),
            "region": .string(call.scope.region),
        ]
    }

    static func digest(of token: String) -> String {
        SHA256.hash(data: Array(token.utf8)).map { byte in
            (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }.joined()
    }

    private func capacity(_ request: BerthRequest) throws(APIFault) -> JoinedCapacity {
        switch request["capacity"]?.string {
        case "managed":
            guard request["capacityProvider"] == nil else {
                throw .invalidParameter("capacityProvider is for hosts of capacity 'own'.")
            }
            return JoinedCapacity(launchType: .fargate, cluster: nil)
        case "own":
            let cluster = request["cluster"]?.string ?? "default"
            guard ResourceName.isValid(cluster) else { throw .invalidParameter(ResourceName.rule("cluster name")) }
            guard let type = LaunchType(wire: request["launchType"]?.string ?? "EC2"), !type.isManaged else {
                throw .invalidParameter("launchType must be EC2 or EXTERNAL.")
            }
            let provider = request["capacityProvider"]?.string
            if let provider, type != .ec2 || FargateProvider(rawValue: provider) != nil {
                throw .invalidParameter(
                    "A host of capacityProvider '\(provider.prefix(300))' is not possible: it must be of launch type EC2, "
                        + "and the provider of an Auto Scaling group.")
            }
            return JoinedCapacity(launchType: type, cluster: cluster, capacityProvider: provider)
        default: throw .invalidParameter("capacity must be managed or own.")
        }
    }

    private static let keyLetters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
    private static let secretLetters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")

    /// Random letters of an alphabet whose size is a power of two, so that each is equally likely.
    private func letters(_ count: Int, _ alphabet: [Character]) -> String {
        String((0..<count).map { _ in alphabet[Int(ids.bits() % UInt64(alphabet.count))] })
    }
}
