import Domain
import Identifiers
import JSONBytes
import StateStore
import TestKit
import Testing

@testable import Front

@Suite("Capacity providers")
struct CapacityProviderTests {
    static func arn(_ name: String) -> JSONValue {
        .string("arn:aws:ecs:us-east-1:000000000000:capacity-provider/\(name)")
    }

    static func request(_ name: String = "blue", _ more: [String: JSONValue] = [:]) -> JSONValue {
        let provider: [String: JSONValue] = ["autoScalingGroupArn": .string("group-\(name)")]
        return ["name": .string(name), "autoScalingGroupProvider": .object(provider.merging(more) { $1 })]
    }

    private func front(_ providers: String...) async throws -> FrontHarness {
        let front = try await FrontHarness()
        try await front.demo()
        for name in providers {
            try #require(try await front.call("CreateCapacityProvider", Self.request(name)).status == 200)
        }
        return front
    }

    private func describe(_ front: FrontHarness, _ request: JSONValue = [:]) async throws -> JSONValue {
        try await front.call("DescribeCapacityProviders", request).json
    }

    private func names(_ reply: JSONValue) -> [String] {
        reply["capacityProviders"]?.array?.compactMap { $0["name"]?.string } ?? []
    }

    @Test("a new one has AWS's defaults and its tags")
    func create() async throws {
        let front = try await front()
        var request = Self.request().object ?? [:]
        request["tags"] = [["key": "team", "value": "a"]]
        let reply = try await front.call("CreateCapacityProvider", .object(request))
        let expected: JSONValue = [
            "capacityProviderArn": Self.arn("blue"), "name": "blue", "status": "ACTIVE",
            "autoScalingGroupProvider": [
                "autoScalingGroupArn": "group-blue",
                "managedScaling": [
                    "status": "DISABLED", "targetCapacity": 100, "minimumScalingStepSize": 1,
                    "maximumScalingStepSize": 10000, "instanceWarmupPeriod": 300,
                ],
                "managedTerminationProtection": "DISABLED", "managedDraining": "ENABLED",
            ],
            "tags": [["key": "team", "value": "a"]], "type": "EC2_AUTOSCALING",
        ]
        #expect(reply.json["capacityProvider"] == expected)
        let shown = try await describe(front, ["capacityProviders": ["blue"], "include": ["TAGS"]])
        #expect(shown["capacityProviders"] == [expected])
        let bare = try await describe(front, ["capacityProviders": [Self.arn("blue")]])
        #expect(bare["capacityProviders"]?[0]?["tags"] == [])
        let tags = try await front.call("ListTagsForResource", ["resourceArn": Self.arn("blue")]).json
        #expect(tags["tags"] == [["key": "team", "value": "a"]])
        let rows = try await front.call("Berth.Status").json["accepted"]?.array ?? []
        #expect(rows.contains { $0["resource"] == "capacity provider blue" })
    }

    @Test("name and group are each one provider's")
    func unique() async throws {
        let front = try await front("blue")
        let again = try await front.call("CreateCapacityProvider", Self.request())
        #expect(again.code == "ClientException")
        #expect(again.message?.hasPrefix("The specified capacity provider already exists.") == true)
        let shared = try await front.call(
            "CreateCapacityProvider", Self.request("green", ["autoScalingGroupArn": "group-blue"]))
        #expect(shared.code == "ClientException")
        #expect(shared.message?.contains("already being used by another capacity provider") == true)
    }

    @Test(
        "senseless ones are refused",
        arguments: [
            ["name": "fargate-mine"], ["name": "AWSome"], ["name": "a b"], ["autoScalingGroupProvider": nil],
            ["cluster": "default"], ["autoScalingGroupProvider": ["autoScalingGroupArn": ""]],
            ["autoScalingGroupProvider": ["autoScalingGroupArn": "g", "managedTerminationProtection": "ENABLED"]],
            [
                "autoScalingGroupProvider": [
                    "autoScalingGroupArn": "g",
                    "managedScaling": ["minimumScalingStepSize": 3, "maximumScalingStepSize": 2],
                ]
            ],
        ] as [[String: JSONValue]])
    func refused(change: [String: JSONValue]) async throws {
        let front = try await front()
        let request = (Self.request().object ?? [:]).merging(change) { $1 }
        #expect(try await front.call("CreateCapacityProvider", .object(request)).code == "ClientException")
        #expect(front.store.committed().capacityProviders.count == 0)
    }

