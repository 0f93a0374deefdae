public import JSONBytes

/// The wire shapes of the ECS API, generated from the public service model.
///
/// Every member is optional: reading never fails for what is absent (`ConstrainedShape` reports it), `null` reads as
/// absent, unknown members are skipped, and an absent member is not written. The namespace keeps `Task` and `Service`
/// apart from what Swift calls so.
public enum ECSShapes {}

/// The request of one operation.
public protocol ECSRequest: JSONReadable, JSONWritable, ConstrainedShape, Hashable, Sendable {
    /// What the operation answers.
    associatedtype Response: JSONReadable, JSONWritable, Hashable, Sendable
    static var operation: ECSOperation { get }
}
