import Domain
import Identifiers
import JSONBytes
import StateStore
import TestKit
import Testing

@testable import Front

@Suite("Tags")
struct TagTests {
    /// One live resource of every kind that the front itself can make, by the word of its ARN.
    static func world() async throws -> (front: FrontHarness, arns: [String: JSONValue]) {
        let front = try await FrontHarness()
        try await front.demo()
        _ = try await front.host()
        let own = try await front.host("own")
        let task = try await front.call("RunTask", TaskTests.request()).json["tasks"]?[0]
        let service = try await front.call(
            "CreateService",
            [
                "serviceName": "web", "taskDefinition": "web", "desiredCount": 0, "launchType": "FARGATE",
                "networkConfiguration": FrontHarness.network,
            ]
        ).json["service"]
        return (
            front,
            [
                "cluster": "arn:aws:ecs:us-east-1:000000000000:cluster/default",
                "task-definition": "arn:aws:ecs:us-east-1:000000000000:task-definition/web:1",
                "container-instance": .string(own.arn), "task": task?["taskArn"] ?? .null,
                "service": service?["serviceArn"] ?? .null,
            ]
        )
    }

    static let kinds = ["cluster", "task-definition", "container-instance", "task", "service"]

    @Test("tags are added, overwritten by key and removed, on every kind", arguments: kinds)
    func tagging(kind: String) async throws {
        let (front, arns) = try await Self.world()
        let arn = try #require(arns[kind])
        let tags = { () async throws -> JSONValue? in
            try await front.call("ListTagsForResource", ["resourceArn": arn]).json["tags"]
        }
        #expect(try await tags() == [])
        let first: JSONValue = [["key": "team", "value": "a"], ["key": "empty"]]
        let added = try await front.call("TagResource", ["resourceArn": arn, "tags": first])
        #expect(added.json == [:])
        try await front.call("TagResource", ["resourceArn": arn, "tags": [["key": "team", "value": "b"]]])
        #expect(try await tags() == [["key": "team", "value": "b"], ["key": "empty", "value": ""]])
        let removed = try await front.call("UntagResource", ["resourceArn": arn, "tagKeys": ["team", "absent"]])
        #expect(removed.json == [:])
        #expect(try await tags() == [["key": "empty", "value": ""]])
    }

    @Test("a resource has at most 50 tags of the caller's own, and a call that goes beyond changes nothing")
    func limit() async throws {
        let (front, arns) = try await Self.world()
        let arn = try #require(arns["cluster"])
        let fifty = JSONValue.array((0..<50).map { ["key": .string("k\($0)"), "value": "v"] })
        #expect(try await front.call("TagResource", ["resourceArn": arn, "tags": fifty]).status == 200)
        let over: JSONValue = [["key": "k0", "value": "new"], ["key": "more", "value": "v"]]
        let reply = try await front.call("TagResource", ["resourceArn": arn, "tags": over])
        #expect(reply.code == "LimitExceededException")
        let listed = try await front.call("ListTagsForResource", ["resourceArn": arn]).json["tags"]
        #expect(listed?.array?.count == 50)
        #expect(listed?[0] == ["key": "k0", "value": "v"])
    }

    struct Refusal: Sendable, CustomTestStringConvertible {
        var tags: JSONValue
        var says: String
        var testDescription: String { says }
    }

    static let refusals = [
        Refusal(tags: [["key": "aws:x", "value": "v"]], says: "aws:x"),
        Refusal(tags: [["key": "AWS:x", "value": "v"]], says: "AWS:x"),
        Refusal(tags: [["key": "k", "value": "aws:v"]], says: "aws:v"),
        Refusal(tags: [["key": "twice", "value": "1"], ["key": "twice", "value": "2"]], says: "twice"),
        Refusal(tags: [["value": "v"]], says: "Tag keys must not be empty."),
        Refusal(tags: [["key": "", "value": "v"]], says: "tags[0].key"),
        Refusal(tags: [["key": "a#b", "value": "v"]], says: "a#b"),
        Refusal(tags: [["key": "k", "value": "a;b"]], says: "a;b"),
        Refusal(tags: [["key": .string(String(repeating: "k", count: 129))]], says: "tags[0].key"),
        Refusal(tags: [["key": "k", "value": .string(String(repeating: "v", count: 257))]], says: "tags[0].value"),
        Refusal(tags: .array((0...50).map { ["key": .string("k\($0)")] }), says: "tags"),
    ]

