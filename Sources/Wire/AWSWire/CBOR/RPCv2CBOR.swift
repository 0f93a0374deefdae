import JSONBytes
public import ShapeRules

/// The Smithy RPC v2 CBOR protocol: a path for each operation, CBOR both ways.
///
/// - Source: Smithy RPC v2 CBOR protocol
public enum RPCv2CBOR {
    public static let contentType = "application/cbor"
    public static let protocolHeader = "smithy-protocol"
    public static let protocolName = "rpc-v2-cbor"

    /// The service and operation that a path names, `/service/NAME/operation/NAME`; nil of other paths.
    public static func names(in path: String) -> (service: String, operation: String)? {
        let parts = path.split(separator: "/", maxSplits: 5, omittingEmptySubsequences: false)
        guard parts.count == 5, parts[0].isEmpty, parts[1] == "service", parts[3] == "operation" else { return nil }
        return (String(parts[2]), String(parts[4]))
    }

    /// The JSON of a request's body; an empty one is a request without members.
    ///
    /// - Throws: `SerializationException`.
    public static func json(_ body: [UInt8]) throws(APIFault) -> [UInt8] {
        body.isEmpty ? Array("{}".utf8) : try CBORReader.value(of: body).jsonBytes()
    }
}

extension QueryOperation {
    /// The CBOR of an answer that is the JSON of the operation's response; nothing where that holds nothing.
    ///
    /// - Throws: a server fault when it is no JSON.
    public func cbor(answer: [UInt8]) throws(APIFault) -> [UInt8] {
        guard let responseShape else { return [] }
        let value: JSONValue
        do throws(JSONError) { value = try JSONValue(jsonBytes: answer) } catch { throw .server() }
        var writer = CBORWriter()
        Self.schema.write(value, as: responseShape, to: &writer)
        return writer.bytes
    }
}

extension APIFault {
    /// The body of RPC v2 CBOR: `__type`, `message` and the fields that are texts.
    public func cborBytes() -> [UInt8] {
        let texts = fields.compactMapValues(\.string).sorted { $0.key < $1.key }
        var writer = CBORWriter()
        writer.map(count: 2 + texts.count)
        for (name, text) in [("__type", code), ("message", message)] + texts.map({ ($0.key, $0.value) }) {
            writer.text(name)
            writer.text(text)
        }
        return writer.bytes
    }
}

extension WireSchema {
    fileprivate func write(_ value: JSONValue, as shape: String, to writer: inout CBORWriter) {
        if let members = structures[shape] {
            let known = (value.object ?? [:]).filter { $0.value != .null && members[$0.key] != nil }
            writer.map(count: known.count)
            for (name, inner) in known.sorted(by: { $0.key < $1.key }) {
                writer.text(name)
                write(inner, as: members[name] ?? "", to: &writer)
            }
        } else if let element = lists[shape] {
            let values = value.array ?? []
            writer.array(count: values.count)
            for inner in values { write(inner, as: element, to: &writer) }
        } else if let element = maps[shape] {
            let members = value.object ?? [:]
            writer.map(count: members.count)
            for (key, inner) in members.sorted(by: { $0.key < $1.key }) {
                writer.text(key)
                write(inner, as: element, to: &writer)
            }
        } else {
            Self.write(value, shape, to: &writer)
        }
    }

    private static func write(_ value: JSONValue, _ type: String, to writer: inout CBORWriter) {
        switch (type, value) {
        case ("timestamp", _): writer.time(value.number ?? 0)
        case ("double", .integer), ("double", .number): writer.double(value.number ?? 0)
        case (_, .string(let text)): writer.text(text)
        case (_, .boolean(let value)): writer.boolean(value)
        case (_, .integer(let value)): writer.integer(value)
        case (_, .number(let value)): writer.double(value)
        case (_, .null), (_, .array), (_, .object): writer.null()
        }
    }
}
