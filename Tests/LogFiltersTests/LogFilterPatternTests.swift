import LogFilters
import Testing

@Suite("Filter pattern of logs")
struct LogFilterPatternTests {
    struct Row: Sendable {
        var pattern: String
        var matching: [String]
        var other: [String]
    }

    @Test("matches messages", arguments: table)
    func matches(row: Row) throws {
        let pattern = try LogFilterPattern(row.pattern)
        for message in row.matching { #expect(pattern.matches(message), "\(row.pattern) on \(message)") }
        for message in row.other { #expect(!pattern.matches(message), "\(row.pattern) on \(message)") }
    }

    static let table = [
        Row(pattern: " ", matching: ["", "a"], other: []),
        Row(pattern: "ERROR", matching: ["[ERROR] x", "ERROR"], other: ["error", "ERRO", ""]),
        Row(pattern: "a b", matching: ["b a", "ab"], other: ["a", "b"]),
        Row(pattern: "a -b", matching: ["a"], other: ["ab", "c"]),
        Row(pattern: "-b", matching: ["a", ""], other: ["b"]),
        Row(pattern: "?a ?b", matching: ["a", "b"], other: ["c"]),
        Row(pattern: "?a c", matching: ["c"], other: ["a"]),
        Row(pattern: #""a b" -"c d""#, matching: ["x a b"], other: ["b a", "a b c d"]),
        Row(pattern: #""say \"x\"""#, matching: [#"say "x""#], other: ["say x"]),
        Row(pattern: "é", matching: ["caf\u{e9}"], other: ["cafe\u{301}"]),
        Row(pattern: "{ $.a = 1 }", matching: [#"{"a":1}"#, #"{"a":1.0}"#], other: [#"{"a":2}"#, #"{}"#, "a", "{"]),
        Row(pattern: "{$.a>=1.5}", matching: [#"{"a":1.5}"#], other: [#"{"a":1}"#, #"{"a":"2"}"#]),
        Row(pattern: #"{ $.a.b[1] = "x" }"#, matching: [#"{"a":{"b":[0,"x"]}}"#], other: [#"{"a":{"b":["x"]}}"#]),
        Row(pattern: "{ $.a = 4* }", matching: [#"{"a":404}"#, #"{"a":"4"}"#], other: [#"{"a":504}"#]),
        Row(pattern: #"{ $.a = "*b*c" }"#, matching: [#"{"a":"bbcbc"}"#], other: [#"{"a":"bcd"}"#]),
        Row(pattern: "{ $.a != x }", matching: [#"{"a":"y"}"#], other: [#"{"a":"x"}"#, "{}"]),
        Row(pattern: "{ $.a IS TRUE }", matching: [#"{"a":true}"#], other: [#"{"a":false}"#, "{}"]),
        Row(pattern: "{ $.a IS NULL }", matching: [#"{"a":null}"#], other: ["{}"]),
        Row(pattern: "{ $.a NOT EXISTS }", matching: [#"{"b":1}"#], other: [#"{"a":null}"#]),
        Row(
            pattern: "{ ($.a = 1 || $.b = 2) && $.c = 3 }", matching: [#"{"b":2,"c":3}"#],
            other: [#"{"a":1}"#, #"{"c":3}"#]),
        Row(pattern: "{ $.a = 1 || $.b = 2 && $.c = 3 }", matching: [#"{"a":1}"#], other: [#"{"b":2}"#]),
    ]

    @Test(
        "is refused when it is none",
        arguments: [
            "\"a", "-", "? ", "{", "{}", "{ a = 1 }", "{ $.a }", "{ $.a = }", "{ $.a > x }", "{ $.a = 1",
            "{ $.a = 1 } b",
            "{ $.a IS maybe }", "{ $.a NOT }", "{ ($.a = 1 }", "{ $.* = 1 }", "{ $.a == 1 && }",
            "{ " + String(repeating: "(", count: 300),
        ])
    func refused(text: String) { #expect(kind(of: text) == .invalid) }

    @Test("of another kind says that it is not built", arguments: ["[a, b]", "%a.*%", "{ $.a = %x% }"])
    func notBuilt(text: String) { #expect(kind(of: text) == .notBuilt) }

    private func kind(of text: String) -> LogFilterError.Kind? {
        do throws(LogFilterError) {
            _ = try LogFilterPattern(text)
            return nil
        } catch {
            return error.kind
        }
    }
}
