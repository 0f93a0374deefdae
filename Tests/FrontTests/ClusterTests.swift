import Domain
import JSONBytes
import StateStore
import TestKit
import Testing

@testable import Front

@Suite("Clusters")
struct ClusterTests {
    @Test("a new cluster is shown as AWS shows it, and creating it again gives the same")
    func create() async throws {
        let front = try await FrontHarness()
        let request: JSONValue = ["clusterName": "blue", "tags": [["key": "team", "value": "a"]]]
        let reply = try await front.call("CreateCluster", request)
        #expect(
            reply.json == [
                "cluster": [
                    "clusterArn": "arn:aws:ecs:us-east-1:000000000000:cluster/blue", "clusterName": "blue",
                    "status": "ACTIVE", "registeredContainerInstancesCount": 0, "runningTasksCount": 0,
                    "pendingTasksCount": 0, "activeServicesCount": 0, "statistics": [],
                    "tags": [["key": "team", "value": "a"]],
                    "settings": [["name": "containerInsights", "value": "disabled"]], "capacityProviders": [],
                    "defaultCapacityProviderStrategy": [],
                ]
            ])
        #expect(try await front.call("CreateCluster", ["clusterName": "blue"]).json == reply.json)
    }

    @Test("what is missing is a failure with its full ARN, not an error")
    func describe() async throws {
        let front = try await FrontHarness()
        try await front.call("CreateCluster")
        let reply = try await front.call(
            "DescribeClusters", ["clusters": ["default", "nope"], "include": ["STATISTICS"]])
        #expect(reply.json["clusters"]?.array?.count == 1)
        #expect(reply.json["clusters"]?[0]?["statistics"]?.array?.count == 12)
        #expect(
            reply.json["failures"] == [
                ["arn": "arn:aws:ecs:us-east-1:000000000000:cluster/nope", "reason": "MISSING"]
            ])
    }

    @Test("pages survive what is created and deleted between them")
    func paging() async throws {
        let front = try await FrontHarness()
        let names = { (page: JSONValue) in page["clusterArns"]?.array?.compactMap { $0.string?.last } }
        for name in ["a", "c", "e", "g"] { try await front.call("CreateCluster", ["clusterName": .string(name)]) }
        let first = try await front.call("ListClusters", ["maxResults": 2]).json
        #expect(names(first) == ["a", "c"])
        try await front.call("DeleteCluster", ["cluster": "c"])
        try await front.call("CreateCluster", ["clusterName": "b"])
        try await front.call("CreateCluster", ["clusterName": "d"])
        let token = first["nextToken"] ?? .null
        let second = try await front.call("ListClusters", ["maxResults": 5, "nextToken": token]).json
        #expect(names(second) == ["d", "e", "g"])
        #expect(second["nextToken"] == nil)
    }

    @Test("a made-up token is refused", arguments: ["zz", "b1", "", "b1616263"])
    func badTokens(token: String) async throws {
        let front = try await FrontHarness()
        #expect(try await front.call("ListClusters", ["nextToken": .string(token)]).code == "InvalidParameterException")
    }

    @Test("a page out of range is refused", arguments: [0, 101, -1])
    func badSizes(size: Int64) async throws {
        let front = try await FrontHarness()
        #expect(
            try await front.call("ListClusters", ["maxResults": .integer(size)]).code == "InvalidParameterException")
    }

    @Test("a cluster that holds something is not deleted")
    func deleteBlocked() async throws {
        let front = try await FrontHarness()
        try await front.demo()
        try await front.put { $0.put(ContainerInstanceRecord.test("h1")) }
        #expect(
            try await front.call("DeleteCluster", ["cluster": "default"]).code
                == "ClusterContainsContainerInstancesException")
        #expect(try await front.call("DeleteCluster", ["cluster": "nope"]).code == "ClusterNotFoundException")
    }

    @Test("a deleted cluster is INACTIVE, describable and not listed")
    func delete() async throws {
        let front = try await FrontHarness()
        try await front.call("CreateCluster")
        #expect(try await front.call("DeleteCluster", ["cluster": "default"]).json["cluster"]?["status"] == "INACTIVE")
        #expect(try await front.call("ListClusters").json["clusterArns"] == [])
        #expect(try await front.call("DescribeClusters").json["clusters"]?[0]?["status"] == "INACTIVE")
        #expect(try await front.call("ListTasks").code == "ClusterNotFoundException")
    }

    @Test("a second request that asks for something else is inconsistent, one that asks for less is not")
    func inconsistent() async throws {
        let front = try await FrontHarness()
        let settings: JSONValue = [["name": "containerInsights", "value": "enabled"]]
        try await front.call("CreateCluster", ["settings": settings, "capacityProviders": ["FARGATE"]])
        for request: JSONValue in [
            [:], ["settings": settings], ["capacityProviders": ["FARGATE"]], ["tags": []],
        ] {
            #expect(try await front.call("CreateCluster", request).status == 200)
        }
        for request: JSONValue in [
            ["settings": [["name": "containerInsights", "value": "disabled"]]], ["capacityProviders": []],
            ["tags": [["key": "a", "value": "b"]]], ["serviceConnectDefaults": ["namespace": "n"]],
            ["configuration": ["executeCommandConfiguration": ["logging": "NONE"]]],
        ] {
            let reply = try await front.call("CreateCluster", request)
            #expect(reply.code == "InvalidParameterException")
            #expect(
                reply.message
                    == "Arguments on this idempotent request are inconsistent with arguments used in previous request(s)."
            )
        }
    }

    @Test("the name of a deleted cluster begins anew")
    func again() async throws {
        let front = try await FrontHarness()
        try await front.call(
            "CreateCluster", ["capacityProviders": ["FARGATE"], "tags": [["key": "a", "value": "b"]]])
        try await front.call("DeleteCluster", ["cluster": "default"])
        let again = try await front.call("CreateCluster").json["cluster"]
        #expect(again?["status"] == "ACTIVE")
        #expect(again?["capacityProviders"] == [])
        #expect(again?["tags"] == [])
    }

    @Test("a cluster with services or tasks says what holds it")
    func deleteHeld() async throws {
        let front = try await FrontHarness()
        try await front.demo()
        _ = try await front.host()
        try await front.call("RunTask", TaskTests.request())
        #expect(try await front.call("DeleteCluster", ["cluster": "default"]).code == "ClusterContainsTasksException")
        try await front.call("CreateService", ServiceTests.request())
        let held = try await front.call("DeleteCluster", ["cluster": "default"])
        #expect(held.code == "ClusterContainsServicesException")
        #expect(held.message == "The Cluster cannot be deleted while Services are active.")
    }

    @Test(
        "what would be ignored, or makes no sense, is refused",
        arguments: [
            (
                "configuration", ["managedStorageConfiguration": ["fargateEphemeralStorageKmsKeyId": "k"]],
                "UnsupportedFeatureException"
            ),
            (
                "configuration", ["executeCommandConfiguration": ["logging": "OVERRIDE"]],
                "InvalidParameterException"
            ),
            (
                "configuration",
                ["executeCommandConfiguration": ["logConfiguration": ["cloudWatchLogGroupName": "g"]]],
                "InvalidParameterException"
            ),
            ("settings", [["name": "containerInsights", "value": "maybe"]], "InvalidParameterException"),
            ("serviceConnectDefaults", ["namespace": "a/b"], "InvalidParameterException"),
            ("clusterName", "a b", "InvalidParameterException"),
            ("capacityProviders", ["asg"], "InvalidParameterException"),
            ("capacityProviders", ["FARGATE", "FARGATE"], "InvalidParameterException"),
            (
                "defaultCapacityProviderStrategy", [["capacityProvider": "FARGATE", "weight": 1]],
                "InvalidParameterException"
            ),
        ] as [(String, JSONValue, String)])
    func refused(member: String, value: JSONValue, code: String) async throws {
        let front = try await FrontHarness()
        #expect(try await front.call("CreateCluster", .object([member: value])).code == code)
        #expect(front.store.committed().clusters.count == 0)
    }
}
