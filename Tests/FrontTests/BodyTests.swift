import AWSWire
import JSONBytes
import StateStore
import Testing

@testable import Front

/// Bodies without a socket: how they are packed, and what they hold.
@Suite("A request's body")
struct BodyTests {
    private static let limit = FrontConfiguration().maximumBody

    private func send(_ body: [UInt8], encoding: String? = nil, type: String? = "application/x-amz-json-1.1")
        async throws
        -> Reply
    {
        let front = try await FrontHarness()
        var headers = [HTTPMessage.Header("X-Amz-Target", "AmazonEC2ContainerServiceV20141113.CreateCluster")]
        if let encoding { headers.append(HTTPMessage.Header("Content-Encoding", encoding)) }
        if let type { headers.append(HTTPMessage.Header("Content-Type", type)) }
        let message = HTTPMessage(method: "POST", target: "/", headers: headers, body: body)
        let answer = await front.dispatcher.answer(front.signed(message, as: FrontHarness.rootKey))
        if answer.status != 200 { #expect(front.store.committed().clusters.count == 0) }
        return Reply(answer: answer, json: try JSONValue(jsonBytes: answer.body))
    }

    @Test(
        "may be packed with gzip; the signature is over what was sent", arguments: ["gzip", "GZIP", "x-gzip", " gzip "])
    func gzip(encoding: String) async throws {
        let reply = try await send(Gzip.stored(Array(#"{"clusterName":"packed"}"#.utf8)), encoding: encoding)
        #expect(reply.json["cluster"]?["clusterName"] == "packed", "\(reply.json)")
    }

    @Test("may come in several gzip members, as one")
    func members() async throws {
        let packed = Gzip.stored(Array(#"{"clusterName":"#.utf8)) + Gzip.stored(Array(#""two"}"#.utf8))
        #expect(try await send(packed, encoding: "gzip").json["cluster"]?["clusterName"] == "two")
    }

    @Test("unpacks to no more than the limit")
    func bomb() async throws {
        let bomb = Gzip.bomb(64 << 20)
        #expect(bomb.count < 1 << 19)
        let reply = try await send(bomb, encoding: "gzip")
        #expect(reply.status == 413 && reply.code == "RequestEntityTooLargeException")
        let full = Gzip.bomb(Self.limit - 300)
        #expect(try await send(full, encoding: "gzip").code == "SerializationException")
    }

    @Test("that is not packed as the header says is refused")
    func damaged() async throws {
        let packed = Gzip.stored(Array("{}".utf8))
        var wrongSum = packed
        wrongSum[wrongSum.count - 8] ^= 1
        for body in [[], Array("{}".utf8), Array(packed.dropLast()), packed + [0], wrongSum, [0x1F, 0x8B]] {
            let reply = try await send(body, encoding: "gzip")
            #expect(reply.status == 400 && reply.code == "SerializationException", "\(body) \(reply.json)")
        }
    }

    @Test("packed in another way is refused by the name", arguments: ["br", "deflate", "gzip,gzip", "aws-chunked"])
    func encodings(encoding: String) async throws {
        let reply = try await send(Array("{}".utf8), encoding: encoding)
        #expect(reply.code == "SerializationException")
        #expect(reply.message?.contains("'\(encoding)'") == true)
    }

    @Test("is JSON 1.1 by its content type", arguments: ["application/json", "text/plain", "", nil])
    func contentType(type: String?) async throws {
        let reply = try await send(Array("{}".utf8), type: type)
        #expect(reply.status == 400 && reply.code == "UnknownOperationException")
        #expect(reply.message?.contains("application/x-amz-json-1.1") == true)
        #expect(try await send(Array("{}".utf8), type: "Application/X-Amz-JSON-1.1; charset=utf-8").status == 200)
    }

    /// Bodies that no reader may take, each with the reason why it is here.
    static let refused: [(String, [UInt8])] = [
        ("a byte order mark", [0xEF, 0xBB, 0xBF] + Array("{}".utf8)),
        ("UTF-16", [0xFF, 0xFE, 0x7B, 0, 0x7D, 0]),
        ("a lone high surrogate", Array(#"{"clusterName":"\ud800"}"#.utf8)),
        ("a lone low surrogate", Array(#"{"clusterName":"\udc00x"}"#.utf8)),
        ("two high surrogates", Array(#"{"clusterName":"\ud800\ud800"}"#.utf8)),
        ("half an escape", Array(#"{"clusterName":"\u12"#.utf8)),
        ("an overlong slash", Array(#"{"clusterName":""#.utf8) + [0xC0, 0xAF] + Array(#""}"#.utf8)),
        ("an encoded surrogate", Array(#"{"clusterName":""#.utf8) + [0xED, 0xA0, 0x80] + Array(#""}"#.utf8)),
        ("a scalar beyond Unicode", Array(#"{"clusterName":""#.utf8) + [0xF4, 0x90, 0x80, 0x80] + Array(#""}"#.utf8)),
        ("broken text in a skipped member", Array(#"{"unknown":""#.utf8) + [0xFF] + Array(#""}"#.utf8)),
        ("broken text in a key", Array(#"{""#.utf8) + [0xFF] + Array(#"":1}"#.utf8)),
        ("a raw control byte", Array("{\"clusterName\":\"a\u{0}\"}".utf8)),
        ("NaN", Array(#"{"unknown":NaN}"#.utf8)),
        ("Infinity", Array(#"{"unknown":-Infinity}"#.utf8)),
        ("a number with a plus", Array(#"{"unknown":+1}"#.utf8)),
        ("a number with a leading zero", Array(#"{"unknown":01}"#.utf8)),
        ("hexadecimal", Array(#"{"unknown":0x10}"#.utf8)),
        ("a number for a text", Array(#"{"clusterName":1}"#.utf8)),
        ("a text for a list", Array(#"{"tags":"a"}"#.utf8)),
        ("a list for the request", Array("[]".utf8)),
        ("null for the request", Array("null".utf8)),
        ("a text for the request", Array(#""{}""#.utf8)),
        ("two requests", Array("{}{}".utf8)),
        ("a trailing comma", Array(#"{"clusterName":"a",}"#.utf8)),
        ("a comment", Array(#"{/* */}"#.utf8)),
        ("single quotes", Array("{'clusterName':'a'}".utf8)),
        ("a weight that needs 33 bits", weight("4294967296")),
        ("a weight that needs 65 bits", weight("18446744073709551616")),
        ("a weight of a million digits", weight(String(repeating: "9", count: 1_000_000))),
        ("a weight that is infinite", weight("1e999")),
        ("a weight with a half", weight("0.5")),
        ("lists without end", Array((#"{"unknown":"# + String(repeating: "[", count: 500_000)).utf8)),
        ("objects without end", Array(String(repeating: #"{"tags":"#, count: 100_000).utf8)),
        ("tags within tags", Array((#"{"tags":"# + String(repeating: "[", count: 500_000)).utf8)),
    ]

    private static func weight(_ number: String) -> [UInt8] {
        Array(#"{"defaultCapacityProviderStrategy":[{"capacityProvider":"FARGATE","weight":\#(number)}]}"#.utf8)
    }

    @Test("that is no request is refused and changes nothing", arguments: refused)
    func refuses(reason: String, body: [UInt8]) async throws {
        let reply = try await send(body)
        #expect(reply.status == 400 && reply.code == "SerializationException", "\(reason): \(reply.json)")
    }

    @Test("may spell what it says as JSON allows")
    func accepts() async throws {
        for (body, name) in [
            (#"{"clusterName":"first","clusterName":"last"}"#, "last"),
            (#"{"clusterName":"\u0061bc"}"#, "abc"),
            (#"{"clusterName":null}"#, "default"),
            (#" {"unknown":[{"a":1e5,"b":-0.0,"c":"\ud83d\ude00"}],"clusterName":"a" } "#, "a"),
            (
                #"{"defaultCapacityProviderStrategy":[{"capacityProvider":"FARGATE","weight":1.0e0}],"capacityProviders":["FARGATE"]}"#,
                "default"
            ),
            ("", "default"),
        ] {
            let reply = try await send(Array(body.utf8))
            #expect(reply.json["cluster"]?["clusterName"] == .string(name), "\(body): \(reply.json)")
        }
    }
}
