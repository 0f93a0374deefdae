import Identifiers
import JSONBytes
import StateStore
import TestKit
import Testing

@testable import Front

@Suite("StartTask")
struct StartTaskTests {
    static func request(_ hosts: [String], _ more: [String: JSONValue] = [:]) -> JSONValue {
        let usual: [String: JSONValue] = [
            "taskDefinition": "web", "networkConfiguration": FrontHarness.network,
            "containerInstances": .array(hosts.map { .string($0) }),
        ]
        return .object(usual.merging(more) { $1 })
    }

    static func reasons(_ reply: Reply) -> [JSONValue?]? { reply.json["failures"]?.array?.map { $0["reason"] } }

    @Test("starts one task on each host that is named, by id or ARN, twice where it is named twice")
    func starts() async throws {
        let front = try await FrontHarness()
        try await front.demo()
        let one = try await front.host("own")
        let two = try await front.host("own")
        let reply = try await front.call(
            "StartTask", Self.request([one.arn, two.id, one.id], ["startedBy": "me", "group": "mine"]))
        let tasks = reply.json["tasks"]?.array ?? []
        #expect(tasks.map { $0["containerInstanceArn"]?.string } == [one.arn, two.arn, one.arn])
        #expect(tasks.allSatisfy { $0["launchType"] == "EC2" && $0["startedBy"] == "me" && $0["group"] == "mine" })
        #expect(reply.json["failures"] == [])
        #expect(front.store.committed().unplacedTasks.count == 0)
    }

    @Test("hosts that cannot take their task are failures, each with its reason")
    func failures() async throws {
        let front = try await FrontHarness()
        try await front.demo()
        let small = try await front.host("own", cpu: 300)
        let tiny = try await front.host("own", memory: 100)
        let gone = try await front.host("own")
        let silent = try await front.host("own")
        try await front.call("DeregisterContainerInstance", ["containerInstance": .string(gone.arn)])
        front.presence.disconnect(try #require(ContainerInstanceID.parse(arn: silent.arn)).id, now: .zero)
        let hosts = [small.arn, small.arn, tiny.arn, gone.arn, silent.arn, "nope"]
        let reply = try await front.call("StartTask", Self.request(hosts))
        #expect(reply.json["tasks"]?.array?.count == 1)
        #expect(
            Self.reasons(reply) == ["RESOURCE:CPU", "RESOURCE:MEMORY", "INACTIVE", "AGENT", "MISSING"])
        #expect(reply.json["failures"]?[0]?["arn"] == .string(small.arn))
    }

    @Test("its task carries overrides and tags as RunTask's does")
    func details() async throws {
        let front = try await FrontHarness()
        try await front.demo()
        let host = try await front.host("own")
        try await front.call(
            "TagResource",
            [
                "resourceArn": "arn:aws:ecs:us-east-1:000000000000:task-definition/web:1",
                "tags": [["key": "a", "value": "definition"], ["key": "b", "value": "definition"]],
            ])
        let task = try await front.call(
            "StartTask",
            Self.request(
                [host.arn],
                [
                    "tags": [["key": "a", "value": "mine"]], "propagateTags": "TASK_DEFINITION",
                    "enableECSManagedTags": true,
                    "overrides": ["containerOverrides": [["name": "app", "command": ["x"], "memory": 64]]],
                ])
        ).json["tasks"]?[0]
        #expect(
            task?["tags"] == [
                ["key": "a", "value": "mine"], ["key": "b", "value": "definition"],
                ["key": "aws:ecs:clusterName", "value": "default"],
            ])
        #expect(
            task?["overrides"] == [
                "containerOverrides": [["name": "app", "command": ["x"], "memory": 64]],
                "inferenceAcceleratorOverrides": [],
            ])
        #expect(task?["containers"]?[0]?["memory"] == "64")
    }

    static let refusals: [([String: JSONValue], String, String)] = [
        (["containerInstances": []], "InvalidParameterException", "empty"),
        (["containerInstances": .array((0...10).map { .string("h\($0)") })], "InvalidParameterException", "10"),
        (["taskDefinition": "nope"], "ClientException", "TaskDefinition not found."),
        (["cluster": "nope"], "ClusterNotFoundException", "Cluster not found."),
        (["networkConfiguration": [:]], "InvalidParameterException", "Network Configuration must be provided"),
        (["propagateTags": "SERVICE"], "InvalidParameterException", "SERVICE"),
        (["group": "service:x"], "InvalidParameterException", "service:"),
        (["startedBy": "a b"], "InvalidParameterException", "startedBy"),
        (["enableExecuteCommand": true], "UnsupportedFeatureException", "enableExecuteCommand"),
        (
            ["overrides": ["containerOverrides": [["name": "x", "cpu": 1]]]], "InvalidParameterException",
            "Override for container named x is not a container in the TaskDefinition."
        ),
        (
            [
                "overrides": [
                    "containerOverrides": [["name": "app", "command": [.string(String(repeating: "x", count: 8200))]]]
                ]
            ],
            "InvalidParameterException", "8192"
        ),
    ]

    @Test("a request that is wrong is refused, even when it names no host that is there", arguments: refusals)
    func refuses(change: [String: JSONValue], code: String, says: String) async throws {
        let front = try await FrontHarness()
        try await front.demo()
        let reply = try await front.call("StartTask", Self.request(["nope"], change))
        #expect(reply.code == code)
        #expect(reply.message?.contains(says) == true, "\(reply.message ?? "")")
    }
}
