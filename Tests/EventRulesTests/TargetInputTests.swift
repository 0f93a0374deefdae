import Domain
import EventRules
import Identifiers
import JSONBytes
import TestKit
import Testing

@Suite("What a target is handed")
struct TargetInputTests {
    static let rule = EventRuleID(scope: .test, name: "night")
    static let event: JSONValue = [
        "id": "e1", "source": "aws.ecs", "detail-type": "A \"b\"",
        "detail": ["state": "RUNNING", "count": 3, "list": [["id": "x"], ["id": "y"]], "a b": true],
    ]

    static let paths: [(String, String?)] = [
        ("$", nil), ("$.id", #""e1""#), ("$.detail-type", #""A \"b\"""#), ("$.detail.count", "3"),
        ("$.detail.list[1].id", #""y""#), ("$.detail.list[*].id", #"["x","y"]"#), ("$['detail']['a b']", "true"),
        ("$.detail.list[1]", #"{"id":"y"}"#), ("$.source[0]", "-"), ("$.detail.nothing", "-"),
        ("$.detail.list[7]", "-"),
        ("$.detail.*", #"[true,3,[{"id":"x"},{"id":"y"}],"RUNNING"]"#),
    ]

    @Test("a part of the event by its path", arguments: paths)
    func part(path: (String, String?)) {
        var target = EventTarget(id: "t", arn: "http://a")
        target.inputPath = path.0
        let whole = String(decoding: Self.event.jsonBytes(), as: UTF8.self)
        let input = TargetInput.of(Self.event, for: target, of: Self.rule, ingestedAt: "now")
        #expect(input == (path.1 == "-" ? nil : path.1 ?? whole))
    }

    @Test(
        "is no path",
        arguments: ["", "detail", "$detail", "$.", "$..a", "$[", "$['a'", "$[-1]", "$.a b", "$[x]", "$['']"])
    func noPath(text: String) { #expect(JSONPath(text) == nil) }

    struct Row: Sendable, CustomTestStringConvertible {
        var template: String
        var input: String
        var testDescription: String { template }
    }

    static let templates = [
        Row(template: "<id> is <state>", input: "e1 is RUNNING"),
        Row(template: #""<id> is <type>""#, input: #""e1 is A \"b\"""#),
        Row(
            template: #"{"id":<id>,"n":<count>,"all":<list>}"#,
            input: #"{"id":"e1","n":3,"all":[{"id":"x"},{"id":"y"}]}"#),
        Row(template: #"{"text":"<count> of <list>"}"#, input: #"{"text":"3 of [{\"id\":\"x\"},{\"id\":\"y\"}]"}"#),
        Row(template: #"{"none":<none>,"text":"<none>"}"#, input: #"{"none":null,"text":""}"#),
        Row(template: "no <none>", input: "no "),
        Row(template: #"{"q":"\"<id>\"","r":<id>}"#, input: #"{"q":"\"e1\"","r":"e1"}"#),
        Row(
            template:
                #"{"rule":<aws.events.rule-arn>,"name":"<aws.events.rule-name>","at":<aws.events.event.ingestion-time>}"#,
            input: #"{"rule":"arn:aws:events:us-east-1:000000000000:rule/night","name":"night","at":"now"}"#),
        Row(
            template: "[<aws.events.event>]", input: #"[{"detail-type":"A \"b\"","id":"e1","source":"aws.ecs"}]"#),
        Row(template: "a < b > c <>", input: "a < b > c <>"),
    ]

    @Test("a template with what was found in the event", arguments: templates)
    func template(row: Row) {
        var target = EventTarget(id: "t", arn: "http://a")
        target.transformer = InputTransformer(
            paths: [
                "id": "$.id", "state": "$.detail.state", "type": "$.detail-type", "count": "$.detail.count",
                "list": "$.detail.list", "none": "$.detail.none",
            ], template: row.template)
        #expect(TargetInput.of(Self.event, for: target, of: Self.rule, ingestedAt: "now") == row.input)
    }

    @Test("its own text, or the whole event")
    func whole() {
        var target = EventTarget(id: "t", arn: "http://a")
        let whole = String(decoding: Self.event.jsonBytes(), as: UTF8.self)
        #expect(TargetInput.of(Self.event, for: target, of: Self.rule, ingestedAt: "") == whole)
        target.input = "{}"
        #expect(TargetInput.of(Self.event, for: target, of: Self.rule, ingestedAt: "") == "{}")
    }

    @Test("a template names what it needs")
    func names() {
        #expect(InputTemplate(#"{"a":<b>,"c":"<d> <b>"} <not this>"#).names == ["b", "d"])
    }
}

@Suite("Tries of a delivery")
struct DeliveryRetryTests {
    static func delivery(attempts: Int) -> EventDeliveryRecord {
        let target = EventTargetID(rule: TargetInputTests.rule, id: "t")
        var record = EventDeliveryRecord(
            id: EventDeliveryID(target: target, event: "e"), input: "{}", createdAt: .test())
        record.attempts = attempts
        return record
    }

    @Test(
        "the wait doubles up to ten minutes",
        arguments: [(1, 1), (2, 2), (3, 4), (9, 256), (10, 512), (11, 600), (185, 600)])
    func waits(row: (attempts: Int, seconds: Int)) {
        let target = EventTarget(id: "t", arn: "http://a")
        let next = DeliveryRetry.next(of: Self.delivery(attempts: row.attempts), to: target, now: .test(), random: 0)
        #expect(next == .test(row.seconds))
        for random in [UInt64.max, 1, 77_777] {
            let next = DeliveryRetry.next(
                of: Self.delivery(attempts: row.attempts), to: target, now: .test(), random: random)
            #expect(
                next.map { $0 <= .test(row.seconds) && $0 >= Timestamp.test().adding(.milliseconds(500 * row.seconds)) }
                    == true)
        }
    }

    @Test("the target's policy ends them")
    func ends() {
        var target = EventTarget(id: "t", arn: "http://a")
        target.maximumRetryAttempts = 2
        #expect(DeliveryRetry.next(of: Self.delivery(attempts: 2), to: target, now: .test(), random: 0) != nil)
        #expect(DeliveryRetry.next(of: Self.delivery(attempts: 3), to: target, now: .test(), random: 0) == nil)
        target.maximumRetryAttempts = 0
        #expect(DeliveryRetry.next(of: Self.delivery(attempts: 1), to: target, now: .test(), random: 0) == nil)
        target.maximumRetryAttempts = nil
        #expect(DeliveryRetry.next(of: Self.delivery(attempts: 186), to: target, now: .test(), random: 0) == nil)
        target.maximumEventAge = 60
        #expect(DeliveryRetry.next(of: Self.delivery(attempts: 1), to: target, now: .test(59), random: 0) == .test(60))
        #expect(DeliveryRetry.next(of: Self.delivery(attempts: 1), to: target, now: .test(60), random: 0) == nil)
    }
}
