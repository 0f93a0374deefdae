public import Identifiers
public import JSONBytes

/// An event on its way to the rules.
public struct StreamedEvent: Sendable {
    public var id: String
    /// Whose rules it may match.
    public var scope: Scope
    public var source: String
    public var detailType: String
    private let make: @Sendable () -> JSONValue?

    /// - Parameter make: the whole event, made only when its source and type are of interest to somebody.
    public init(
        id: String, scope: Scope, source: String, detailType: String, _ make: @escaping @Sendable () -> JSONValue?
    ) {
        self.id = id
        self.scope = scope
        self.source = source
        self.detailType = detailType
        self.make = make
    }

    /// nil when it has no form.
    public func json() -> JSONValue? { make() }
}

/// How one try to deliver an event went.
public enum DeliveryOutcome: Hashable, Sendable {
    case delivered
    /// Delivered, and the delivery's record went in the same commit.
    case settled
    /// Why not, for people; worth another try.
    case failed(String)
    /// Why not, for people; another try would end alike.
    case refused(String)
}