    @Test("managed instances are refused with the reason, numbers out of range by the model")
    func unsupported() async throws {
        let front = try await front()
        let managed = try await front.call(
            "CreateCapacityProvider",
            [
                "name": "mi",
                "managedInstancesProvider": [
                    "infrastructureRoleArn": "r",
                    "instanceLaunchTemplate": ["ec2InstanceProfileArn": "p", "networkConfiguration": [:]],
                ],
            ])
        #expect(managed.code == "UnsupportedFeatureException")
        #expect(managed.message?.contains("Berth starts no machines") == true)
        let much = try await front.call(
            "CreateCapacityProvider", Self.request("a", ["managedScaling": ["targetCapacity": 101]]))
        #expect(much.code == "InvalidParameterException" || much.code == "ClientException")
    }

    @Test("the built-in two are always there and never change")
    func builtIn() async throws {
        let front = try await front()
        let all = try await describe(front)
        #expect(names(all) == ["FARGATE", "FARGATE_SPOT"])
        #expect(all["capacityProviders"]?[1]?["type"] == "FARGATE_SPOT")
        #expect(all["capacityProviders"]?[0]?["capacityProviderArn"] == Self.arn("FARGATE"))
        #expect(
            try await front.call("DeleteCapacityProvider", ["capacityProvider": "FARGATE"]).code == "ClientException")
        #expect(
            try await front.call(
                "UpdateCapacityProvider", ["name": "FARGATE_SPOT", "autoScalingGroupProvider": [:]]
            ).code == "ClientException")
    }

    @Test("pages hold ten, survive changes between them, and say what is missing")
    func paging() async throws {
        let front = try await front()
        for number in 10..<22 {
            try await front.call("CreateCapacityProvider", Self.request("p\(number)"))
        }
        let first = try await describe(front)
        #expect(names(first).count == 10)
        try await front.call("DeleteCapacityProvider", ["capacityProvider": "p17"])
        let second = try await describe(front, ["nextToken": first["nextToken"] ?? .null])
        #expect(names(second) == ["p18", "p19", "p20", "p21"])
        #expect(second["nextToken"] == nil)
        #expect(
            try await front.call("DescribeCapacityProviders", ["maxResults": 11]).code == "InvalidParameterException")
        let missing = try await describe(front, ["capacityProviders": ["p10", "nope", "p10"]])
        #expect(names(missing) == ["p10"])
        #expect(missing["failures"] == [["arn": Self.arn("nope"), "reason": "MISSING"]])
    }

    @Test("of a cluster only its own are shown")
    func ofCluster() async throws {
        let front = try await front("blue", "green")
        try await associate(front, ["blue", "FARGATE"])
        #expect(names(try await describe(front, ["cluster": "default"])) == ["FARGATE", "blue"])
        let named = try await describe(front, ["cluster": "default", "capacityProviders": ["blue", "green"]])
        #expect(names(named) == ["blue"])
        #expect(named["failures"]?[0]?["arn"] == Self.arn("green"))
        #expect(try await front.call("DescribeCapacityProviders", ["cluster": "no"]).code == "ClusterNotFoundException")
    }

    @discardableResult
    private func associate(_ front: FrontHarness, _ names: [String], cluster: String = "default") async throws -> Reply
    {
        try await front.call(
            "PutClusterCapacityProviders",
            [
                "cluster": .string(cluster), "capacityProviders": .array(names.map { .string($0) }),
                "defaultCapacityProviderStrategy": [],
            ])
    }

    @Test("an update changes what it names")
    func update() async throws {
        let front = try await front("blue")
        let reply = try await front.call(
            "UpdateCapacityProvider",
            [
                "name": "blue",
                "autoScalingGroupProvider": [
                    "managedScaling": ["status": "ENABLED", "targetCapacity": 80],
                    "managedTerminationProtection": "ENABLED", "managedDraining": "DISABLED",
                ],
            ]
        ).json["capacityProvider"]
        #expect(reply?["updateStatus"] == "UPDATE_COMPLETE")
        let provider = reply?["autoScalingGroupProvider"]
        #expect(provider?["managedScaling"]?["targetCapacity"] == 80)
        #expect(provider?["managedScaling"]?["instanceWarmupPeriod"] == 300)
        #expect(provider?["managedTerminationProtection"] == "ENABLED")
        let wrong = try await front.call(
            "UpdateCapacityProvider",
            ["name": "blue", "autoScalingGroupProvider": ["managedScaling": ["status": "DISABLED"]]])
        #expect(wrong.code == "ClientException")
        let missing = try await front.call(
            "UpdateCapacityProvider", ["name": "nope", "autoScalingGroupProvider": [:]])
        #expect(
            missing.message
                == "The specified capacity provider does not exist. Specify a valid name or ARN and try again.")
    }

    @Test("one that a cluster has fails to be deleted and says so; else it is INACTIVE and its name is free")
    func delete() async throws {
        let front = try await front("blue")
        try await associate(front, ["blue"])
        let failed = try await front.call("DeleteCapacityProvider", ["capacityProvider": "blue"])
        #expect(failed.status == 200)
        #expect(failed.json["capacityProvider"]?["status"] == "ACTIVE")
        #expect(failed.json["capacityProvider"]?["updateStatus"] == "DELETE_FAILED")
        #expect(
            failed.json["capacityProvider"]?["updateStatusReason"]
                == "The capacity provider cannot be deleted because it is associated with cluster: default. Remove the capacity provider from the cluster and try again."
        )
        try await associate(front, [])
        let deleted = try await front.call("DeleteCapacityProvider", ["capacityProvider": Self.arn("blue")]).json
        #expect(deleted["capacityProvider"]?["status"] == "INACTIVE")
        #expect(deleted["capacityProvider"]?["updateStatus"] == "DELETE_COMPLETE")
        #expect(names(try await describe(front)) == ["FARGATE", "FARGATE_SPOT"])
        #expect(
            try await describe(front, ["capacityProviders": ["blue"]])["capacityProviders"]?[0]?["status"]
                == "INACTIVE")
        #expect(try await associate(front, ["blue"]).code == "InvalidParameterException")
        #expect(try await front.call("DeleteCapacityProvider", ["capacityProvider": "blue"]).code == "ClientException")
        #expect(try await front.call("CreateCapacityProvider", Self.request()).status == 200)
    }

    @Test("a provider belongs to one cluster")
    func oneCluster() async throws {
        let front = try await front("blue")
        try await associate(front, ["blue"])
        try await front.call("CreateCluster", ["clusterName": "other"])
        #expect(try await associate(front, ["blue"], cluster: "other").code == "InvalidParameterException")
        #expect(
            try await front.call("CreateCluster", ["clusterName": "third", "capacityProviders": ["blue"]]).code
                == "InvalidParameterException")
    }

    @Test("a strategy names associated providers of one kind")
    func mixed() async throws {
        let front = try await front("blue")
        try await associate(front, ["blue", "FARGATE"])
        let run = { (items: JSONValue) in
            try await front.call(
                "RunTask",
                [
                    "taskDefinition": "web", "capacityProviderStrategy": items,
                    "networkConfiguration": FrontHarness.network,
                ])
        }
        let mix = try await run([
            ["capacityProvider": "blue", "weight": 1], ["capacityProvider": "FARGATE", "weight": 1],
        ])
        #expect(mix.code == "InvalidParameterException")
        #expect(mix.message?.hasPrefix("A capacity provider strategy cannot contain a mix") == true)
        let stranger = try await run([["capacityProvider": "FARGATE_SPOT", "weight": 1]])
        #expect(stranger.message?.contains("not associated with the cluster") == true)
        #expect(try await run([["capacityProvider": "blue"]]).code == "InvalidParameterException")
        let twoBases: JSONValue = [
            ["capacityProvider": "FARGATE", "weight": 1, "base": 1], ["capacityProvider": "FARGATE", "base": 1],
        ]
        #expect(try await run(twoBases).code == "InvalidParameterException")
    }
}
