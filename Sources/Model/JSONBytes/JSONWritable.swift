/// A type that writes itself as JSON.
public protocol JSONWritable {
    /// Appends one value.
    func write(json writer: inout JSONWriter)
}

extension JSONWritable {
    /// The value as a whole JSON text.
    public func jsonBytes() -> [UInt8] {
        var writer = JSONWriter()
        write(json: &writer)
        return writer.bytes
    }
}

extension String: JSONWritable {
    public func write(json writer: inout JSONWriter) { writer.string(self) }
}

extension Bool: JSONWritable {
    public func write(json writer: inout JSONWriter) { writer.boolean(self) }
}

extension Int64: JSONWritable {
    public func write(json writer: inout JSONWriter) { writer.integer(self) }
}

extension Int: JSONWritable {
    public func write(json writer: inout JSONWriter) { writer.integer(Int64(self)) }
}

extension Double: JSONWritable {
    public func write(json writer: inout JSONWriter) { writer.number(self) }
}

extension Array: JSONWritable where Element: JSONWritable {
    public func write(json writer: inout JSONWriter) {
        writer.beginArray()
        for element in self { element.write(json: &writer) }
        writer.endArray()
    }
}

extension Dictionary: JSONWritable where Key == String, Value: JSONWritable {
    /// Members are written in the order of their keys, so that equal values give equal bytes.
    public func write(json writer: inout JSONWriter) {
        writer.beginObject()
        for (key, value) in sorted(by: { $0.key < $1.key }) { writer.member(key, value) }
        writer.endObject()
    }
}
