import Crypto
import Testing

@testable import AWSWire

@Suite("Signing keys")
struct SigningKeysTests {
    private let scope = SigV4Scope(day: "20150830", region: "us-east-1", service: "iam")

    @Test("are derived as AWS's own example says")
    func derivation() {
        let key = SigningKeys().key(secretKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", scope: scope)
        let digits = key.withUnsafeBytes { Hexadecimal.encode($0) }
        #expect(digits == "c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9")
    }

    @Test("are held once for each secret and scope, up to a bound")
    func bound() {
        let keys = SigningKeys(capacity: 4)
        for round in 0..<20 {
            _ = keys.key(secretKey: "s\(round)", scope: scope)
            _ = keys.key(secretKey: "s\(round)", scope: scope)
            #expect(keys.count == round % 4 + 1)
        }
    }
}

@Suite("SigV4 dates")
struct SigV4DateTests {
    @Test("are written and read alike over many years")
    func roundTrips() throws {
        var seconds: Int64 = -2_208_988_800  // 1900
        while seconds < 7_258_118_400 {  // 2200
            let date = SigV4Date(milliseconds: seconds * 1000)
            #expect(SigV4Date(date.text)?.milliseconds == seconds * 1000)
            seconds += 1_234_567
        }
    }

    @Test(
        "know leap days",
        arguments: [
            (951_782_400, "20000229T000000Z"), (1_709_251_199, "20240229T235959Z"), (1_709_251_200, "20240301T000000Z"),
            (4_107_542_400, "21000301T000000Z"), (0, "19700101T000000Z"), (-1, "19691231T235959Z"),
        ] as [(Int64, String)])
    func leapDays(seconds: Int64, text: String) {
        #expect(SigV4Date(milliseconds: seconds * 1000 + 999).text == text)
        #expect(SigV4Date(text)?.milliseconds == seconds * 1000)
    }
}
