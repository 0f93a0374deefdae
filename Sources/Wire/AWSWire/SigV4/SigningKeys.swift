import Crypto
import Synchronization

/// Signing keys, derived once for each secret, day, region and service.
///
/// A derivation is four HMACs, the larger part of checking a signature.
public final class SigningKeys: Sendable {
    private struct Name: Hashable {
        let secretKey: String
        let scope: SigV4Scope
    }

    private let capacity: Int
    private let keys = Mutex<[Name: SymmetricKey]>([:])

    /// - Parameter capacity: keys held; when one more is needed all are dropped. 1,024 keys are about 200 KB; fewer
    ///   than the credentials in use would derive anew on every request.
    public init(capacity: Int = 1024) { self.capacity = capacity }

    /// The key of a scope. The secret itself is part of the name, so a replaced secret is never answered by an old key.
    func key(secretKey: String, scope: SigV4Scope) -> SymmetricKey {
        let name = Name(secretKey: secretKey, scope: scope)
        if let known = keys.withLock({ $0[name] }) { return known }
        let derived = Self.derive(name)
        keys.withLock { keys in
            if keys.count >= capacity { keys.removeAll(keepingCapacity: true) }
            keys[name] = derived
        }
        return derived
    }

    /// How many keys are held.
    var count: Int { keys.withLock { $0.count } }

    private static func derive(_ name: Name) -> SymmetricKey {
        var key = SymmetricKey(data: Array("AWS4\(name.secretKey)".utf8))
        for part in [name.scope.day, name.scope.region, name.scope.service, "aws4_request"] {
            key = SymmetricKey(data: HMAC<SHA256>.authenticationCode(for: Array(part.utf8), using: key))
        }
        return key
    }
}

/// What a signature is an HMAC of.
struct StringToSign {
    let bytes: [UInt8]

    init(date: SigV4Date, scope: SigV4Scope, canonicalRequest: [UInt8]) {
        let hash = Hexadecimal.encode(SHA256.hash(data: canonicalRequest))
        bytes = Array("AWS4-HMAC-SHA256\n\(date.text)\n\(scope.text)\n\(hash)".utf8)
    }
}
