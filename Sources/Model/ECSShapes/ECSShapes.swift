public import ShapeRules

/// The wire shapes of the ECS API, generated from the public service model.
///
/// Every member is optional: reading never fails for what is absent (`ConstrainedShape` reports it), `null` reads as
/// absent, unknown members are skipped, and an absent member is not written. The namespace keeps `Task` and `Service`
/// apart from what Swift calls so.
public enum ECSShapes {
    public typealias Timestamp = WireTimestamp
}

/// The request of one operation of ECS.
public protocol ECSRequest: ServiceRequest where Operation == ECSOperation {}

extension ECSOperation: ServiceOperation {
    /// Task definitions are checked with another fault than the rest.
    public var violationCode: String {
        switch self {
        case .registerTaskDefinition, .registerDaemonTaskDefinition: "ClientException"
        default: "InvalidParameterException"
        }
    }
}
