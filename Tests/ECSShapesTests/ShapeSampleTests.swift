import ECSShapes
import JSONBytes
import Testing

/// A structure's JSON with all members, and the way through its type.
struct ShapeSample: Sendable, CustomTestStringConvertible {
    let name: String
    let json: String
    /// Reads the bytes as the structure and writes what was read.
    let pass: @Sendable ([UInt8]) throws(JSONError) -> [UInt8]

    init<Shape: JSONReadable & JSONWritable & Sendable>(_ name: String, _ type: Shape.Type, _ json: String) {
        self.name = name
        self.json = json
        self.pass = { (bytes: [UInt8]) throws(JSONError) in try Shape(jsonBytes: bytes).jsonBytes() }
    }

    var testDescription: String { name }
}

@Suite("Every ECS shape")
struct ShapeSampleTests {
    @Test("reads and writes all its members", arguments: shapeSamples)
    func keepsEveryMember(sample: ShapeSample) throws {
        let bytes = Array(sample.json.utf8)
        #expect(try JSONValue(jsonBytes: sample.pass(bytes)) == JSONValue(jsonBytes: bytes))
        #expect(try sample.pass(Array("{}".utf8)) == Array("{}".utf8))
    }
}
