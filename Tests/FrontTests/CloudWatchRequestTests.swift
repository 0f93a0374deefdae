import AWSWire
import CloudWatchShapes
import JSONBytes
import Testing

@testable import Front

@Suite("A request to CloudWatch")
struct CloudWatchRequestTests {
    private func send(
        _ path: String, _ headers: [(String, String)], _ body: [UInt8], service: String = "monitoring"
    ) async throws -> HTTPAnswer {
        let front = try await FrontHarness()
        let message = HTTPMessage(
            method: "POST", target: path, headers: headers.map { HTTPMessage.Header($0.0, $0.1) }, body: body)
        return await front.dispatcher.answer(front.signed(message, service: service, as: FrontHarness.rootKey))
    }

    private static func path(_ operation: String) -> String {
        "/service/GraniteServiceVersion20100801/operation/" + operation
    }

    private func text(_ answer: HTTPAnswer) -> String { String(decoding: answer.body, as: UTF8.self) }

    @Test("in CBOR is answered in CBOR")
    func cbor() async throws {
        let answer = try await send(Self.path("DescribeAlarms"), [("content-type", "application/cbor")], [0xA0])
        #expect(answer.status == 200)
        #expect(answer.header("content-type") == "application/cbor")
        #expect(answer.header("smithy-protocol") == "rpc-v2-cbor")
        let json = try JSONValue(jsonBytes: RPCv2CBOR.json(answer.body))
        #expect(json == ["MetricAlarms": [], "CompositeAlarms": []])
    }

    @Test("in CBOR is told what is wrong, also by the name that the fault has elsewhere")
    func fault() async throws {
        let answer = try await send(Self.path("SetAlarmState"), [("content-type", "application/cbor")], [0xA0])
        #expect(answer.status == 400)
        #expect(answer.header("x-amzn-query-error") == "ValidationError;Sender")
        let json = try JSONValue(jsonBytes: RPCv2CBOR.json(answer.body))
        #expect(json["__type"] == "ValidationError")
        #expect(json["message"]?.string?.isEmpty == false)
    }

    @Test(
        "in CBOR of what is not there is refused",
        arguments: [
            ("/service/GraniteServiceVersion20100801/operation/PutDashboard", 400, "UnsupportedFeatureException"),
            ("/service/GraniteServiceVersion20100801/operation/MakeCoffee", 400, "UnknownOperationException"),
        ])
    func unknown(path: String, status: Int, code: String) async throws {
        let answer = try await send(path, [("content-type", "application/cbor")], [0xA0])
        #expect(answer.status == status)
        #expect(try JSONValue(jsonBytes: RPCv2CBOR.json(answer.body))["__type"] == .string(code))
    }

    @Test(
        "to another path beneath /service is to nowhere",
        arguments: ["/service/", "/service/X/operation/Y", "/service/a/b/c/d/e"])
    func nowhere(path: String) async throws {
        #expect(try await send(path, [], [0xA0]).status == 404)
    }

    @Test("has to be signed for CloudWatch")
    func signature() async throws {
        let answer = try await send(
            Self.path("DescribeAlarms"), [("content-type", "application/cbor")], [0xA0], service: "ecs")
        #expect(answer.status == 400)
        #expect(answer.header("x-amzn-query-error") == "SignatureDoesNotMatch;Sender")
    }

    @Test("in JSON is answered in the version that it has", arguments: ["1.0", "1.1"])
    func json(version: String) async throws {
        let type = "application/x-amz-json-" + version
        let answer = try await send(
            "/", [("content-type", type), ("x-amz-target", CloudWatchOperation.describeAlarms.target)],
            Array("{}".utf8))
        #expect(answer.status == 200 && answer.header("content-type") == type)
        let refused = try await send(
            "/", [("content-type", type), ("x-amz-target", CloudWatchOperation.deleteAlarms.target)],
            Array(#"{"AlarmNames":["gone"]}"#.utf8))
        #expect(refused.status == 404)
        #expect(refused.header("x-amzn-query-error") == "ResourceNotFound;Sender")
        #expect(text(refused).contains(#""__type":"ResourceNotFound""#))
    }

    @Test("as a form is answered in XML, with CloudWatch's names of faults")
    func query() async throws {
        let type = ("content-type", QueryForm.contentType)
        let version = "&Version=" + CloudWatchOperation.version
        let answer = try await send("/", [type], Array(("Action=DescribeAlarms" + version).utf8))
        #expect(answer.status == 200 && text(answer).contains("<DescribeAlarmsResult>"))
        let refused = try await send(
            "/", [type], Array(("Action=PutMetricData&Namespace=N" + version).utf8))
        #expect(text(refused).contains("<Code>MissingParameter</Code>"), "\(text(refused))")
    }
}
