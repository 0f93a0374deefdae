public import ShapeRules

/// The wire shapes of the ELBv2 API, generated from the public service model; read and written as those of ECS are.
///
/// They travel as forms and XML. What translates between those and JSON goes by `ELBOperation.schema`.
public enum ELBShapes {
    public typealias Timestamp = WireTimestamp
}

/// The request of one operation of Elastic Load Balancing.
public protocol ELBRequest: ServiceRequest where Operation == ELBOperation {}

extension ELBOperation: ServiceOperation {
    public var violationCode: String { "ValidationError" }
}
