/// Why a request about load balancers was refused, in the words its caller reads.
public struct BalancingFault: Error, Hashable, Sendable {
    /// The error that a client expects.
    public enum Code: Hashable, Sendable {
        /// A parameter that is wrong by itself.
        case validation
        /// Settings that do not go together.
        case invalidConfiguration
        case incompatibleProtocols
        case unsupportedProtocol
        case invalidAction, tooManyActions, tooManyTargetGroups
        case invalidTarget
        /// Right on AWS, not built here.
        case unsupported
    }

    public var code: Code
    public var message: String

    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }
}
