public import ShapeRules

/// The wire shapes of Certificate Manager's API, as far as Berth serves it, generated from the public service model.
public enum ACMShapes {
    public typealias Timestamp = WireTimestamp
}

/// The request of one operation of Certificate Manager.
public protocol ACMRequest: ServiceRequest where Operation == ACMOperation {}

extension ACMOperation: ServiceOperation {
    public var violationCode: String { "ValidationException" }
}
