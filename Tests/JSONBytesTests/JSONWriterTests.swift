import JSONBytes
import Testing

@Suite("Writing JSON")
struct JSONWriterTests {
    @Test(
        "writes values in their shortest form",
        arguments: [
            (JSONValue.null, "null"), (true, "true"), (-5, "-5"), (.integer(.min), "-9223372036854775808"),
            (0.1, "0.1"),
            (1700000000.123, "1700000000.123"), (.number(.infinity), "null"), (.number(.nan), "null"),
            ("a/b é 🚢", "\"a/b é 🚢\""),
            ("\"\\\u{8}\u{C}\n\r\t\u{1}\u{1f}\u{7f}", "\"\\\"\\\\\\b\\f\\n\\r\\t\\u0001\\u001f\u{7f}\""),
            ([], "[]"), ([1, [], "x"], "[1,[],\"x\"]"), ([:], "{}"),
            (["b": 1, "a": ["c": nil]], #"{"a":{"c":null},"b":1}"#),
        ] as [(JSONValue, String)])
    func writesValues(value: JSONValue, expected: String) {
        #expect(String(decoding: value.jsonBytes(), as: UTF8.self) == expected)
    }

    @Test("sets commas between members, and none for members that are absent")
    func writesMembers() {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("a", nil as String?)
        writer.member("b", 1)
        writer.member("c", nil as [String]?)
        writer.member("d", ["x", "y"])
        writer.key("e")
        writer.beginArray()
        writer.beginObject()
        writer.endObject()
        writer.number(text: "1.50")
        writer.endArray()
        writer.member("quote\"d", false)
        writer.endObject()
        let text = String(decoding: writer.bytes, as: UTF8.self)
        #expect(text == #"{"b":1,"d":["x","y"],"e":[{},1.50],"quote\"d":false}"#)
    }

    @Test("looks into values without trapping")
    func looksInside() {
        let value: JSONValue = ["list": [1, 2.0, 2.5], "text": "t", "flag": true]
        #expect(value["list"]?[1]?.integer == 2)
        #expect(value["list"]?[2]?.integer == nil)
        #expect(value["list"]?[0]?.number == 1)
        #expect(value["list"]?[3] == nil)
        #expect(value["list"]?[-1] == nil)
        #expect(value["text"]?["x"] == nil)
        #expect(value["text"]?.string == "t")
        #expect(value["flag"]?.boolean == true)
        #expect(value["flag"]?.string == nil)
        #expect(value.object?.count == 3)
    }
}
