public import JSONBytes

/// The AWS JSON 1.1 protocol: one path, the operation in a header, JSON both ways.
public enum JSON11 {
    public static let contentType = "application/x-amz-json-1.1"
    /// Of services whose version of the protocol is older; nothing else differs.
    public static let olderContentType = "application/x-amz-json-1.0"

    /// The operation that `X-Amz-Target` names.
    ///
    /// - Parameters:
    ///   - target: the header's value, such as `AmazonEC2ContainerServiceV20141113.RunTask`; nil when it is absent.
    ///   - prefix: the service's part of it, without the dot.
    /// - Throws: `UnknownOperationException` when there is no target or it is another service's.
    public static func operation(target: String?, prefix: String) throws(APIFault) -> String {
        guard let target, !target.isEmpty else {
            throw .unknownOperation("The request has no 'X-Amz-Target' header.")
        }
        guard target.hasPrefix(prefix + "."), target.count > prefix.count + 1 else {
            throw .unknownOperation("'\(target.prefix(200))' is not an operation of \(prefix).")
        }
        return String(target.dropFirst(prefix.count + 1))
    }

    /// Whether a body of that content type is read as JSON. Parameters such as a character set do not matter.
    public static func accepts(contentType: String?) -> Bool {
        if contentType == Self.contentType { return true }
        guard let type = contentType?.split(separator: ";").first else { return false }
        let name = type.lowercased().split(separator: " ").first.map(String.init)
        return name == Self.contentType || name == Self.olderContentType
    }

    /// Reads a request's body; an empty one is a request without members.
    ///
    /// - Throws: `SerializationException`.
    public static func decode<Shape: JSONReadable>(_ body: [UInt8], as _: Shape.Type = Shape.self) throws(APIFault)
        -> Shape
    {
        do throws(JSONError) {
            return try Shape(jsonBytes: body.isEmpty ? Array("{}".utf8) : body)
        } catch {
            throw APIFault(error)
        }
    }
}
