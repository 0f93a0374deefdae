public import JSONBytes

/// The faults that every AWS service shares and no service model names.
extension APIFault {
    public static func throttling() -> APIFault { APIFault("ThrottlingException", message: "Rate exceeded") }

    public static func unknownOperation(_ message: String) -> APIFault {
        APIFault("UnknownOperationException", message: message)
    }

    /// A body, as sent or unpacked, of more than `limit` bytes.
    public static func requestTooLarge(limit: Int) -> APIFault {
        var fault = APIFault(
            "RequestEntityTooLargeException", message: "The request body is larger than \(limit) bytes.")
        fault.status = 413
        return fault
    }

    public static func serialization(_ message: String) -> APIFault {
        APIFault("SerializationException", message: message)
    }

    /// A body that is no JSON, or whose values are of other types than the request's.
    public init(_ error: JSONError) {
        switch error.reason {
        case .mismatch(let expected, let found):
            self = .serialization(
                "\(found.rawValue.uppercased())_VALUE can not be converted to \(expected.withArticle) "
                    + "(at byte \(error.offset)).")
        case .numberOutOfRange:
            self = .serialization("A number does not fit its type (at byte \(error.offset)).")
        default: self = .serialization("The request body is not valid JSON: \(error).")
        }
    }

    /// A request whose signature was not accepted.
    public init(_ error: SigV4Error) {
        switch error {
        case .missingAuthentication:
            self.init("MissingAuthenticationTokenException", message: "Missing Authentication Token")
        case .presigned:
            self.init(
                "IncompleteSignatureException",
                message: "Signatures in the query string are not supported. Sign with the 'Authorization' header.")
        case .incomplete(let message): self.init("IncompleteSignatureException", message: message)
        case .unrecognizedClient:
            self.init(
                "UnrecognizedClientException", message: "The security token included in the request is invalid.")
        case .expiredToken:
            self.init("ExpiredTokenException", message: "The security token included in the request is expired")
        default: self.init("InvalidSignatureException", message: Self.signatureMessage(error))
        }
    }

    private static func signatureMessage(_ error: SigV4Error) -> String {
        switch error {
        case .signatureExpired(let signed, let now):
            "Signature expired: \(signed) is now earlier than \(shifted(now, by: -SigV4Verifier.allowedSkew)) "
                + "(\(now) - 5 min.)"
        case .signatureNotYetCurrent(let signed, let now):
            "Signature not yet current: \(signed) is still later than "
                + "\(shifted(now, by: SigV4Verifier.allowedSkew)) (\(now) + 5 min.)"
        case .wrongScope(let message): message
        case .wrongPayloadHash:
            "The value of 'x-amz-content-sha256' is not the SHA-256 hash of the request's body."
        default:
            "The request signature we calculated does not match the signature you provided. Check your AWS Secret "
                + "Access Key and signing method. Consult the service documentation for details."
        }
    }

    private static func shifted(_ date: String, by milliseconds: Int64) -> String {
        SigV4Date(date).map { SigV4Date(milliseconds: $0.milliseconds + milliseconds).text } ?? date
    }
}

extension JSONKind {
    /// How AWS's messages name the type that was expected.
    fileprivate var withArticle: String {
        switch self {
        case .object: "a structure or map"
        case .array: "a list"
        case .string: "a String"
        case .number: "a number"
        case .boolean: "a Boolean"
        case .null: "null"
        }
    }
}
