import Domain
import Identifiers
import JSONBytes
import StateStore
import TestKit
import Testing

@testable import Front

@Suite("Rules of events")
struct EventRuleOperationTests {
    static let id = EventRuleID(scope: .test, name: "r")

    @discardableResult
    private func call(_ front: FrontHarness, _ operation: String, _ request: JSONValue = [:]) async throws -> Reply {
        try await front.call("AWSEvents." + operation, request)
    }

    private func rule(_ front: FrontHarness) throws -> EventRuleRecord {
        try #require(front.store.committed().eventRules[Self.id])
    }

    @Test("an update replaces what it says and leaves out, but keeps targets, tags and what fired")
    func update() async throws {
        let front = try await FrontHarness()
        try await call(
            front, "PutRule",
            [
                "Name": "r", "ScheduleExpression": "rate(5 minutes)", "Description": "d",
                "Tags": [["Key": "a", "Value": "b"]],
            ])
        try await call(front, "PutTargets", ["Rule": "r", "Targets": [["Id": "t", "Arn": "http://a"]]])
        let first = try rule(front)
        try await front.put { transaction in
            var fired = first
            fired.firedAt = .test(300)
            transaction.put(fired)
        }
        front.time.advance(by: .seconds(400))
        try await call(
            front, "PutRule",
            [
                "Name": "r", "ScheduleExpression": "rate(5 minutes)", "EventPattern": #"{"source":["x"]}"#,
                "Tags": [["Key": "c", "Value": "d"]],
            ])
        let second = try rule(front)
        #expect(second.description == nil && second.pattern == #"{"source":["x"]}"#)
        #expect(second.targets == first.targets && second.tags == first.tags && second.firedAt == .test(300))
        #expect(second.matchesFrom == first.matchesFrom && second.scheduledFrom == first.scheduledFrom)
        try await call(front, "PutRule", ["Name": "r", "ScheduleExpression": "rate(6 minutes)"])
        #expect(try rule(front).scheduledFrom == .test(400))
        #expect(try rule(front).firedAt == nil)
    }

    @Test("what happens while a rule is off is not its own, and its schedule begins anew")
    func enabling() async throws {
        let front = try await FrontHarness()
        try await call(front, "PutRule", ["Name": "r", "ScheduleExpression": "rate(5 minutes)", "State": "DISABLED"])
        front.time.advance(by: .seconds(100))
        try await call(front, "EnableRule", ["Name": "r"])
        #expect(try rule(front).matchesFrom == .test(100))
        #expect(try rule(front).scheduledFrom == .test(100))
        front.time.advance(by: .seconds(100))
        try await call(front, "EnableRule", ["Name": "r"])
        #expect(try rule(front).matchesFrom == .test(100), "it was on")
    }

    @Test("a target that goes takes what was on its way along")
    func removal() async throws {
        let front = try await FrontHarness()
        let (delivery, _) = try await TaskTargetTests.prepare(front)
        let name: JSONValue = .string(TaskTargetTests.rule.name)
        let reply = try await call(front, "RemoveTargets", ["Rule": name, "Ids": ["t", "u"]])
        #expect(reply.json["FailedEntryCount"] == 1 && reply.json["FailedEntries"]?[0]?["TargetId"] == "u")
        #expect(front.store.committed().eventDeliveries[delivery.id] == nil)
        #expect(try await call(front, "DeleteRule", ["Name": name]).status == 200)
        #expect(front.store.committed().eventRules.count == 0)
    }

    struct Row: Sendable, CustomTestStringConvertible {
        var target: JSONValue
        var says: String
        var testDescription: String { says }
    }

