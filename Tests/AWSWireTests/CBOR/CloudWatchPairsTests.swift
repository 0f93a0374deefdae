import AWSWire
import CloudWatchShapes
import Foundation
import JSONBytes
import ShapeRules
import Testing

/// What botocore sends, and what it reads back: Tests/EndToEnd/test_cloudwatch_pairs.py records and checks the other
/// side.
@Suite("Recorded pairs of CloudWatch's protocols")
struct CloudWatchPairsTests {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("Golden")

    static func lines(_ name: String) throws -> [JSONValue] {
        let text = try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
        return try text.utf8.split(separator: UInt8(ascii: "\n")).map { try JSONValue(jsonBytes: Array($0)) }
    }

    static func bytes(_ hexadecimal: String) -> [UInt8] {
        let digits = Array(hexadecimal.utf8)
        return stride(from: 0, to: digits.count - 1, by: 2).compactMap {
            UInt8(String(decoding: digits[$0...$0 + 1], as: UTF8.self), radix: 16)
        }
    }

    private func operation(_ line: JSONValue) throws -> CloudWatchOperation {
        try #require(CloudWatchOperation(rawValue: line["operation"]?.string ?? ""))
    }

    /// A whole number is the same whether it was written with a fraction or without.
    private func plain(_ value: JSONValue) -> JSONValue {
        switch value {
        case .integer(let whole): .number(Double(whole))
        case .array(let values): .array(values.map(plain))
        case .object(let members): .object(members.mapValues(plain))
        default: value
        }
    }

    @Test("what botocore sends as CBOR and as a form becomes the request it was made from")
    func requests() throws {
        let lines = try Self.lines("requests.jsonl")
        #expect(Set(lines.compactMap { $0["operation"]?.string }).count == CloudWatchOperation.allCases.count)
        for line in lines {
            let operation = try operation(line)
            let wanted = plain(line["json"] ?? .null)
            let cbor = try RPCv2CBOR.json(Self.bytes(line["cbor"]?.string ?? ""))
            #expect(try plain(JSONValue(jsonBytes: cbor)) == wanted, "\(operation)")
            let form = try QueryForm(Array((line["form"]?.string ?? "").utf8))
            #expect(form.action == operation.rawValue && form.version == CloudWatchOperation.version)
            let json = try CloudWatchOperation.schema.json(form, as: operation.requestShape)
            #expect(try plain(JSONValue(jsonBytes: json)) == wanted, "\(operation)")
        }
    }

    @Test("an answer is written as what botocore was seen to read")
    func answers() throws {
        let written = try Self.lines("answers.jsonl").map { line -> JSONValue in
            let json = (line["json"] ?? .null).jsonBytes()
            let operation = try operation(line)
            let cbor = try operation.cbor(answer: json).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
            let xml = try operation.xml(answer: json, requestID: "the-request")
            return [
                "operation": line["operation"] ?? .null, "cbor": .string(cbor),
                "xml": .string(String(decoding: xml, as: UTF8.self)),
            ]
        }
        if ProcessInfo.processInfo.environment["BERTH_RECORD_GOLDEN"] != nil {
            let text = written.map { String(decoding: $0.jsonBytes(), as: UTF8.self) + "\n" }.joined()
            try text.write(to: Self.folder.appendingPathComponent("written.jsonl"), atomically: true, encoding: .utf8)
        }
        #expect(try Self.lines("written.jsonl") == written)
    }

    @Test("an operation without an answer answers no bytes, and XML without a result")
    func nothing() throws {
        #expect(try CloudWatchOperation.putMetricData.cbor(answer: Array("{}".utf8)).isEmpty)
        let xml = try CloudWatchOperation.putMetricData.xml(answer: Array("{}".utf8), requestID: "r")
        let text = String(decoding: xml, as: UTF8.self)
        #expect(!text.contains("Result") && text.contains("<RequestId>r</RequestId>"))
    }
}
