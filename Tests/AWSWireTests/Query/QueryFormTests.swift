import AWSWire
import JSONBytes
import ShapeRules
import Testing

@Suite("A form")
struct QueryFormTests {
    private static let schema = WireSchema(
        structures: [
            "Ask": [
                "Name": "string", "Flag": "boolean", "Count": "integer", "Share": "double", "Names": "Names",
                "Inner": "Ask", "Words": "Words",
            ]
        ], lists: ["Names": "string"], maps: ["Words": "string"])

    private func json(_ text: String) throws(APIFault) -> String {
        String(decoding: try Self.schema.json(QueryForm(Array(text.utf8)), as: "Ask"), as: UTF8.self)
    }

    @Test(
        "becomes the structure that its names describe",
        arguments: [
            ("", "{}"), ("&&", "{}"), ("Name", #"{"Name":""}"#), ("Name=a=b", #"{"Name":"a=b"}"#),
            ("Name=a+b%2B%26%C3%A9", #"{"Name":"a b+&é"}"#), ("Na%6De=x", #"{"Name":"x"}"#),
            ("Unknown=1&Other.member.1=2", "{}"),
            ("Flag=true&Count=-7&Share=1.5", #"{"Count":-7,"Flag":true,"Share":1.5}"#),
            ("Names=", #"{"Names":[]}"#), ("Names.member.10=c&Names.member.2=b", #"{"Names":["b","c"]}"#),
            ("Inner.Inner.Name=deep", #"{"Inner":{"Inner":{"Name":"deep"}}}"#),
            ("Words.entry.1.key=k&Words.entry.1.value=v", #"{"Words":{"k":"v"}}"#),
        ])
    func reads(text: String, expected: String) throws {
        #expect(try json(text) == expected)
    }

    @Test("says what it was made of")
    func encodes() throws {
        let bytes = QueryForm.encode([
            (name: "Action", value: "Do It"), (name: "Names.member.1", value: "a b+&=%é"),
            (name: "Names.member.2", value: "z"),
        ])
        #expect(try QueryForm(bytes).action == "Do It")
        #expect(try json(String(decoding: bytes, as: UTF8.self)) == #"{"Names":["a b+&=%é","z"]}"#)
    }

    @Test(
        "that is none is malformed",
        arguments: ["%", "%4", "%zz=1", "%ff=1", "Name=%C3", "=x", "a..b=1", ".a=1", "Name=1&Name=2"])
    func malformed(text: String) throws {
        let fault = #expect(throws: APIFault.self) { try json(text) }
        #expect(fault?.code == "MalformedQueryString")
    }

    @Test(
        "with a value of another type is refused by name",
        arguments: [
            ("Flag=yes", "Flag"), ("Count=1.5", "Count"), ("Count=", "Count"), ("Count=99999999999999999999", "Count"),
            ("Share=nan", "Share"), ("Name.x=1", "Name"), ("Name=%00", "Name"), ("Names=x", "Names"),
            ("Names.1=x", "Names"),
            ("Names.member=x", "Names"), ("Names.member.0=x", "Names.member.0"),
            ("Names.member.01=x", "Names.member.01"),
            ("Names.member.-1=x", "Names.member.-1"), ("Names.member.1.x=y", "Names.member.1"), ("Inner=x", "Inner"),
            ("Words.entry.1.key=k", "Words.entry.1"), ("Inner.Count=x", "Inner.Count"),
            ("Words.entry.1.key=k&Words.entry.1.value=&Words.entry.2.key=k&Words.entry.2.value=", "Words.entry.2"),
        ])
    func mistyped(text: String, place: String) throws {
        let fault = #expect(throws: APIFault.self) { try json(text) }
        #expect(fault?.code == "ValidationException")
        #expect(fault?.message.contains("'\(place)'") == true, "\(fault?.message ?? "")")
    }

    @Test("is bounded in depth and count")
    func bounded() throws {
        let deep = Array(repeating: "Inner", count: 30).joined(separator: ".") + ".Name=x"
        #expect(throws: APIFault.self) { try json(deep) }
        let wide = (1...10_001).map { "Names.member.\($0)=x" }.joined(separator: "&")
        #expect(throws: APIFault.self) { try json(wide) }
        #expect(try json((1...10_000).map { "Names.member.\($0)=" }.joined(separator: "&")).count == 30_011)
    }

    @Test("of any bytes is read or refused, never fatal", arguments: 0..<50 as Range<UInt64>)
    func hostile(seed: UInt64) {
        var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
        func next(_ bound: UInt64) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(truncatingIfNeeded: (state >> 33) % bound)
        }
        let pieces = ["Names", ".member", ".1", "Inner", ".", "&", "=", "%", "%4", "Words", ".entry", ".key", "+", "é"]
        for _ in 0..<100 {
            let text = (0..<next(40)).map { _ in pieces[next(UInt64(pieces.count))] }.joined()
            if let json = try? json(text) { #expect((try? JSONValue(jsonBytes: Array(json.utf8))) != nil) }
        }
    }

    @Test(
        "is told by its content type",
        arguments: [
            ("application/x-www-form-urlencoded", true), ("Application/X-WWW-Form-Urlencoded; charset=utf-8", true),
            ("application/json", false), ("", false), (nil, false),
        ] as [(String?, Bool)])
    func contentType(type: String?, isForm: Bool) { #expect(QueryForm.accepts(contentType: type) == isForm) }
}

@Suite("A fault of the Query protocol")
struct QueryFaultTests {
    @Test("is an ErrorResponse, under the name that Query services have for it")
    func xml() {
        let fault = APIFault(SigV4Error.unrecognizedClient)
        let text = String(decoding: fault.xmlBytes(namespace: "urn:x", requestID: "r"), as: UTF8.self)
        #expect(
            text == #"<ErrorResponse xmlns="urn:x"><Error><Type>Sender</Type><Code>InvalidClientTokenId</Code>"#
                + "<Message>The security token included in the request is invalid.</Message></Error>"
                + "<RequestId>r</RequestId></ErrorResponse>")
        #expect(fault.queryStatus == 403)
    }

    @Test("keeps in its message what XML has a meaning for")
    func escaped() {
        let text = String(
            decoding: APIFault.validation("<&\u{0}>").xmlBytes(namespace: nil, requestID: ""), as: UTF8.self)
        #expect(text.contains("<Message>&lt;&amp;\u{FFFD}&gt;</Message>"))
    }
}
