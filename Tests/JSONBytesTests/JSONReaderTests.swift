import JSONBytes
import Testing

@Suite("Reading JSON")
struct JSONReaderTests {
    @Test(
        "reads every kind of value",
        arguments: [
            ("null", JSONValue.null), (" true ", true), ("\n\tfalse\r", false), ("0", 0), ("-0", 0), ("-12", -12),
            ("9223372036854775807", .integer(.max)), ("-9223372036854775808", .integer(.min)),
            ("9223372036854775808", .number(9223372036854775808)), ("1.5", 1.5), ("-1e3", -1000.0), ("2E+2", 200.0),
            ("1e-400", 0.0), ("\"\"", ""), ("\"a/b\"", "a/b"), (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{C}\n\r\t"),
            (#""\u0041\u00e9\u65E5""#, "Aé日"), (#""\ud83d\udea2""#, "🚢"), (#""x\u0000y""#, "x\0y"),
            ("\"größe 日本 🚢\"", "größe 日本 🚢"), ("\"é\\n\"", "é\n"), ("[]", []), ("[ ]", []),
            ("[1,[2],{}]", [1, [2], [:]]),
            ("{}", [:]), (#"{ "a" : 1 , "b" : [ null ] }"#, ["a": 1, "b": [nil]]), (#"{"":0}"#, ["": 0]),
        ] as [(String, JSONValue)])
    func readsValues(text: String, expected: JSONValue) throws {
        #expect(try JSONValue(jsonBytes: Array(text.utf8)) == expected)
    }

    @Test(
        "refuses what is no JSON and says where",
        arguments: [
            ("", JSONError(.unexpectedEnd, offset: 0)), ("  ", .init(.unexpectedEnd, offset: 2)),
            ("nul", .init(.unexpectedEnd, offset: 3)), ("nulL", .init(.unexpectedByte(0x4C), offset: 3)),
            ("True", .init(.unexpectedByte(0x54), offset: 0)), ("1 2", .init(.trailingBytes, offset: 2)),
            ("{} x", .init(.trailingBytes, offset: 3)), ("01", .init(.trailingBytes, offset: 1)),
            ("+1", .init(.unexpectedByte(0x2B), offset: 0)), ("-", .init(.unexpectedEnd, offset: 1)),
            ("-x", .init(.unexpectedByte(0x78), offset: 1)), ("1.", .init(.unexpectedEnd, offset: 2)),
            (".5", .init(.unexpectedByte(0x2E), offset: 0)), ("1e", .init(.unexpectedEnd, offset: 2)),
            ("1e+", .init(.unexpectedEnd, offset: 3)), ("1e999", .init(.numberOutOfRange, offset: 0)),
            ("NaN", .init(.unexpectedByte(0x4E), offset: 0)), ("[1,]", .init(.unexpectedByte(0x5D), offset: 3)),
            ("[,1]", .init(.unexpectedByte(0x2C), offset: 1)), ("[1 2]", .init(.unexpectedByte(0x32), offset: 3)),
            ("[1", .init(.unexpectedEnd, offset: 2)), ("[}", .init(.unexpectedByte(0x7D), offset: 1)),
            (#"{"a":1,}"#, .init(.unexpectedByte(0x7D), offset: 7)),
            (#"{"a"}"#, .init(.unexpectedByte(0x7D), offset: 4)),
            (#"{"a":}"#, .init(.unexpectedByte(0x7D), offset: 5)), ("{a:1}", .init(.unexpectedByte(0x61), offset: 1)),
            (#"{"a":1 "b":2}"#, .init(.unexpectedByte(0x22), offset: 7)),
            (#"{"a":1"#, .init(.unexpectedEnd, offset: 6)),
            (#""abc"#, .init(.unexpectedEnd, offset: 4)), ("\"a\nb\"", .init(.unexpectedByte(0x0A), offset: 2)),
            (#""\x""#, .init(.invalidEscape, offset: 1)), (#""\"#, .init(.unexpectedEnd, offset: 2)),
            (#""\u12"#, .init(.unexpectedEnd, offset: 5)), (#""\u12g4""#, .init(.invalidEscape, offset: 1)),
            (#""\ud83d""#, .init(.invalidEscape, offset: 1)), (#""\ud83dx""#, .init(.invalidEscape, offset: 1)),
            (#""\ud83d\u0041""#, .init(.invalidEscape, offset: 1)), (#""\udea2""#, .init(.invalidEscape, offset: 1)),
            ("// c", .init(.unexpectedByte(0x2F), offset: 0)), ("\u{FEFF}1", .init(.unexpectedByte(0xEF), offset: 0)),
        ] as [(String, JSONError)])
    func refuses(text: String, expected: JSONError) {
        #expect(throws: expected) { try JSONValue(jsonBytes: Array(text.utf8)) }
        let inUnknownMember = Array("{\"unknown\":\(text)".utf8)
        #expect(throws: JSONError.self, "skipping is as strict as reading") {
            var reader = JSONReader(inUnknownMember)
            try reader.skipValue()
            try reader.finish()
        }
    }

    @Test(
        "refuses strings that are not UTF-8",
        arguments: [[0xFF], [0xC3], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xE2, 0x82]]
            as [[UInt8]])
    func refusesInvalidUTF8(bytes: [UInt8]) {
        let quoted = [UInt8(ascii: "\"")] + bytes + [UInt8(ascii: "\"")]
        #expect(throws: JSONError(.invalidUTF8, offset: 1)) { try String(jsonBytes: quoted) }
        #expect(throws: JSONError(.invalidUTF8, offset: 1)) {
            var reader = JSONReader(quoted)
            try reader.skipValue()
        }
    }

    @Test("stops at 64 levels, whether it reads or skips")
    func limitsDepth() throws {
        func nested(_ levels: Int) -> [UInt8] {
            Array((String(repeating: "[", count: levels) + String(repeating: "]", count: levels)).utf8)
        }
        _ = try JSONValue(jsonBytes: nested(64))
        #expect(throws: JSONError(.tooDeep, offset: 64)) { try JSONValue(jsonBytes: nested(65)) }
        #expect(throws: JSONError(.tooDeep, offset: 64)) {
            var reader = JSONReader(nested(100_000))
            try reader.skipValue()
        }
        let siblings = Array(("[" + Array(repeating: "[]", count: 1000).joined(separator: ",") + "]").utf8)
        #expect(try JSONValue(jsonBytes: siblings).array?.count == 1000)
    }

    @Test("keeps the last of two values of one key")
    func lastDuplicateWins() throws {
        #expect(try JSONValue(jsonBytes: Array(#"{"a":1,"b":2,"a":3}"#.utf8)) == ["a": 3, "b": 2])
    }

    @Test(
        "takes as an integer what is whole and fits",
        arguments: [
            ("2.0", 2), ("2e3", 2000), ("-0.0", 0), ("2.5", nil), ("1e19", nil), ("9223372036854775808", nil),
            ("99999999999999999999999999999999", nil),
        ] as [(String, Int64?)])
    func readsIntegers(text: String, expected: Int64?) throws {
        if let expected {
            #expect(try Int64(jsonBytes: Array(text.utf8)) == expected)
        } else {
            #expect(throws: JSONError(.numberOutOfRange, offset: 0)) { try Int64(jsonBytes: Array(text.utf8)) }
        }
    }

    @Test("bounds AWS integers to 32 bits and reads null as absent")
    func readsOptionals() throws {
        var reader = JSONReader(Array("[null, 2147483647, 2147483648]".utf8))
        try reader.beginArray()
        #expect(try reader.nextElement())
        #expect(try reader.optionalInteger32() == nil)
        #expect(try reader.nextElement())
        #expect(try reader.optionalInteger32() == 2_147_483_647)
        #expect(try reader.nextElement())
        #expect(throws: JSONError(.numberOutOfRange, offset: 19)) { try reader.optionalInteger32() }
    }

    @Test("names both kinds when the value is of another than asked for")
    func reportsMismatch() {
        #expect(throws: JSONError(.mismatch(expected: .string, found: .number), offset: 1)) {
            try String(jsonBytes: Array(" 1".utf8))
        }
        #expect(throws: JSONError(.mismatch(expected: .array, found: .object), offset: 0)) {
            try [String](jsonBytes: Array("{}".utf8))
        }
        #expect(throws: JSONError(.mismatch(expected: .boolean, found: .null), offset: 0)) {
            try Bool(jsonBytes: Array("null".utf8))
        }
    }

    @Test(
        "takes the key that is expected, and nothing when another stands there",
        arguments: [
            (#"{"a":1,"b":2}"#, ["a", "b"], true), (#" { "a" : 1 , "b" : 2 } "#, ["a", "b"], true),
            (#"{"b":2,"a":1}"#, ["a"], false), (#"{"ab":1}"#, ["a"], false), (#"{"a":1}"#, ["ab"], false),
            (#"{"\u0061":1}"#, ["a"], false), (#"{}"#, ["a"], false), (#"{"a":1}"#, ["a", "b"], false),
            (#"{"":1}"#, [""], true), (#"{"ä":1}"#, ["ä"], true), (#"{"a\"b":1}"#, ["a\"b"], false),
        ])
    func takesKeys(text: String, names: [String], isThere: Bool) throws {
        var reader = JSONReader(Array(text.utf8))
        var plain = reader
        try reader.beginObject()
        try plain.beginObject()
        for (index, name) in names.enumerated() {
            let offset = reader.offset
            guard try reader.takeKey(name) else {
                #expect(!isThere && index == names.count - 1)
                #expect(reader.offset == offset)
                break
            }
            #expect(try plain.nextKey() == name)
            #expect(reader.offset == plain.offset)
            try reader.skipValue()
            try plain.skipValue()
        }
        // Whatever was taken, the rest reads as if it had not been tried.
        while let key = try plain.nextKey() {
            #expect(try reader.nextKey() == key)
            try plain.skipValue()
            try reader.skipValue()
        }
        #expect(try reader.nextKey() == nil)
        try reader.finish()
    }

    @Test("leaves null members out of maps")
    func mapsDropNull() throws {
        #expect(try [String: String](jsonBytes: Array(#"{"a":"x","b":null}"#.utf8)) == ["a": "x"])
    }

    @Test("fails instead of going astray when a value was neither read nor skipped")
    func unreadValueIsAnError() throws {
        var reader = JSONReader(Array(#"{"a":1,"b":2}"#.utf8))
        try reader.beginObject()
        #expect(try reader.nextKey() == "a")
        #expect(throws: JSONError(.unexpectedByte(UInt8(ascii: "1")), offset: 5)) { try reader.nextKey() }
    }
}