    @Test("tags that AWS refuses are refused, by TagResource and when a resource is made", arguments: refusals)
    func refuses(refusal: Refusal) async throws {
        let (front, arns) = try await Self.world()
        let arn = try #require(arns["cluster"])
        let added = try await front.call("TagResource", ["resourceArn": arn, "tags": refusal.tags])
        let made = try await front.call("CreateCluster", ["clusterName": "other", "tags": refusal.tags])
        for reply in [added, made] {
            #expect(reply.code == "InvalidParameterException")
            #expect(reply.message?.contains(refusal.says) == true, "\(reply.message ?? "")")
        }
        #expect(try await front.call("ListTagsForResource", ["resourceArn": arn]).json["tags"] == [])
        #expect(try await front.call("ListClusters").json["clusterArns"]?.array?.count == 1)
    }

    static let unknown: [(String, String, String)] = [
        ("nonsense", "InvalidParameterException", "Invalid arn syntax."),
        ("arn:aws:ecs:us-east-1:000000000000:service/web", "InvalidParameterException", "Long arn format"),
        ("arn:aws:ecs:us-east-1:000000000000:container/default/a/b", "InvalidParameterException", "Invalid arn"),
        ("arn:aws:ecs:eu-west-1:000000000000:cluster/default", "InvalidParameterException", "Invalid arn"),
        ("arn:aws:ecs:us-east-1:000000000000:cluster/no", "ClusterNotFoundException", "Cluster not found."),
        (
            "arn:aws:ecs:us-east-1:000000000000:service/default/no", "InvalidParameterException",
            "service does not exist"
        ),
        ("arn:aws:ecs:us-east-1:000000000000:task/default/no", "InvalidParameterException", "task does not exist"),
        ("arn:aws:ecs:us-east-1:000000000000:task-definition/no:1", "ClientException", "definition does not exist"),
        ("arn:aws:ecs:us-east-1:000000000000:container-instance/default/no", "InvalidParameterException", "not exist"),
    ]

    @Test("what is no taggable resource is named", arguments: unknown)
    func unknownResource(arn: String, code: String, says: String) async throws {
        let (front, _) = try await Self.world()
        let replies = [
            try await front.call("ListTagsForResource", ["resourceArn": .string(arn)]),
            try await front.call("TagResource", ["resourceArn": .string(arn), "tags": [["key": "k"]]]),
            try await front.call("UntagResource", ["resourceArn": .string(arn), "tagKeys": ["k"]]),
        ]
        for reply in replies {
            #expect(reply.code == code)
            #expect(reply.message?.contains(says) == true, "\(reply.message ?? "")")
        }
    }

    @Test("reserved keys cannot be taken away")
    func reserved() async throws {
        let (front, arns) = try await Self.world()
        let managed = try await front.call("RunTask", TaskTests.request(["enableECSManagedTags": true])).json
        let arn = try #require(managed["tasks"]?[0]?["taskArn"])
        let reply = try await front.call("UntagResource", ["resourceArn": arn, "tagKeys": ["aws:ecs:clusterName"]])
        #expect(reply.code == "InvalidParameterException")
        let tags = try await front.call("ListTagsForResource", ["resourceArn": arn]).json["tags"]
        #expect(tags == [["key": "aws:ecs:clusterName", "value": "default"]])
        _ = arns
    }

