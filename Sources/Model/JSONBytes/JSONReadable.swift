/// A type that reads itself from JSON.
public protocol JSONReadable {
    /// Consumes one value.
    init(json reader: inout JSONReader) throws(JSONError)
}

extension JSONReadable {
    /// Reads a whole JSON text: one value and nothing after it but white space.
    public init(jsonBytes: [UInt8]) throws(JSONError) {
        var reader = JSONReader(jsonBytes)
        self = try Self(json: &reader)
        try reader.finish()
    }
}

extension JSONReader {
    /// Reads a value, or nil where JSON has `null`.
    public mutating func optional<Value: JSONReadable>(_: Value.Type = Value.self) throws(JSONError) -> Value? {
        if try takeNull() { return nil }
        return try Value(json: &self)
    }

    /// Reads a whole number of 32 bits, as AWS's `integer` is, or nil where JSON has `null`.
    ///
    /// The narrow range is checked here so that arithmetic on what clients send cannot overflow an `Int`.
    public mutating func optionalInteger32() throws(JSONError) -> Int? {
        if try takeNull() { return nil }
        _ = try nextByte()
        let start = offset
        guard let value = Int32(exactly: try readInteger()) else { throw JSONError(.numberOutOfRange, offset: start) }
        return Int(value)
    }
}

extension String: JSONReadable {
    public init(json reader: inout JSONReader) throws(JSONError) { self = try reader.readString() }
}

extension Bool: JSONReadable {
    public init(json reader: inout JSONReader) throws(JSONError) { self = try reader.readBoolean() }
}

extension Int64: JSONReadable {
    public init(json reader: inout JSONReader) throws(JSONError) { self = try reader.readInteger() }
}

extension Int: JSONReadable {
    public init(json reader: inout JSONReader) throws(JSONError) { self = Int(try reader.readInteger()) }
}

extension Double: JSONReadable {
    public init(json reader: inout JSONReader) throws(JSONError) { self = try reader.readNumber() }
}

extension Array: JSONReadable where Element: JSONReadable {
    public init(json reader: inout JSONReader) throws(JSONError) {
        self = []
        try reader.beginArray()
        while try reader.nextElement() { append(try Element(json: &reader)) }
    }
}

extension Dictionary: JSONReadable where Key == String, Value: JSONReadable {
    /// Members that are `null` are left out.
    public init(json reader: inout JSONReader) throws(JSONError) {
        self = [:]
        try reader.beginObject()
        while let key = try reader.nextKey() { self[key] = try reader.optional(Value.self) }
    }
}
