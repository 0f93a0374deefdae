import AWSWire
import ELBShapes
import Identifiers
import Testing

@testable import Front

@Suite("A request with a form")
struct QueryRequestTests {
    private func send(
        _ form: String, service: String = "elasticloadbalancing", as key: SigV4Credential? = FrontHarness.rootKey
    ) async throws -> (status: Int, text: String) {
        let front = try await FrontHarness()
        let message = HTTPMessage(
            method: "POST", target: "/",
            headers: [HTTPMessage.Header("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")],
            body: Array(form.utf8))
        let answer = await front.dispatcher.answer(front.signed(message, service: service, as: key))
        #expect(answer.header("content-type") == "text/xml")
        #expect(answer.header("x-amzn-requestid")?.count == 36)
        return (answer.status, String(decoding: answer.body, as: UTF8.self))
    }

    private static let version = "&Version=" + ELBOperation.version

    @Test(
        "is told what is wrong with it in XML",
        arguments: [
            ("", 400, "MissingAction"), (version, 400, "MissingAction"),
            ("Action=MakeCoffee" + version, 400, "InvalidAction"),
            ("Action=CreateRule&Version=2000-01-01", 400, "InvalidAction"), ("%", 400, "MalformedQueryString"),
            ("Action=CreateTrustStore" + version, 400, "UnsupportedFeature"),
        ])
    func faults(form: String, status: Int, code: String) async throws {
        let reply = try await send(form)
        #expect(reply.status == status)
        #expect(reply.text.contains("<Type>Sender</Type><Code>\(code)</Code>"), "\(reply.text)")
    }

    @Test("has to be signed, for the service of its operation")
    func signatures() async throws {
        let form = "Action=DescribeRules" + Self.version
        let unsigned = try await send(form, as: nil)
        #expect(unsigned.status == 403)
        #expect(unsigned.text.contains("<Code>MissingAuthenticationToken</Code>"))
        let other = try await send(form, service: "ecs")
        #expect(other.status == 403)
        #expect(other.text.contains("<Code>SignatureDoesNotMatch</Code>"), "\(other.text)")
    }

    @Test("has no JSON twin: the operation's name in a target is unknown")
    func target() async throws {
        let front = try await FrontHarness()
        let message = HTTPMessage(
            method: "POST", target: "/",
            headers: [
                HTTPMessage.Header("Content-Type", "application/x-amz-json-1.1"),
                HTTPMessage.Header("X-Amz-Target", ELBOperation.createRule.target),
            ], body: Array("{}".utf8))
        let signed = front.signed(message, service: ELBOperation.signingName, as: FrontHarness.rootKey)
        let answer = await front.dispatcher.answer(signed)
        #expect(String(decoding: answer.body, as: UTF8.self).contains("UnknownOperationException"))
    }

    @Test("of a host is denied")
    func hosts() async throws {
        let front = try await FrontHarness()
        let host = try await front.host()
        let message = HTTPMessage(
            method: "POST", target: "/", headers: [HTTPMessage.Header("Content-Type", QueryForm.contentType)],
            body: Array(("Action=DescribeRules" + Self.version).utf8))
        let answer = await front.dispatcher.answer(
            front.signed(message, service: ELBOperation.signingName, as: host.key))
        let text = String(decoding: answer.body, as: UTF8.self)
        #expect(answer.status == 403)
        #expect(text.contains("<Code>AccessDenied</Code>") && text.contains("elasticloadbalancing:DescribeRules"))
    }
}

extension FrontHarness {
    /// The message signed for a service that no target names.
    func signed(_ message: HTTPMessage, service: String, as key: SigV4Credential?) -> HTTPMessage {
        var message = signed(message, as: nil)
        guard let key else { return message }
        let signer = SigV4Signer(credential: key, region: "us-east-1", service: service)
        message.headers += signer.headers(for: message.signed, now: time.now.milliseconds)
            .map { HTTPMessage.Header($0.name, $0.value) }
        return message
    }
}
