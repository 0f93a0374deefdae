public import ShapeRules

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
    /// - Parameter codes: the service's own names.
    private func queryCode(_ codes: [String: String]) -> String {
        if let own = codes[code] { return own }
        return switch code {
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
        switch queryCode([:]) {
        case "AccessDenied", "SignatureDoesNotMatch", "InvalidClientTokenId", "MissingAuthenticationToken",
            "ExpiredToken":
            403
        default: status
        }
    }

    /// The body of the Query protocol.
    ///
    /// - Parameters:
    ///   - namespace: the service's; nil when the request names none.
    ///   - codes: the service's own names of faults.
    public func xmlBytes(namespace: String?, codes: [String: String] = [:], requestID: String) -> [UInt8] {
        var writer = XMLWriter()
        writer.element("ErrorResponse", namespace: namespace) { writer in
            writer.element("Error") { writer in
                writer.element("Type", text: side == .client ? "Sender" : "Receiver")
                writer.element("Code", text: queryCode(codes))
                writer.element("Message", text: message)
            }
            writer.element("RequestId", text: requestID)
        }
        return writer.bytes
    }

    /// The header by which services that once spoke the Query protocol only tell its name of a fault in other
    /// protocols.
    ///
    /// - Source: Smithy, "aws.protocols#awsQueryCompatible trait"
    public func queryErrorHeader(_ service: any QueryOperation.Type) -> (name: String, value: String) {
        ("x-amzn-query-error", "\(queryCode(service.queryFaultCodes));\(side == .client ? "Sender" : "Receiver")")
    }
}
