import Domain
import Identifiers
import LoadBalancing
import TestKit
import Testing

@Suite("Certificates")
struct CertificateTests {
    /// Made with openssl: names in its extension, a key of the curve P-256.
    static let curve = """
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

    /// Made with openssl: no alternative names, a time with four digits of the year.
    static let rsa = """
        -----BEGIN CERTIFICATE-----
        MIICEjCCAXugAwIBAgIUQ6O6OVZECX6GWSuBrKxQLhdhrT8wDQYJKoZIhvcNAQEL
        BQAwGjEYMBYGA1UEAwwPb2xkLmV4YW1wbGUuY29tMCAXDTI2MTEyNjE0MzEyN1oY
        DzIxMjYxMTAyMTQzMTI3WjAaMRgwFgYDVQQDDA9vbGQuZXhhbXBsZS5jb20wgZ8w
        DQYJKoZIhvcNAQEBBQADgY0AMIGJAoGBAK6K2QpzaK+UOxz5DM21zCPpBxjwapbL
        Zwd6NAvzH48oa8GxB7d8pfg90i7p9XItTxI9B2sAGpJxpAE8EjxDDDDLJ7atsPqO
        hYZJyzufJsHjsx8B+Mry7mg+bUjv3Dv5Q6Gcaz8HuLMQml6NqDjqYagh/Y7p6k0j
        nck44+HEJ4YlAgMBAAGjUzBRMB0GA1UdDgQWBBSXInRIFuSmC/e+b8t9a9ZmfiaJ
        tTAfBgNVHSMEGDAWgBSXInRIFuSmC/e+b8t9a9ZmfiaJtTAPBgNVHRMBAf8EBTAD
        AQH/MA0GCSqGSIb3DQEBCwUAA4GBAG/qNclff3nVIGFKSLuO5bmeolpRk7sS6m4a
        G/1u0k6wnGWsVhjR5FV3k7JtyJSaECnudre0HUbNawEzpXmTnjsPtqSkEkjQQ3aH
        GomVn9CoBJxP6gMkLK6H9XMeBy5SeQ3FdjdLCuJRGJlqOuIhIgA5v/d5lWLA3dHL
        6s+wmXpZ
        -----END CERTIFICATE-----
        """

    @Test("say who they are for, by whom, for how long and with what key")
    func facts() throws {
        let curve = try #require(PEM.certificates(Self.curve)?.first.flatMap { CertificateFacts(der: $0) })
        #expect(curve.domain == "web.example.com")
        #expect(curve.alternativeNames == ["web.example.com", "*.example.com"])
        #expect(curve.subject == "C=DE,O=Berth,CN=web.example.com" && curve.issuer == curve.subject)
        #expect(curve.serial == "3b:15:27:44:ae:73:cd:b2:ed:b4:22:e1:e1:10:24:79:d4:68:6e:9a")
        #expect(curve.notBefore == Timestamp(milliseconds: 1795703487_000))
        #expect(curve.notAfter == Timestamp(milliseconds: 2111063487_000))
        #expect((curve.keyAlgorithm, curve.signatureAlgorithm) == ("EC_prime256v1", "SHA256WITHECDSA"))
        let rsa = try #require(PEM.certificates(Self.rsa)?.first.flatMap { CertificateFacts(der: $0) })
        #expect(rsa.alternativeNames == ["old.example.com"])
        #expect(rsa.notAfter == Timestamp(milliseconds: 4949303487_000))
        #expect((rsa.keyAlgorithm, rsa.signatureAlgorithm) == ("RSA-1024", "SHA256WITHRSA"))
    }

    @Test("are found in their text, each for itself, and nothing else is")
    func pem() {
        #expect(PEM.certificates(Self.curve + "\n" + Self.rsa + "\n")?.count == 2)
        #expect(PEM.certificates("") == nil)
        #expect(PEM.certificates("-----BEGIN CERTIFICATE-----") == nil)
        #expect(PEM.certificates("text\n" + Self.curve) == nil)
        #expect(PEM.certificates(Self.curve.replacing("MII", with: "M!I")) == nil)
        for text in ["", "a", "ab", "abc", "\u{0}\u{ff}", "abcdefgh"] {
            #expect(Base64.decoded(Array(Base64.encoded(text.utf8).utf8)) == Array(text.utf8))
        }
        #expect(Base64.decoded(Array("abc".utf8)) == nil)
    }

    @Test("that are cut or damaged are read or refused, and never trap", arguments: [1, 2, 3] as [UInt64])
    func damage(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        for text in [Self.curve, Self.rsa] {
            let der = try #require(PEM.certificates(text)?.first)
            for length in der.indices { #expect(CertificateFacts(der: Array(der.prefix(length))) == nil) }
            for _ in 0..<5000 {
                var damaged = der
                for _ in 0..<Int.random(in: 1...4, using: &generator) {
                    damaged[Int.random(in: der.indices, using: &generator)] = .random(in: 0...255, using: &generator)
                }
                guard let facts = CertificateFacts(der: damaged) else { continue }
                #expect(facts.alternativeNames.contains(facts.domain))
            }
        }
    }

    @Test("have a key that nothing prints")
    func secret() throws {
        let facts = try #require(PEM.certificates(Self.curve)?.first.flatMap { CertificateFacts(der: $0) })
        let record = CertificateRecord(
            id: CertificateID(scope: .test, id: "c"), certificate: Self.curve, chain: nil,
            privateKey: SecretText("hidden"), facts: facts, createdAt: .test())
        var dumped = ""
        dump(record, to: &dumped)
        let texts = ["\(record)", String(describing: record), String(reflecting: record), dumped]
        for text in texts { #expect(!text.contains("hidden")) }
    }
}
