/// Why a request was refused, in the words its caller reads.
public struct ValidationFault: Error, Hashable, Sendable {
    /// The AWS error a client expects.
    public enum Code: Hashable, Sendable {
        /// `ClientException`: the meaning of a task definition.
        case client
        /// `InvalidParameterException`: a parameter of the request.
        case invalidParameter
        /// `UnsupportedFeatureException`: right on AWS, not built here yet.
        case unsupported
    }

    public var code: Code
    public var message: String

    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    static func client(_ message: String) -> ValidationFault { ValidationFault(.client, message) }
}
