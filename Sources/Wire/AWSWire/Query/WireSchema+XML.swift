import JSONBytes
public import ShapeRules

extension QueryOperation {
    /// The XML of an answer that is the JSON of the operation's response.
    ///
    /// - Throws: a server fault when it is no JSON.
    public func xml(answer: [UInt8], requestID: String) throws(APIFault) -> [UInt8] {
        let value: JSONValue
        do throws(JSONError) { value = try JSONValue(jsonBytes: answer) } catch { throw .server() }
        var writer = XMLWriter()
        writer.element(rawValue + "Response", namespace: Self.xmlNamespace) { writer in
            if let responseShape {
                writer.element(rawValue + "Result") { Self.schema.write(value, as: responseShape, to: &$0) }
            }
            writer.element("ResponseMetadata") { $0.element("RequestId", text: requestID) }
        }
        return writer.bytes
    }
}

extension WireSchema {
    /// Writes what is inside the element of a value; members in the order of their names.
    fileprivate func write(_ value: JSONValue, as shape: String, to writer: inout XMLWriter) {
        if let members = structures[shape] {
            for (name, inner) in (value.object ?? [:]).sorted(by: { $0.key < $1.key }) {
                guard let shape = members[name], inner != .null else { continue }
                writer.element(name) { write(inner, as: shape, to: &$0) }
            }
        } else if let element = lists[shape] {
            for inner in value.array ?? [] { writer.element("member") { write(inner, as: element, to: &$0) } }
        } else if let shape = maps[shape] {
            for (key, inner) in (value.object ?? [:]).sorted(by: { $0.key < $1.key }) {
                writer.element("entry") { writer in
                    writer.element("key", text: key)
                    writer.element("value") { write(inner, as: shape, to: &$0) }
                }
            }
        } else {
            writer.text(Self.text(value, shape))
        }
    }

    private static func text(_ value: JSONValue, _ type: String) -> String {
        if type == "timestamp", let milliseconds = Int64(exactly: ((value.number ?? 0) * 1000).rounded()) {
            return ISO8601.milliseconds(milliseconds)
        }
        switch value {
        case .string(let text): return text
        case .boolean(let value): return value ? "true" : "false"
        case .integer(let value): return value.description
        case .number(let value): return value.description
        case .null, .array, .object: return ""
        }
    }
}
