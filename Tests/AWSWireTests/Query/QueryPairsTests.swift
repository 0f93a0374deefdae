import AWSWire
import ELBShapes
import Foundation
import JSONBytes
import ShapeRules
import Testing

/// What botocore sends, and what it reads back: Tests/EndToEnd/test_query_pairs.py records and checks the other side.
@Suite("Recorded pairs of the Query protocol")
struct QueryPairsTests {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("Golden")

    private static func lines(_ name: String) throws -> [JSONValue] {
        let text = try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
        return try text.utf8.split(separator: UInt8(ascii: "\n")).map { try JSONValue(jsonBytes: Array($0)) }
    }

    private func operation(_ line: JSONValue) throws -> ELBOperation {
        try #require(ELBOperation(rawValue: line["operation"]?.string ?? ""))
    }

    @Test("a form of botocore becomes the request it was made from")
    func requests() throws {
        let lines = try Self.lines("requests.jsonl")
        #expect(Set(lines.compactMap { $0["operation"]?.string }).count == ELBOperation.allCases.count)
        for line in lines {
            let operation = try operation(line)
            let form = try QueryForm(Array((line["form"]?.string ?? "").utf8))
            #expect(form.action == operation.rawValue)
            #expect(form.version == ELBOperation.version)
            let json = try ELBOperation.schema.json(form, as: operation.requestShape)
            #expect(try JSONValue(jsonBytes: json) == line["json"], "\(operation)")
        }
    }

    @Test("an answer is written as the XML that botocore was seen to read")
    func answers() throws {
        let written = try Self.lines("answers.jsonl").map { line -> JSONValue in
            let xml = try operation(line).xml(answer: (line["json"] ?? .null).jsonBytes(), requestID: "the-request")
            return ["operation": line["operation"] ?? .null, "xml": .string(String(decoding: xml, as: UTF8.self))]
        }
        if ProcessInfo.processInfo.environment["BERTH_RECORD_GOLDEN"] != nil {
            let text = written.map { String(decoding: $0.jsonBytes(), as: UTF8.self) + "\n" }.joined()
            try text.write(to: Self.folder.appendingPathComponent("written.jsonl"), atomically: true, encoding: .utf8)
        }
        #expect(try Self.lines("written.jsonl") == written)
    }
}
