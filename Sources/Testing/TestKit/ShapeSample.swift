public import JSONBytes

/// A structure's JSON with all members, and the way through its type.
public struct ShapeSample: Sendable, CustomStringConvertible {
    public let name: String
    public let json: String
    /// Reads the bytes as the structure and writes what was read.
    public let pass: @Sendable ([UInt8]) throws(JSONError) -> [UInt8]

    public init<Shape: JSONReadable & JSONWritable & Sendable>(_ name: String, _ type: Shape.Type, _ json: String) {
        self.name = name
        self.json = json
        self.pass = { (bytes: [UInt8]) throws(JSONError) in try Shape(jsonBytes: bytes).jsonBytes() }
    }

    public var description: String { name }
}
