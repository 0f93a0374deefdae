import Domain
import JSONBytes
import StateStore
import TestKit
import Testing

@testable import Front

@Suite("Attributes by the API")
struct AttributeOperationTests {
    static func put(_ front: FrontHarness, _ host: JoinedHost, _ attributes: [String: String]) async throws -> Reply {
        try await front.call(
            "PutAttributes",
            [
                "attributes": .array(
                    attributes.sorted { $0.key < $1.key }.map {
                        ["name": .string($0.key), "value": .string($0.value), "targetId": .string(host.arn)]
                    })
            ])
    }

    @Test("are put, overwritten, listed and deleted, by ARN or short id")
    func life() async throws {
        let front = try await FrontHarness()
        let host = try await front.host("own")
        let arn = JSONValue.string(host.arn)
        let put = try await Self.put(front, host, ["stack": "test"])
        #expect(put.json["attributes"] == [["name": "stack", "value": "test", "targetId": arn]])
        let short: JSONValue = [
            "attributes": [
                [
                    "name": "stack", "value": "production", "targetId": .string(host.id),
                    "targetType": "container-instance",
                ]
            ]
        ]
        #expect(try await front.call("PutAttributes", short).status == 200)
        let listed = { (more: [String: JSONValue]) async throws -> JSONValue? in
            let request = JSONValue.object(more.merging(["targetType": "container-instance"]) { $1 })
            return try await front.call("ListAttributes", request).json["attributes"]
        }
        let expected: JSONValue = [["name": "stack", "value": "production", "targetId": arn]]
        #expect(try await listed(["attributeName": "stack"]) == expected)
        #expect(try await listed(["attributeName": "stack", "attributeValue": "test"]) == [])
        #expect(try await listed([:])?.array?.contains { $0["name"] == "ecs.os-type" } == true)
        let taken = try await front.call(
            "DeleteAttributes",
            ["attributes": [["name": "stack", "targetId": arn], ["name": "absent", "targetId": arn]]])
        #expect(taken.json["attributes"] == expected)
        #expect(try await listed(["attributeName": "stack"]) == [])
    }

    @Test("stay when the host registers again, while what it said of itself goes when it says it no more")
    func registration() async throws {
        let front = try await FrontHarness()
        let host = try await front.host("own")
        _ = try await Self.put(front, host, ["stack": "test"])
        let again: JSONValue = [
            "totalResources": FrontHarness.registration()["totalResources"] ?? .null,
            "attributes": [["name": "ecs.os-type", "value": "linux"]], "berth": ["version": 1],
        ]
        #expect(try await front.call("RegisterContainerInstance", again, as: host.key).status == 200)
        let listed = try await front.call("ListAttributes", ["targetType": "container-instance"]).json["attributes"]
        let names = listed?.array?.map { $0["name"] }
        #expect(names == ["ecs.availability-zone", "ecs.os-type", "stack"])
    }

    @Test("are listed page by page, in order, each once")
    func pages() async throws {
        let front = try await FrontHarness()
        for _ in 0..<2 {
            let host = try await front.host("own")
            _ = try await Self.put(front, host, ["a": "1", "b": "2"])
        }
        var names: [String] = []
        var token: JSONValue?
        repeat {
            var request: [String: JSONValue] = ["targetType": "container-instance", "maxResults": 3]
            request["nextToken"] = token
            let reply = try await front.call("ListAttributes", .object(request)).json
            names += (reply["attributes"]?.array ?? []).map {
                "\($0["targetId"]?.string ?? "") \($0["name"]?.string ?? "")"
            }
            token = reply["nextToken"]
        } while token != nil
        #expect(names.count == 12)
        #expect(names == names.sorted())
        #expect(Set(names).count == names.count)
    }

    @Test("a host has at most ten of the caller's own; the call that goes beyond changes nothing")
    func limit() async throws {
        let front = try await FrontHarness()
        let host = try await front.host("own")
        let nine = Dictionary(uniqueKeysWithValues: (0..<9).map { ("a\($0)", "1") })
        #expect(try await Self.put(front, host, nine).status == 200)
        let over = try await Self.put(front, host, ["a0": "2", "b": "1", "c": "1"])
        #expect(over.code == "AttributeLimitExceededException")
        #expect(try await Self.put(front, host, ["a0": "3", "b": "1"]).status == 200)
        let custom = front.store.committed().instances.values().flatMap { $0.1.attributes }.filter {
            !$0.name.hasPrefix("ecs.")
        }
        #expect(custom.count == 10)
        #expect(custom.first { $0.name == "a0" }?.value == "3")
    }

    static let refusals: [(JSONValue, String, String)] = [
        ([], "InvalidParameterException", "attributes can not be empty."),
        ([["name": "a"]], "InvalidParameterException", "targetId"),
        ([["name": "a", "targetId": "abc"]], "InvalidParameterException", "targetType"),
        ([["name": "a", "targetId": "abc", "targetType": "container-instance"]], "TargetNotFoundException", "abc"),
        ([["name": "a", "targetId": "abc", "targetType": "task"]], "InvalidParameterException", "targetType"),
        ([["name": "ecs.x", "targetId": "HOST"]], "InvalidParameterException", "ecs.x"),
        ([["value": "x", "targetId": "HOST"]], "InvalidParameterException", "name"),
        (.array((0...10).map { ["name": .string("a\($0)"), "targetId": "HOST"] }), "InvalidParameterException", "11"),
    ]

    @Test("are refused with the exception of what is wrong", arguments: refusals)
    func refuses(attributes: JSONValue, code: String, says: String) async throws {
        let front = try await FrontHarness()
        let host = try await front.host("own")
        let real = (attributes.array ?? []).map { attribute -> JSONValue in
            guard case .object(var members) = attribute, members["targetId"] == "HOST" else { return attribute }
            members["targetId"] = .string(host.arn)
            return .object(members)
        }
        for operation in ["PutAttributes", "DeleteAttributes"] {
            let reply = try await front.call(operation, ["attributes": .array(real)])
            #expect(reply.code == code)
            #expect(reply.message?.contains(says) == true, "\(reply.message ?? "")")
        }
    }

    @Test("a value alone is no filter, and another target type is none")
    func listRefusals() async throws {
        let front = try await FrontHarness()
        _ = try await front.host("own")
        for request: JSONValue in [
            ["targetType": "container-instance", "attributeValue": "x"], ["targetType": "task"], [:],
        ] {
            #expect(try await front.call("ListAttributes", request).code == "InvalidParameterException")
        }
    }

    @Test("decide where tasks go and which hosts a query lists")
    func effect() async throws {
        let front = try await FrontHarness()
        try await front.demo()
        let first = try await front.host("own")
        let second = try await front.host("own")
        _ = try await Self.put(front, second, ["stack": "blue"])
        let query: JSONValue = ["filter": "attribute:stack == blue"]
        let listed = try await front.call("ListContainerInstances", query).json["containerInstanceArns"]
        #expect(listed == [.string(second.arn)])
        let run = { () async throws -> JSONValue in
            try await front.call(
                "RunTask",
                TaskTests.request([
                    "launchType": "EC2",
                    "placementConstraints": [["type": "memberOf", "expression": "attribute:stack == blue"]],
                ])
            ).json
        }
        #expect(try await run()["tasks"]?[0]?["containerInstanceArn"] == .string(second.arn))
        _ = try await Self.put(front, first, ["stack": "blue"])
        try await front.call(
            "DeleteAttributes", ["attributes": [["name": "stack", "targetId": .string(second.arn)]]])
        #expect(try await run()["tasks"]?[0]?["containerInstanceArn"] == .string(first.arn))
    }
}
