public import ShapeRules

/// The wire shapes of CloudWatch's API of metrics and alarms, generated from the public service model.
///
/// They travel as CBOR, as JSON, and as forms and XML; what translates goes by `CloudWatchOperation.schema`.
public enum CloudWatchShapes {
    public typealias Timestamp = WireTimestamp
}

/// The request of one operation of CloudWatch.
public protocol CloudWatchRequest: ServiceRequest where Operation == CloudWatchOperation {}

extension CloudWatchOperation: ServiceOperation {
    public var violationCode: String { "ValidationError" }

    public static var queryFaultCodes: [String: String] {
        [
            "InternalServiceFault": "InternalServiceError", "InvalidFormatFault": "InvalidFormat",
            "LimitExceededFault": "LimitExceeded", "MissingRequiredParameterException": "MissingParameter",
            "ResourceNotFoundException": "ResourceNotFoundException",
        ]
    }
}
