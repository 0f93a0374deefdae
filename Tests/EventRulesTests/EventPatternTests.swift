import EventRules
import Identifiers
import JSONBytes
import Testing

@Suite("Event patterns")
struct EventPatternTests {
    struct Row: Sendable, CustomTestStringConvertible {
        var pattern: String
        var matching: [String]
        var others: [String] = []
        var testDescription: String { pattern }
    }

    static let table = [
        Row(
            pattern: #"{"source":["aws.ecs"],"detail":{"lastStatus":["STOPPED","RUNNING"]}}"#,
            matching: [#"{"source":"aws.ecs","detail":{"lastStatus":"RUNNING","x":1},"more":true}"#],
            others: [
                #"{"source":"aws.ecs","detail":{"lastStatus":"PENDING"}}"#, #"{"source":"aws.ecs"}"#,
                #"{"source":"aws","detail":{"lastStatus":"RUNNING"}}"#, #"{"source":"aws.ecs","detail":"RUNNING"}"#,
            ]),
        Row(
            pattern: #"{"a":["",null,true,1.5]}"#,
            matching: [#"{"a":""}"#, #"{"a":null}"#, #"{"a":true}"#, #"{"a":1.50}"#, #"{"a":["z",null]}"#],
            others: [#"{"a":"null"}"#, #"{"a":false}"#, #"{"a":1}"#, "{}", #"{"a":[]}"#, #"{"a":{}}"#]),
        Row(pattern: #"{"a":[100]}"#, matching: [#"{"a":100.0}"#, #"{"a":1e2}"#], others: [#"{"a":"100"}"#]),
        Row(
            pattern: #"{"a":[{"prefix":"ab"}]}"#, matching: [#"{"a":"ab"}"#, #"{"a":"abc"}"#, #"{"a":["x","abz"]}"#],
            others: [#"{"a":"aB"}"#, #"{"a":"a"}"#, #"{"a":1}"#]),
        Row(
            pattern: #"{"a":[{"prefix":{"equals-ignore-case":"Ab"}}]}"#, matching: [#"{"a":"aBc"}"#],
            others: [#"{"a":"b"}"#]),
        Row(pattern: #"{"a":[{"suffix":".png"}]}"#, matching: [#"{"a":"x.png"}"#], others: [#"{"a":"x.pngs"}"#]),
        Row(
            pattern: #"{"a":[{"suffix":{"equals-ignore-case":".png"}}]}"#, matching: [#"{"a":"x.PNG"}"#],
            others: [#"{"a":"png"}"#]),
        Row(
            pattern: #"{"a":[{"equals-ignore-case":"Alice"}]}"#, matching: [#"{"a":"aLICE"}"#], others: [#"{"a":"al"}"#]
        ),
        Row(
            pattern: #"{"a":[{"wildcard":"a*b*c"}]}"#, matching: [#"{"a":"abc"}"#, #"{"a":"a-b-b-c"}"#],
            others: [#"{"a":"ab"}"#, #"{"a":"acb"}"#, #"{"a":"abcd"}"#]),
        Row(pattern: #"{"a":[{"wildcard":"*"}]}"#, matching: [#"{"a":""}"#, #"{"a":"x"}"#], others: [#"{"a":1}"#]),
        Row(
            pattern: #"{"a":[{"wildcard":"\\*\\\\*"}]}"#, matching: [#"{"a":"*\\"}"#, #"{"a":"*\\x"}"#],
            others: [#"{"a":"x\\"}"#]),
        Row(pattern: #"{"a":[{"wildcard":"aa*aa"}]}"#, matching: [#"{"a":"aaaa"}"#], others: [#"{"a":"aaa"}"#]),
        Row(
            pattern: #"{"a":[{"anything-but":"x"}]}"#, matching: [#"{"a":"y"}"#, #"{"a":3}"#, #"{"a":["x","y"]}"#],
            others: [#"{"a":"x"}"#, "{}"]),
        Row(pattern: #"{"a":[{"anything-but":[1,2]}]}"#, matching: [#"{"a":3}"#], others: [#"{"a":2.0}"#]),
        Row(
            pattern: #"{"a":[{"anything-but":{"prefix":["x","y"]}}]}"#, matching: [#"{"a":"zx"}"#],
            others: [#"{"a":"yz"}"#]),
        Row(
            pattern: #"{"a":[{"anything-but":{"suffix":"x"}}]}"#, matching: [#"{"a":"xz"}"#], others: [#"{"a":"zx"}"#]),
        Row(
            pattern: #"{"a":[{"anything-but":{"wildcard":"*/lib/*"}}]}"#, matching: [#"{"a":"/usr/bin"}"#],
            others: [#"{"a":"/usr/lib/x"}"#]),
        Row(
            pattern: #"{"a":[{"anything-but":{"equals-ignore-case":["A","b"]}}]}"#, matching: [#"{"a":"c"}"#],
            others: [#"{"a":"B"}"#]),
        Row(
            pattern: #"{"a":[{"numeric":[">",0,"<=",5]}]}"#, matching: [#"{"a":0.1}"#, #"{"a":5}"#],
            others: [#"{"a":0}"#, #"{"a":5.1}"#, #"{"a":"3"}"#]),
        Row(pattern: #"{"a":[{"numeric":["=",3]}]}"#, matching: [#"{"a":3.0}"#], others: [#"{"a":3.1}"#]),
        Row(pattern: #"{"a":[{"numeric":["<",3]}]}"#, matching: [#"{"a":-9}"#], others: [#"{"a":3}"#]),
        Row(
            pattern: #"{"a":[{"exists":true}]}"#, matching: [#"{"a":null}"#, #"{"a":[1]}"#],
            others: ["{}", #"{"a":{"b":1}}"#, #"{"a":[]}"#]),
        Row(
            pattern: #"{"a":{"b":[{"exists":false},"x"]}}"#, matching: [#"{"a":{}}"#, "{}", #"{"a":{"b":"x"}}"#],
            others: [#"{"a":{"b":"y"}}"#]),
        Row(
            pattern: #"{"a":[{"cidr":"10.0.0.0/23"}]}"#, matching: [#"{"a":"10.0.1.255"}"#],
            others: [#"{"a":"10.0.2.0"}"#, #"{"a":"10.0.1"}"#, #"{"a":"::1"}"#]),
        Row(pattern: #"{"a":[{"cidr":"0.0.0.0/0"}]}"#, matching: [#"{"a":"255.1.2.3"}"#], others: [#"{"a":"a"}"#]),
        Row(
            pattern: #"{"a":[{"cidr":"2001:db8::/33"}]}"#, matching: [#"{"a":"2001:DB8:7fff::1"}"#],
            others: [#"{"a":"2001:db8:8000::1"}"#, #"{"a":"2001:db8:0"}"#]),
        Row(
            pattern: #"{"$or":[{"a":[1]},{"b":[{"numeric":[">",7]}]}],"c":["x"]}"#,
            matching: [#"{"a":1,"c":"x"}"#, #"{"b":8,"c":"x"}"#],
            others: [#"{"a":1}"#, #"{"a":2,"b":7,"c":"x"}"#]),
        Row(
            pattern: #"{"a":{"b":["x"],"c":[1]}}"#, matching: [#"{"a":[{"b":"y","c":1},{"b":"x","c":1}]}"#],
            others: [#"{"a":[{"b":"x","c":2},{"b":"y","c":1}]}"#]),
    ]

    @Test("matches what it asks for and nothing else", arguments: table)
    func matches(row: Row) throws {
        let pattern = try EventPattern(row.pattern)
        for event in row.matching {
            #expect(pattern.matches(try JSONValue(jsonBytes: Array(event.utf8))), "\(event)")
        }
        for event in row.others {
            #expect(!pattern.matches(try JSONValue(jsonBytes: Array(event.utf8))), "\(event)")
        }
    }

    static let faults: [(String, String)] = [
        ("x", "Filter is not valid JSON: unexpected byte 0x78 at byte 0"),
        ("[]", "Filter is not an object"), ("{}", "Empty objects are not allowed"),
        (#"{"a":{}}"#, "Empty objects are not allowed"), (#"{"a":[]}"#, "Empty arrays are not allowed"),
        (#"{"source":"aws.ecs"}"#, #""source" must be an object or an array"#),
        (#"{"a":[[1]]}"#, "Match value must be String, number, true, false, or null"),
        (#"{"a":[{}]}"#, "Match expression name not found"),
        (#"{"a":[{"prefix":"x","suffix":"y"}]}"#, "Only one key allowed in match expression"),
        (#"{"a":[{"like":"x"}]}"#, "Unrecognized match type like"),
        (#"{"a":[{"prefix":1}]}"#, "prefix match pattern must be a string"),
        (#"{"a":[{"prefix":{"x":1}}]}"#, "Unsupported prefix match pattern"),
        (#"{"a":[{"exists":1}]}"#, "exists match pattern must be either true or false."),
        (#"{"a":[{"wildcard":"a**b"}]}"#, "Consecutive wildcard characters at pos 1"),
        (#"{"a":[{"wildcard":"a\\b"}]}"#, "Invalid escape character at pos 1"),
        (#"{"a":[{"wildcard":"a\\"}]}"#, "Invalid escape character at pos 1"),
        (#"{"a":[{"numeric":1}]}"#, "Value of numeric must be an array."),
        (#"{"a":[{"numeric":[]}]}"#, "Invalid member in numeric match: ]"),
        (#"{"a":[{"numeric":["~",1]}]}"#, "Unrecognized numeric range operator: ~"),
        (#"{"a":[{"numeric":[">","1"]}]}"#, "Value of > must be numeric"),
        (#"{"a":[{"numeric":[">",5,"<",5]}]}"#, "Bottom must be less than top"),
        (#"{"a":[{"numeric":["<",5,">",1]}]}"#, "Too many terms in numeric range expression"),
        (#"{"a":[{"numeric":[">",1,"=",5]}]}"#, "Bad numeric range operator: ="),
        (#"{"a":[{"numeric":[">",6000000000]}]}"#, "Value must be between -5.0E9 and 5.0E9, inclusive"),
        (#"{"a":[{"anything-but":true}]}"#, "Value of anything-but must be an array or single string/number value."),
        (#"{"a":[{"anything-but":[]}]}"#, "Empty arrays are not allowed"),
        (
            #"{"a":[{"anything-but":[1,"x"]}]}"#,
            "Inside anything but list, either all values are number or string, mixed type is not supported"
        ),
        (#"{"a":[{"anything-but":[null]}]}"#, "Inside anything but list, start|null|boolean is not supported."),
        (#"{"a":[{"anything-but":{"numeric":["=",1]}}]}"#, "Unsupported anything-but pattern: numeric"),
        (#"{"a":[{"cidr":"10.0.0.0"}]}"#, "Malformed CIDR, one '/' required"),
        (#"{"a":[{"cidr":"10.0.0/8"}]}"#, "Malformed IP address: 10.0.0"),
        (#"{"a":[{"cidr":"10.0.0.0/x"}]}"#, "Malformed CIDR, mask bits must be an integer"),
        (#"{"a":[{"cidr":"10.0.0.0/33"}]}"#, "Malformed CIDR, mask bits must be between 0 and 32"),
        (#"{"$or":[{"a":[1]}]}"#, "There must have at least 2 Objects in $or relationship."),
        (#"{"$or":[1,2]}"#, "Only Object is allowed in array of $or relationship."),
    ]

    @Test("says why it is none", arguments: faults)
    func refuses(fault: (String, String)) {
        #expect(throws: EventPatternError(fault.1)) { try EventPattern(fault.0) }
    }

    @Test("source and type alone rule events out")
    func hints() throws {
        let pattern = try EventPattern(#"{"source":[{"prefix":"aws."}],"detail-type":["A"],"detail":{"x":[1]}}"#)
        #expect(pattern.mayMatch(source: "aws.ecs", detailType: "A"))
        #expect(!pattern.mayMatch(source: "mine", detailType: "A"))
        #expect(!pattern.mayMatch(source: "aws.ecs", detailType: "B"))
        #expect(try EventPattern(#"{"detail":{"x":[1]}}"#).mayMatch(source: "", detailType: ""))
    }

    @Test("wildcards match as a plain search does", arguments: UInt64(1)...3)
    func wildcards(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        func text(_ letters: [Character]) -> [Character] {
            (0..<Int.random(in: 0...7, using: &random)).compactMap { _ in letters.randomElement(using: &random) }
        }
        func matches(_ pattern: ArraySlice<Character>, _ text: ArraySlice<Character>) -> Bool {
            guard let first = pattern.first else { return text.isEmpty }
            if first == "*" {
                return matches(pattern.dropFirst(), text) || !text.isEmpty && matches(pattern, text.dropFirst())
            }
            return text.first == first && matches(pattern.dropFirst(), text.dropFirst())
        }
        for _ in 0..<2_000 {
            let wildcard = text(["a", "b", "*"])
            if String(wildcard).contains("**") { continue }
            let word = text(["a", "b"])
            let pattern = try EventPattern(#"{"a":[{"wildcard":"\#(String(wildcard))"}]}"#)
            #expect(
                pattern.matches(["a": .string(String(word))]) == matches(wildcard[...], word[...]),
                "\(String(wildcard)) \(String(word))")
        }
    }

    @Test("no text traps", arguments: UInt64(1)...3)
    func fuzz(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let seeds = Self.table.map(\.pattern) + Self.faults.map(\.0)
        for _ in 0..<2_000 {
            var bytes = Array((seeds.randomElement(using: &random) ?? "").utf8)
            for _ in 0...3 where !bytes.isEmpty {
                bytes[Int.random(in: bytes.indices, using: &random)] = UInt8.random(in: 32...126, using: &random)
            }
            let pattern = try? EventPattern(String(decoding: bytes, as: UTF8.self))
            _ = pattern?.matches(["a": ["x", 1, nil, ["b": "10.0.0.1"]], "source": "aws.ecs"])
        }
    }
}