    @Test("tags are shown when asked for, and only then")
    func include() async throws {
        let (front, arns) = try await Self.world()
        for arn in arns.values {
            try await front.call("TagResource", ["resourceArn": arn, "tags": [["key": "k", "value": "v"]]])
        }
        let asked: [(String, [String: JSONValue], String)] = [
            ("DescribeClusters", [:], "clusters"), ("DescribeTasks", ["tasks": [arns["task"] ?? .null]], "tasks"),
            ("DescribeServices", ["services": ["web"]], "services"),
            (
                "DescribeContainerInstances", ["containerInstances": [arns["container-instance"] ?? .null]],
                "containerInstances"
            ),
        ]
        for (operation, request, member) in asked {
            let with = try await front.call(operation, .object(request.merging(["include": ["TAGS"]]) { $1 })).json
            #expect(with[member]?[0]?["tags"] == [["key": "k", "value": "v"]], "\(operation)")
            let without = try await front.call(operation, .object(request)).json
            #expect((without[member]?[0]?["tags"] ?? []) == [], "\(operation)")
        }
        let definition: [String: JSONValue] = ["taskDefinition": "web"]
        let with = try await front.call(
            "DescribeTaskDefinition", .object(definition.merging(["include": ["TAGS"]]) { $1 }))
        #expect(with.json["tags"] == [["key": "k", "value": "v"]])
        #expect(try await front.call("DescribeTaskDefinition", .object(definition)).json["tags"] == nil)
    }

    @Test("what ends loses its tags, and its ARN says why it has none")
    func deletion() async throws {
        let (front, arns) = try await Self.world()
        for arn in arns.values {
            try await front.call("TagResource", ["resourceArn": arn, "tags": [["key": "k", "value": "v"]]])
        }
        let task = try #require(arns["task"])
        let stopped = try await front.call("StopTask", ["task": task]).json["task"]
        #expect(stopped?["tags"] == [])
        #expect(try await front.call("ListTagsForResource", ["resourceArn": task]).json["tags"] == [])
        let instance = try #require(arns["container-instance"])
        try await front.call("DeregisterContainerInstance", ["containerInstance": instance, "force": true])
        let gone = try await front.call("ListTagsForResource", ["resourceArn": instance])
        #expect(gone.message?.hasPrefix("The specified container instance is inactive.") == true)
        #expect(front.store.committed().instances.values().allSatisfy { $0.1.tags.isEmpty })
        try await front.call("CreateCluster", ["clusterName": "brief", "tags": [["key": "k", "value": "v"]]])
        try await front.call("DeleteCluster", ["cluster": "brief"])
        let cluster: JSONValue = ["resourceArn": "arn:aws:ecs:us-east-1:000000000000:cluster/brief"]
        let reply = try await front.call("ListTagsForResource", cluster)
        #expect(reply.message == "The specified cluster is inactive. Specify an active cluster and try again.")
        try await front.call("CreateCluster", ["clusterName": "brief"])
        #expect(try await front.call("ListTagsForResource", cluster).json["tags"] == [])
    }

    @Test("a task takes its own tags first, then those of its definition, then the managed one")
    func propagation() async throws {
        let (front, arns) = try await Self.world()
        let definition: JSONValue = [["key": "a", "value": "definition"], ["key": "b", "value": "definition"]]
        try await front.call("TagResource", ["resourceArn": arns["task-definition"] ?? .null, "tags": definition])
        let task = try await front.call(
            "RunTask",
            TaskTests.request([
                "tags": [["key": "a", "value": "request"]], "propagateTags": "TASK_DEFINITION",
                "enableECSManagedTags": true,
            ])
        ).json["tasks"]?[0]
        #expect(
            task?["tags"] == [
                ["key": "a", "value": "request"], ["key": "b", "value": "definition"],
                ["key": "aws:ecs:clusterName", "value": "default"],
            ])
        let plain = try await front.call("RunTask", TaskTests.request(["propagateTags": "NONE"])).json["tasks"]?[0]
        #expect(plain?["tags"] == [])
    }
}
