public import JSONBytes

/// The operations of one AWS service, by their names on the wire.
public protocol ServiceOperation: RawRepresentable<String>, CaseIterable, Hashable, Sendable {
    /// What precedes an operation's name in `X-Amz-Target`, without the dot.
    static var targetPrefix: String { get }
    /// The service's name in the scope of a signature.
    static var signingName: String { get }
    /// The names of operations that the service has and that are not served.
    static var unserved: Set<String> { get }
    /// Whether the service model says that the operation changes nothing.
    var isReadOnly: Bool { get }
    /// The fault that the service answers a request with that breaks a rule of its model.
    var violationCode: String { get }
}

extension ServiceOperation {
    public static var unserved: Set<String> { [] }
}

/// The request of one operation.
public protocol ServiceRequest: JSONReadable, JSONWritable, ConstrainedShape, Hashable, Sendable {
    /// What the operation answers.
    associatedtype Response: JSONReadable, JSONWritable, Hashable, Sendable
    associatedtype Operation: ServiceOperation
    static var operation: Operation { get }
}

/// The answer of an operation that answers nothing.
public struct EmptyResponse: Hashable, Sendable, JSONReadable, JSONWritable {
    public init() {}

    public init(json reader: inout JSONReader) throws(JSONError) { try reader.skipValue() }

    public func write(json writer: inout JSONWriter) {
        writer.beginObject()
        writer.endObject()
    }
}
