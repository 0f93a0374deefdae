/// The faults of the Query protocol, and how it names those that all protocols have.
extension APIFault {
    /// A body that is no form.
    public static func malformedQuery(_ message: String) -> APIFault {
        APIFault("MalformedQueryString", message: message)
    }

    public static func missingAction() -> APIFault {
        APIFault("MissingAction", message: "The request has no parameter 'Action'.")
    }

    public static func invalidAction(_ action: String, version: String) -> APIFault {
        APIFault(
            "InvalidAction",
            message: "Could not find operation \(action.prefix(200)) for version \(version.prefix(200))")
    }

    /// The same fault under the name that Query services have for it.
    ///
    /// Not taken from a model: botocore names none of them, and clients match on the service's own codes.
    private var queryCode: String {
        switch code {
        case "AccessDeniedException": "AccessDenied"
        case "InvalidSignatureException": "SignatureDoesNotMatch"
        case "SerializationException", "ValidationException": "ValidationError"
        case "ServerException": "InternalFailure"
        case "UnknownOperationException": "InvalidAction"
        case "UnrecognizedClientException": "InvalidClientTokenId"
        case let name where name.hasSuffix("Exception"): String(name.dropLast("Exception".count))
        default: code
        }
    }

    /// The HTTP status: what is wrong with a signature is Forbidden here, a Bad Request in JSON 1.1.
    public var queryStatus: Int {
        switch queryCode {
        case "AccessDenied", "SignatureDoesNotMatch", "InvalidClientTokenId", "MissingAuthenticationToken",
            "ExpiredToken":
            403
        default: status
        }
    }

    /// The body of the Query protocol.
    ///
    /// - Parameter namespace: the service's; nil when the request names none.
    public func xmlBytes(namespace: String?, requestID: String) -> [UInt8] {
        var writer = XMLWriter()
        writer.element("ErrorResponse", namespace: namespace) { writer in
            writer.element("Error") { writer in
                writer.element("Type", text: side == .client ? "Sender" : "Receiver")
                writer.element("Code", text: queryCode)
                writer.element("Message", text: message)
            }
            writer.element("RequestId", text: requestID)
        }
        return writer.bytes
    }
}