    static let group: JSONValue = "arn:aws:logs:us-east-1:000000000000:log-group:x"
    static let cluster: JSONValue = .string(ClusterID.test.arn)
    static let refused = [
        Row(target: ["Arn": "http://"], says: "Provided Arn is not in correct format."),
        Row(target: ["Arn": "http://a b"], says: "Provided Arn is not in correct format."),
        Row(target: ["Arn": "arn:aws:logs:us-east-1:000000000000:destination:x"], says: "only log groups are targets"),
        Row(target: ["Arn": "arn:aws:logs:eu-west-1:000000000000:log-group:x"], says: "other accounts and regions"),
        Row(target: ["Arn": group, "HttpParameters": [:]], says: "HttpParameters is not valid"),
        Row(
            target: ["Arn": group, "EcsParameters": ["TaskDefinitionArn": "web"]],
            says: "EcsParameters is not valid"),
        Row(
            target: ["Arn": group, "InputTransformer": ["InputPathsMap": ["a": "$.id"], "InputTemplate": "<a>"]],
            says: "for a log group it has the form"),
        Row(target: ["Arn": "arn:aws:events:us-east-1:0:api-destination/a/b"], says: "give its address"),
        Row(target: ["Arn": "arn:aws:lambda:us-east-1:0:function:f"], says: "service 'lambda' are not built"),
        Row(target: ["Arn": "arn:aws:ecs:eu-west-1:000000000000:cluster/c"], says: "other accounts and regions"),
        Row(target: ["Arn": cluster], says: "EcsParameters must be specified"),
        Row(
            target: ["Arn": "http://a", "EcsParameters": ["TaskDefinitionArn": "web"]],
            says: "EcsParameters is not valid for target t"),
        Row(
            target: ["Arn": cluster, "EcsParameters": ["TaskDefinitionArn": "web"], "HttpParameters": [:]],
            says: "HttpParameters is not valid"),
        Row(target: ["Arn": "http://a", "Input": "{", "InputPath": "$"], says: "Only one of Input, InputPath"),
        Row(target: ["Arn": "http://a", "Input": "{"], says: "JSON syntax error in input"),
        Row(target: ["Arn": "http://a", "InputPath": "detail"], says: "Invalid InputPath"),
        Row(
            target: ["Arn": "http://a", "InputTransformer": ["InputPathsMap": ["a": "x"], "InputTemplate": "<a>"]],
            says: "Invalid InputPathsMap"),
        Row(
            target: ["Arn": "http://a", "InputTransformer": ["InputPathsMap": ["aws.x": "$"], "InputTemplate": "a"]],
            says: "Invalid InputPathsMap"),
        Row(
            target: ["Arn": "http://a", "InputTransformer": ["InputTemplate": "<a>"]],
            says: "<a> is not in InputPathsMap"),
        Row(target: ["Arn": "http://a", "SqsParameters": [:]], says: "SqsParameters of target t is not supported"),
        Row(
            target: ["Arn": "http://a", "DeadLetterConfig": [:]], says: "DeadLetterConfig of target t is not supported"),
        Row(
            target: ["Arn": "http://a", "HttpParameters": ["HeaderParameters": ["a": "b\r\nc: d"]]],
            says: "Invalid header parameter 'a'"),
        Row(
            target: ["Arn": cluster, "EcsParameters": ["TaskDefinitionArn": "web", "TaskCount": 11]],
            says: "TaskCount of target t must be between 1 and 10"),
        Row(
            target: ["Arn": cluster, "EcsParameters": ["TaskDefinitionArn": "web", "EnableExecuteCommand": true]],
            says: "ECS Exec is not built yet"),
        Row(
            target: ["Arn": cluster, "EcsParameters": ["TaskDefinitionArn": "web"], "Input": "[]"],
            says: "not the JSON of a task override"),
        Row(
            target: ["Arn": "http://a", "RetryPolicy": ["MaximumEventAgeInSeconds": 59]], says: "between 60 and 86400"),
    ]

