import Domain
import Identifiers
import JSONBytes
import StateStore
import TestKit
import Testing

@testable import Front

@Suite("Changes of clusters")
struct ClusterUpdateTests {
    private func front(_ request: JSONValue = [:]) async throws -> FrontHarness {
        let front = try await FrontHarness()
        try #require(try await front.call("CreateCluster", request).status == 200)
        return front
    }

    private func described(_ front: FrontHarness, _ include: JSONValue = []) async throws -> JSONValue? {
        try await front.call("DescribeClusters", ["include": include]).json["clusters"]?[0]
    }

    @Test("settings change by name; the operation for settings alone does the same")
    func settings() async throws {
        let front = try await front()
        let enhanced: JSONValue = [["name": "containerInsights", "value": "enhanced"]]
        let updated = try await front.call("UpdateCluster", ["cluster": "default", "settings": enhanced]).json
        #expect(updated["cluster"]?["settings"] == enhanced)
        let arn: JSONValue = "arn:aws:ecs:us-east-1:000000000000:cluster/default"
        let enabled: JSONValue = [["name": "containerInsights", "value": "enabled"]]
        let again = try await front.call("UpdateClusterSettings", ["cluster": arn, "settings": enabled]).json
        #expect(again["cluster"]?["settings"] == enabled)
        #expect(try await described(front, ["SETTINGS"])?["settings"] == enabled)
        #expect(try await described(front)?["settings"] == [])
    }

    @Test("configuration is kept, shown when asked for, and reported as without effect")
    func configuration() async throws {
        let log: JSONValue = [
            "cloudWatchLogGroupName": "exec", "cloudWatchEncryptionEnabled": true, "s3EncryptionEnabled": false,
        ]
        let front = try await front([
            "configuration": [
                "executeCommandConfiguration": ["kmsKeyId": "key", "logging": "OVERRIDE", "logConfiguration": log],
                "managedStorageConfiguration": ["kmsKeyId": "disk"],
            ]
        ])
        let shown = try await described(front, ["CONFIGURATIONS"])?["configuration"]
        #expect(shown?["executeCommandConfiguration"]?["logging"] == "OVERRIDE")
        #expect(shown?["executeCommandConfiguration"]?["logConfiguration"] == log)
        #expect(shown?["managedStorageConfiguration"] == ["kmsKeyId": "disk"])
        #expect(try await described(front)?["configuration"] == nil)
        let rows = try await front.call("Berth.Status").json["accepted"]?.array ?? []
        #expect(
            rows.compactMap { $0["setting"]?.string }.sorted() == [
                "configuration.executeCommandConfiguration.kmsKeyId",
                "configuration.executeCommandConfiguration.logConfiguration",
                "configuration.executeCommandConfiguration.logging",
                "configuration.managedStorageConfiguration.kmsKeyId",
            ])
        // A part that an update does not name stays.
        let plain: JSONValue = ["executeCommandConfiguration": ["kmsKeyId": "other"]]
        try await front.call("UpdateCluster", ["cluster": "default", "configuration": plain])
        let updated = try await described(front, ["CONFIGURATIONS"])?["configuration"]
        #expect(updated?["executeCommandConfiguration"] == ["kmsKeyId": "other", "logging": "DEFAULT"])
        #expect(updated?["managedStorageConfiguration"] == ["kmsKeyId": "disk"])
    }

    @Test("the namespace of Service Connect is kept, and an empty one takes it away")
    func namespace() async throws {
        let front = try await front(["serviceConnectDefaults": ["namespace": "shop"]])
        #expect(try await described(front)?["serviceConnectDefaults"] == ["namespace": "shop"])
        try await front.call(
            "UpdateCluster", ["cluster": "default", "serviceConnectDefaults": ["namespace": ""]])
        #expect(try await described(front)?["serviceConnectDefaults"] == nil)
    }

    @Test("providers and the default strategy are set together, by name or ARN")
    func capacityProviders() async throws {
        let front = try await front()
        let spot: JSONValue = "arn:aws:ecs:us-east-1:000000000000:capacity-provider/FARGATE_SPOT"
        let reply = try await front.call(
            "PutClusterCapacityProviders",
            [
                "cluster": "default", "capacityProviders": ["FARGATE", spot],
                "defaultCapacityProviderStrategy": [["capacityProvider": spot, "weight": 1]],
            ])
        #expect(reply.json["cluster"]?["capacityProviders"] == ["FARGATE", "FARGATE_SPOT"])
        #expect(
            reply.json["cluster"]?["defaultCapacityProviderStrategy"] == [
                ["capacityProvider": "FARGATE_SPOT", "weight": 1, "base": 0]
            ])
        #expect(try await described(front, ["ATTACHMENTS"])?["attachmentsStatus"] == "UPDATE_COMPLETE")
        #expect(try await described(front)?["attachmentsStatus"] == nil)
        // Who names neither launch type nor strategy gets the default.
        try await front.demo()
        _ = try await front.host()
        let run = try await front.call(
            "RunTask", ["taskDefinition": "web", "networkConfiguration": FrontHarness.network])
        #expect(run.json["tasks"]?[0]?["capacityProviderName"] == "FARGATE_SPOT")
        #expect(run.json["tasks"]?[0]?["launchType"] == "FARGATE")
    }

    @Test("a provider that a task or a service uses stays")
    func inUse() async throws {
        let front = try await front(["capacityProviders": ["FARGATE", "FARGATE_SPOT"]])
        try await front.demo()
        _ = try await front.host()
        let put = { (names: JSONValue) in
            try await front.call(
                "PutClusterCapacityProviders",
                ["cluster": "default", "capacityProviders": names, "defaultCapacityProviderStrategy": []])
        }
        let strategy: JSONValue = [["capacityProvider": "FARGATE_SPOT", "weight": 1]]
        let run = try await front.call(
            "RunTask",
            [
                "taskDefinition": "web", "capacityProviderStrategy": strategy,
                "networkConfiguration": FrontHarness.network,
            ])
        #expect(try await put(["FARGATE"]).code == "ResourceInUseException")
        #expect(
            try await put(["FARGATE"]).message == "The specified capacity provider is in use and cannot be removed.")
        let task = run.json["tasks"]?[0]?["taskArn"]?.string?.split(separator: "/").last.map(String.init) ?? ""
        try await front.put { transaction in
            guard let record = transaction.state.tasks[TaskID(cluster: .test, id: task)] else { return }
            transaction.put(record.observed(.stopped))
        }
        #expect(try await put(["FARGATE_SPOT"]).status == 200)
        var service = ServiceTests.request(["capacityProviderStrategy": strategy]).object ?? [:]
        service["launchType"] = nil
        #expect(try await front.call("CreateService", .object(service)).status == 200)
        #expect(try await put([]).code == "ResourceInUseException")
    }

    @Test("what there is not cannot be changed")
    func missing() async throws {
        let front = try await front()
        for operation in ["UpdateCluster", "UpdateClusterSettings", "PutClusterCapacityProviders"] {
            let reply = try await front.call(
                operation,
                [
                    "cluster": "nope", "settings": [["name": "containerInsights", "value": "enabled"]],
                    "capacityProviders": [], "defaultCapacityProviderStrategy": [],
                ])
            #expect(reply.code == "ClusterNotFoundException")
        }
    }
}
