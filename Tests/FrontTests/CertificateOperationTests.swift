import Domain
import Identifiers
import JSONBytes
import LoadBalancing
import StateStore
import TestKit
import Testing

@testable import Front

@Suite("Certificates that are imported")
struct CertificateOperationTests {
    /// Made with openssl for tests; used nowhere else.
    static let certificate = """
        -----BEGIN CERTIFICATE-----
        MIIB7jCCAZSgAwIBAgIUOxUnRK5zzbLttCLh4RAkedRobpowCgYIKoZIzj0EAwIw
        NzELMAkGA1UEBhMCREUxDjAMBgNVBAoMBUJlcnRoMRgwFgYDVQQDDA93ZWIuZXhh
        bXBsZS5jb20wHhcNMjYxMTI2MTQzMTI3WhcNMzYxMTIzMTQzMTI3WjA3MQswCQYD
        VQQGEwJERTEOMAwGA1UECgwFQmVydGgxGDAWBgNVBAMMD3dlYi5leGFtcGxlLmNv
        bTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABE0EPw6vjNowRehzt//9lK67RM36
        JehiBN3cpxaRVD/NxJ+L8nJYP1rQw3xPlrS29b1K+SKOvLJcjhsPg4kthUujfjB8
        MB0GA1UdDgQWBBQ0/NKAQngGetYO9sVMo87PXE0YeTAfBgNVHSMEGDAWgBQ0/NKA
        QngGetYO9sVMo87PXE0YeTAPBgNVHRMBAf8EBTADAQH/MCkGA1UdEQQiMCCCD3dl
        Yi5leGFtcGxlLmNvbYINKi5leGFtcGxlLmNvbTAKBggqhkjOPQQDAgNIADBFAiEA
        iNXMHA6svlRZbL749UYTAwttBjToSnk4nzkOpvPabiECIBF56ycSltRnH7ig9YPl
        whNfyktmG4MeGGbcOlPaqiwo
        -----END CERTIFICATE-----
        """
    static let key = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg9kifcPLn7qP3z8Ow
        8FrvRbhFt1N8W/yw6/qHsL791uShRANCAARNBD8Or4zaMEXoc7f//ZSuu0TN+iXo
        YgTd3KcWkVQ/zcSfi/JyWD9a0MN8T5a0tvW9SvkijryyXI4bD4OJLYVL
        -----END PRIVATE KEY-----
        """

    private func front() async throws -> FrontHarness {
        let front = try await FrontHarness()
        // The certificate is of a later day than the test's first.
        front.time.advance(by: .seconds(100 * 86_400))
        return front
    }

    private func call(_ front: FrontHarness, _ operation: String, _ request: JSONValue) async throws -> Reply {
        try await front.call("CertificateManager." + operation, request)
    }

    private func base64(_ text: String) -> JSONValue { .string(Base64.encoded(text.utf8)) }

    private func imported(_ front: FrontHarness, _ more: [String: JSONValue] = [:]) async throws -> Reply {
        let request: [String: JSONValue] = [
            "Certificate": base64(Self.certificate), "PrivateKey": base64(Self.key),
        ]
        return try await call(front, "ImportCertificate", .object(request.merging(more) { $1 }))
    }

    @Test("are shown with what they say, and never with their key")
    func shown() async throws {
        let front = try await front()
        let arn = try #require(try await imported(front).json["CertificateArn"])
        let again = try await imported(front, ["CertificateArn": arn])
        #expect(again.json["CertificateArn"] == arn && front.store.committed().certificates.count == 1)
        let described = try await call(front, "DescribeCertificate", ["CertificateArn": arn])
        #expect(described.json["Certificate"]?["DomainName"] == "web.example.com")
        #expect(described.json["Certificate"]?["Type"] == "IMPORTED")
        let got = try await call(front, "GetCertificate", ["CertificateArn": arn])
        #expect(got.json["Certificate"] == .string(Self.certificate))
        let plain = try await call(front, "ListCertificates", [:])
        #expect(plain.json["CertificateSummaryList"] == [])
        let listed = try await call(front, "ListCertificates", ["Includes": ["keyTypes": ["EC_prime256v1"]]])
        #expect(listed.json["CertificateSummaryList"]?[0]?["CertificateArn"] == arn)
        for reply in [described, got, listed] {
            #expect(!String(decoding: reply.json.jsonBytes(), as: UTF8.self).contains("PRIVATE"))
        }
    }

    @Test("are refused when something of them is wrong, without their key in the words")
    func refused() async throws {
        let front = try await front()
        let swapped = Self.key.replacing("9kifcPLn7qP3", with: "9kifcPLn7qP4")
        let cases: [[String: JSONValue]] = [
            ["PrivateKey": base64(swapped)], ["PrivateKey": base64("none")], ["PrivateKey": "!"],
            ["Certificate": base64("none")],
            ["Certificate": base64(Self.certificate + "\n" + Self.certificate)],
            ["CertificateChain": base64("none")],
        ]
        for wrong in cases {
            let reply = try await imported(front, wrong)
            #expect(reply.json["__type"] == "ValidationException", "\(wrong)")
            #expect(!String(decoding: reply.json.jsonBytes(), as: UTF8.self).contains("9kifcPLn7qP"))
        }
        front.time.advance(by: .seconds(3650 * 86_400))
        #expect(try await imported(front).json["__type"] == "ValidationException")
        #expect(front.store.committed().certificates.count == 0)
        let none = CertificateID(scope: .test, id: "none").arn
        let missing = try await call(front, "DescribeCertificate", ["CertificateArn": .string(none)])
        #expect(missing.json["__type"] == "ResourceNotFoundException")
        let noARN = try await call(
            front, "GetCertificate", ["CertificateArn": "arn:aws:iam::000000000000:server-certificate/x"])
        #expect(noARN.json["__type"] == "InvalidArnException")
    }

    @Test("stay while a listener has them, and have tags")
    func used() async throws {
        let front = try await front()
        let arn = try #require(
            try await imported(front, ["Tags": [["Key": "a", "Value": "1"]]]).json["CertificateArn"])
        let id = try #require(CertificateID(arn: arn.string ?? ""))
        let listener = ListenerID(
            loadBalancer: LoadBalancerID(scope: .test, kind: .application, name: "web", suffix: "0a"), suffix: "0b")
        try await front.put { transaction in
            var record = ListenerRecord(
                id: listener, port: 443, protocol: .https, defaultActions: [], defaultRule: "0c", createdAt: .test())
            record.certificates = [id]
            transaction.put(record)
        }
        let described = try await call(front, "DescribeCertificate", ["CertificateArn": arn])
        #expect(described.json["Certificate"]?["InUseBy"] == [.string(listener.loadBalancer.arn)])
        let kept = try await call(front, "DeleteCertificate", ["CertificateArn": arn])
        #expect(kept.json["__type"] == "ResourceInUseException")
        _ = try await call(
            front, "AddTagsToCertificate",
            ["CertificateArn": arn, "Tags": [["Key": "b", "Value": "2"], ["Key": "c"]]])
        _ = try await call(
            front, "RemoveTagsFromCertificate",
            ["CertificateArn": arn, "Tags": [["Key": "a"], ["Key": "b", "Value": "other"]]])
        let tags = try await call(front, "ListTagsForCertificate", ["CertificateArn": arn]).json["Tags"]
        #expect(tags == [["Key": "b", "Value": "2"], ["Key": "c", "Value": ""]])
        try await front.put { $0.delete(.listener(listener)) }
        _ = try await call(front, "DeleteCertificate", ["CertificateArn": arn])
        #expect(front.store.committed().certificates.count == 0)
    }
}
