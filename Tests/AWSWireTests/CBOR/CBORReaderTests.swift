import AWSWire
import JSONBytes
import Testing

@Suite("CBOR")
struct CBORReaderTests {
    private func json(_ hexadecimal: String) throws(APIFault) -> String {
        String(decoding: try RPCv2CBOR.json(CloudWatchPairsTests.bytes(hexadecimal)), as: UTF8.self)
    }

    /// - Source: RFC 8949, appendix A
    @Test(
        "is read",
        arguments: [
            ("", "{}"), ("a0", "{}"), ("00", "0"), ("17", "23"), ("1818", "24"), ("1903e8", "1000"),
            ("1a000f4240", "1000000"), ("1b000000e8d4a51000", "1000000000000"), ("20", "-1"), ("3903e7", "-1000"),
            ("1bffffffffffffffff", "1.8446744073709552e+19"), ("3bffffffffffffffff", "-1.8446744073709552e+19"),
            ("f90000", "0.0"), ("f93c00", "1.0"), ("f93e00", "1.5"), ("f97bff", "65504.0"),
            ("f90001", "5.960464477539063e-08"), ("f9c400", "-4.0"), ("fa47c35000", "100000.0"),
            ("fb3ff199999999999a", "1.1"), ("f4", "false"), ("f5", "true"), ("f6", "null"), ("f7", "null"),
            ("6449455446", "\"IETF\""), ("62c3bc", "\"\u{fc}\""), ("7f657374726561646d696e67ff", "\"streaming\""),
            ("4401020304", "\"AQIDBA==\""), ("40", "\"\""), ("420102", "\"AQI=\""), ("43010203", "\"AQID\""),
            ("5f42010243030405ff", "\"AQIDBAU=\""), ("83010203", "[1,2,3]"), ("9f0102ff", "[1,2]"),
            ("a26161016162820203", "{\"a\":1,\"b\":[2,3]}"), ("bf6346756ef563416d7421ff", "{\"Amt\":-2,\"Fun\":true}"),
            ("c11a514b67b0", "1363896240"), ("c1fb41d452d9ec200000", "1363896240.5"),
        ])
    func reads(bytes: String, expected: String) throws { #expect(try json(bytes) == expected) }

    @Test(
        "is refused",
        arguments: [
            "18", "19", "1c", "ff", "61", "62ff", "61ff", "62c328", "8101ff", "81", "9f", "9f01", "a1", "a16161",
            "a10102", "bf6161ff", "a2616101616102", "5f6161ff", "5f5f4101ffff", "7f4101ff", "c001", "c16161",
            "d9d9f700", "f8", "f800", "f97c00", "f97e00", "fa7f800000", "fb7ff8000000000000", "fc",
            "9bffffffffffffffff",
            "bb7fffffffffffffff", "7bffffffffffffffff", "0000",
        ])
    func refuses(bytes: String) {
        #expect { try json(bytes) } throws: { ($0 as? APIFault)?.code == "SerializationException" }
    }

    @Test("is not read deeper than JSON is")
    func depth() throws {
        let deep = { (count: Int) in String(repeating: "81", count: count) + "00" }
        #expect(throws: Never.self) { try json(deep(64)) }
        #expect(throws: APIFault.self) { try json(deep(65)) }
        #expect(throws: APIFault.self) { try json(deep(100_000)) }
        #expect(throws: APIFault.self) { try json(String(repeating: "c1", count: 100_000)) }
    }

    @Test("of any bytes ends in a value or a fault", arguments: [1, 2, 3, 4] as [UInt64])
    func fuzz(seed: UInt64) throws {
        var state = seed
        func random(below bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % max(bound, 1)
        }
        let samples = try CloudWatchPairsTests.lines("requests.jsonl").map {
            CloudWatchPairsTests.bytes($0["cbor"]?.string ?? "")
        }
        for round in 0..<20_000 {
            var bytes = samples[random(below: samples.count)]
            if round % 4 == 0 { bytes = (0..<random(below: 40)).map { _ in UInt8(random(below: 256)) } }
            for _ in 0..<random(below: 4) where !bytes.isEmpty {
                let place = random(below: bytes.count)
                switch random(below: 3) {
                case 0: bytes[place] = UInt8(random(below: 256))
                case 1: bytes.remove(at: place)
                default: bytes = Array(bytes.prefix(place))
                }
            }
            guard let json = try? RPCv2CBOR.json(bytes) else { continue }
            #expect(throws: Never.self) { try JSONValue(jsonBytes: json) }
        }
    }
}