    @Test("a target that cannot be served is refused in words, and nothing changes", arguments: refused)
    func refuses(row: Row) async throws {
        let front = try await FrontHarness()
        try await call(front, "PutRule", ["Name": "r", "EventPattern": #"{"source":["x"]}"#])
        var target = row.target.object ?? [:]
        target["Id"] = "t"
        let before = front.store.committed().revision
        let reply = try await call(front, "PutTargets", ["Rule": "r", "Targets": [.object(target)]])
        #expect(reply.code == "ValidationException" && reply.message?.contains(row.says) == true, "\(reply.json)")
        #expect(front.store.committed().revision == before)
    }

    @Test("events that callers put stand in the stream, in order, with the ids that were answered")
    func putEvents() async throws {
        let front = try await FrontHarness()
        func put(_ details: String...) async throws -> [String] {
            let reply = try await call(
                front, "PutEvents",
                [
                    "Entries": .array(
                        details.map {
                            [
                                "Source": "mine", "DetailType": "Said", "Detail": .string($0), "Resources": ["r"],
                                "Time": 5,
                            ]
                        })
                ])
            return reply.json["Entries"]?.array?.compactMap { $0["EventId"]?.string } ?? []
        }
        let ids = try await put(#"{"a":1}"#, "broken", #"{"a":2}"#) + put(#"{"a":1}"#)
        #expect(ids.count == 3 && Set(ids).count == 3)
        let told = try await front.call("Berth.Events").json["events"]?.array ?? []
        #expect(told.compactMap { $0["id"]?.string } == ids)
        #expect(told.map { $0["detail"]?["a"] } == [1, 2, 1])
        #expect(told.allSatisfy { $0["time"] == "1970-01-01T00:00:05Z" && $0["resources"] == ["r"] })
        #expect(front.store.committed().putEvents.count == 1, "the newest call's alone")
    }

    @Test("a detail is an object that is not nested too deeply, at whatever time")
    func details() async throws {
        let front = try await FrontHarness()
        func code(_ detail: String, time: JSONValue = 0) async throws -> JSONValue? {
            let reply = try await call(
                front, "PutEvents",
                ["Entries": [["Source": "a", "DetailType": "b", "Detail": .string(detail), "Time": time]]])
            return reply.json["Entries"]?[0]?["ErrorCode"]
        }
        func nested(_ depth: Int) -> String {
            String(repeating: #"{"a":"#, count: depth) + "1" + String(repeating: "}", count: depth)
        }
        #expect(try await code(nested(48)) == nil)
        for text in [nested(49), "[]", "1", "{} {}", ""] { #expect(try await code(text) != nil, "\(text)") }
        for time: JSONValue in [-1e15, 1e15, -0.5] { #expect(try await code("{}", time: time) == nil) }
        #expect(try await front.call("Berth.Events").status == 200)
    }

    @Test("too much at once, another bus, and a global endpoint are refused")
    func tooMuch() async throws {
        let front = try await FrontHarness()
        let large = #"{"a":""# + String(repeating: "x", count: 262_144) + #""}"#
        let reply = try await call(
            front, "PutEvents", ["Entries": [["Source": "a", "DetailType": "b", "Detail": .string(large)]]])
        #expect(reply.code == "ValidationException")
        let other = try await call(
            front, "PutEvents",
            ["Entries": [["Source": "a", "DetailType": "b", "Detail": "{}", "EventBusName": "other"]]])
        #expect(other.json["Entries"]?[0]?["ErrorCode"] == "ResourceNotFoundException")
        #expect(try await call(front, "DescribeEventBus", ["Name": "other"]).code == "ResourceNotFoundException")
        #expect(try await call(front, "ListRules", ["NextToken": "x"]).code == "ValidationException")
        #expect(try await call(front, "CreateEventBus", ["Name": "x"]).code == "UnsupportedFeatureException")
    }

    @Test("a rule has five targets and a bus 300 rules")
    func limits() async throws {
        let front = try await FrontHarness()
        for number in 0..<300 {
            let reply = try await call(
                front, "PutRule", ["Name": .string("r\(number)"), "EventPattern": #"{"a":[1]}"#])
            try #require(reply.status == 200)
        }
        #expect(
            try await call(front, "PutRule", ["Name": "more", "EventPattern": #"{"a":[1]}"#]).code
                == "LimitExceededException")
        #expect(try await call(front, "PutRule", ["Name": "r7", "EventPattern": #"{"a":[2]}"#]).status == 200)
    }

    @Test("a host may not touch rules")
    func hosts() async throws {
        let front = try await FrontHarness()
        let host = try await front.host()
        let reply = try await front.call("AWSEvents.ListRules", as: host.key)
        #expect(reply.code == "AccessDeniedException" && reply.message?.contains("events:ListRules") == true)
    }
}
