import LogsShapes
import JSONBytes
import TestKit
import Testing

@Suite("Every CloudWatch Logs shape")
struct ShapeSampleTests {
    @Test("reads and writes all its members", arguments: shapeSamples)
    func keepsEveryMember(sample: ShapeSample) throws {
        let bytes = Array(sample.json.utf8)
        #expect(try JSONValue(jsonBytes: sample.pass(bytes)) == JSONValue(jsonBytes: bytes))
        #expect(try sample.pass(Array("{}".utf8)) == Array("{}".utf8))
    }
}
