public import ShapeRules

/// The wire shapes of EventBridge's API, as far as Berth serves it, generated from the public service model.
public enum EventsShapes {
    public typealias Timestamp = WireTimestamp
}

/// The request of one operation of EventBridge.
public protocol EventsRequest: ServiceRequest where Operation == EventsOperation {}

extension EventsOperation: ServiceOperation {
    public var violationCode: String { "ValidationException" }
}
