/// Why a request is not taken for the one its credentials signed.
public enum SigV4Error: Error, Hashable, Sendable {
    /// No `Authorization` header.
    case missingAuthentication
    /// Signed in the query, which is not supported.
    case presigned
    /// `Authorization` is there but not in the form of SigV4; the text says what lacks.
    case incomplete(String)
    /// No such access key, or another session token than the key's.
    case unrecognizedClient
    /// The credentials were temporary and have ended.
    case expiredToken
    /// The date is too far in the past.
    case signatureExpired(signed: String, now: String)
    /// The date is too far in the future.
    case signatureNotYetCurrent(signed: String, now: String)
    /// The credential's scope is not this service's; the text says which part.
    case wrongScope(String)
    /// `x-amz-content-sha256` is not the hash of the body.
    case wrongPayloadHash
    /// The signature is another one than computed here.
    case signatureMismatch
}
