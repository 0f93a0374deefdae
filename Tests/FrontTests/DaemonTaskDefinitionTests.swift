import Domain
import JSONBytes
import StateStore
import TestKit
import Testing

@testable import Front

@Suite("Daemon task definitions")
struct DaemonTaskDefinitionTests {
    static let prefix = "arn:aws:ecs:us-east-1:000000000000:daemon-task-definition/"

    static func register(_ front: FrontHarness, _ family: String = "agent") async throws -> String? {
        let reply = try await front.call(
            "RegisterDaemonTaskDefinition",
            [
                "family": .string(family), "cpu": "128", "memory": "64",
                "containerDefinitions": [["name": "agent", "image": "agent:1", "command": ["run"]]],
                "volumes": [["name": "logs", "host": ["sourcePath": "/var/log"]]],
                "tags": [["key": "team", "value": "a"]],
            ])
        return reply.json["daemonTaskDefinitionArn"]?.string
    }

    static func listed(_ front: FrontHarness, _ request: JSONValue = [:]) async throws -> [String] {
        let reply = try await front.call("ListDaemonTaskDefinitions", request)
        return reply.json["daemonTaskDefinitions"]?.array?.compactMap { entry in
            (entry["arn"]?.string).map { String($0.dropFirst(prefix.count)) }
        } ?? []
    }

    @Test("a registered revision is shown with what ECS fills in, and nothing that a daemon has not")
    func registers() async throws {
        let front = try await FrontHarness()
        #expect(try await Self.register(front) == Self.prefix + "agent:1")
        #expect(try await Self.register(front) == Self.prefix + "agent:2")
        let shown = try await front.call("DescribeDaemonTaskDefinition", ["daemonTaskDefinition": "agent"])
        #expect(
            shown.json["daemonTaskDefinition"] == [
                "daemonTaskDefinitionArn": .string(Self.prefix + "agent:2"), "family": "agent", "revision": 2,
                "status": "ACTIVE", "cpu": "128", "memory": "64",
                "registeredAt": shown.json["daemonTaskDefinition"]?["registeredAt"] ?? .null,
                "registeredBy": "arn:aws:iam::000000000000:root",
                "volumes": [["name": "logs", "host": ["sourcePath": "/var/log"]]],
                "containerDefinitions": [
                    [
                        "name": "agent", "image": "agent:1", "cpu": 0, "essential": true, "command": ["run"],
                        "environment": [], "mountPoints": [], "systemControls": [],
                    ]
                ],
            ])
    }

    @Test("ordinary families of the same name are others")
    func namespaces() async throws {
        let front = try await FrontHarness()
        _ = try await Self.register(front, "web")
        let families = try await front.call("ListTaskDefinitionFamilies", ["familyPrefix": "w"])
        #expect(families.json["families"] == [])
        try await front.demo()
        #expect(try await front.call("ListTaskDefinitions").json["taskDefinitionArns"]?.array?.count == 1)
        #expect(try await Self.listed(front, ["family": "web"]) == ["web:1"])
        let ordinary = try await front.call(
            "DescribeTaskDefinition", ["taskDefinition": .string(Self.prefix + "web:1")])
        #expect(ordinary.code == "ClientException")
    }

    @Test("lists are filtered, sorted by number and paged")
    func lists() async throws {
        let front = try await FrontHarness()
        for _ in 0..<11 { _ = try await Self.register(front, "b") }
        for family in ["a", "bc"] { _ = try await Self.register(front, family) }
        #expect(try await Self.listed(front, ["family": "b", "maxResults": 3]) == ["b:1", "b:2", "b:3"])
        #expect(try await Self.listed(front, ["sort": "DESC", "maxResults": 3]) == ["bc:1", "b:11", "b:10"])
        #expect(try await Self.listed(front, ["revision": "LAST_REGISTERED"]) == ["a:1", "b:11", "bc:1"])
        #expect(try await Self.listed(front, ["familyPrefix": "bc"]) == ["bc:1"])
        let first = try await front.call("ListDaemonTaskDefinitions", ["sort": "DESC", "maxResults": 2])
        let token = try #require(first.json["nextToken"])
        #expect(
            try await Self.listed(front, ["sort": "DESC", "maxResults": 2, "nextToken": token]) == ["b:10", "b:9"])
    }

    @Test("a deleted revision is listed as such, keeps its number and cannot be deleted again")
    func deletes() async throws {
        let front = try await FrontHarness()
        for _ in 0..<2 { _ = try await Self.register(front) }
        let deleted = try await front.call("DeleteDaemonTaskDefinition", ["daemonTaskDefinition": "agent:2"])
        #expect(deleted.json == ["daemonTaskDefinitionArn": .string(Self.prefix + "agent:2")])
        #expect(try await Self.listed(front) == ["agent:1"])
        #expect(try await Self.listed(front, ["status": "DELETE_IN_PROGRESS"]) == ["agent:2"])
        #expect(try await Self.listed(front, ["status": "ALL"]) == ["agent:1", "agent:2"])
        let latest = try await front.call("DescribeDaemonTaskDefinition", ["daemonTaskDefinition": "agent"])
        #expect(latest.json["daemonTaskDefinition"]?["revision"] == 1)
        let again = try await front.call("DeleteDaemonTaskDefinition", ["daemonTaskDefinition": "agent:2"])
        #expect(again.code == "ClientException")
        #expect(try await Self.register(front) == Self.prefix + "agent:3")
    }

    @Test("what does not exist or lacks its revision is a ClientException")
    func unknown() async throws {
        let front = try await FrontHarness()
        let missing = try await front.call("DescribeDaemonTaskDefinition", ["daemonTaskDefinition": "nope"])
        #expect(missing.code == "ClientException")
        let family = try await front.call("DeleteDaemonTaskDefinition", ["daemonTaskDefinition": "agent"])
        #expect(family.message == "Revision is missing.")
    }

    @Test("tags are kept with a revision and can be changed")
    func tags() async throws {
        let front = try await FrontHarness()
        let arn = JSONValue.string(try #require(try await Self.register(front)))
        let given = try await front.call("ListTagsForResource", ["resourceArn": arn])
        #expect(given.json["tags"] == [["key": "team", "value": "a"]])
        try await front.call("UntagResource", ["resourceArn": arn, "tagKeys": ["team"]])
        #expect(try await front.call("ListTagsForResource", ["resourceArn": arn]).json["tags"] == [])
    }
}
