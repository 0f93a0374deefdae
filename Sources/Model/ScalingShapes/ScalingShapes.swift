public import ShapeRules

/// The wire shapes of Application Auto Scaling's API, generated from the public service model.
public enum ScalingShapes {
    public typealias Timestamp = WireTimestamp
}

/// The request of one operation of Application Auto Scaling.
public protocol ScalingRequest: ServiceRequest where Operation == ScalingOperation {}

extension ScalingOperation: ServiceOperation {
    public var violationCode: String { "ValidationException" }
}
