public import JSONBytes

/// An error as AWS's APIs know it.
///
/// Operations throw their own small errors; an initialiser in an extension gives each its AWS name. Detail of what
/// failed inside belongs in the log, never in the message of a server fault.
public struct APIFault: Error, Hashable, Sendable {
    /// Whose fault it is.
    public enum Side: Hashable, Sendable {
        case client
        case server
    }

    /// The exception's name, such as `ClusterNotFoundException`.
    public var code: String
    public var side: Side
    /// The HTTP status that it is answered with.
    public var status: Int
    /// One sentence or more for the person who called.
    public var message: String
    /// Members beside code and message that the service model gives the exception.
    public var fields: [String: JSONValue]

    public init(_ code: String, side: Side = .client, message: String, fields: [String: JSONValue] = [:]) {
        self.code = code
        self.side = side
        self.status = side == .client ? 400 : 500
        self.message = message
        self.fields = fields
    }
}

extension APIFault: JSONWritable {
    /// The body of JSON 1.1: `__type`, `message`, and the fields.
    public func write(json writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("__type", code)
        writer.member("message", message)
        for (name, value) in fields.sorted(by: { $0.key < $1.key }) { writer.member(name, value) }
        writer.endObject()
    }
}
