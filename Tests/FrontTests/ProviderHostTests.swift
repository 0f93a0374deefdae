import AWSWire
import Domain
import Identifiers
import JSONBytes
import StateStore
import TestKit
import Testing

@testable import Front

@Suite("Hosts of a capacity provider")
struct ProviderHostTests {
    /// Cluster `default` with providers `blue` and `green`; a definition `web` of 256 units.
    private func front(scaling: String = "DISABLED") async throws -> FrontHarness {
        let front = try await FrontHarness()
        try await front.demo()
        for name in ["blue", "green"] {
            try await front.call(
                "CreateCapacityProvider",
                CapacityProviderTests.request(name, ["managedScaling": ["status": .string(scaling)]]))
        }
        try await front.call(
            "PutClusterCapacityProviders",
            [
                "cluster": "default", "capacityProviders": ["blue", "green"],
                "defaultCapacityProviderStrategy": [["capacityProvider": "blue", "weight": 1]],
            ])
        return front
    }

    private func run(_ front: FrontHarness, _ items: JSONValue, count: Int64 = 1) async throws -> Reply {
        try await front.call(
            "RunTask",
            [
                "taskDefinition": "web", "count": .integer(count), "capacityProviderStrategy": items,
                "networkConfiguration": FrontHarness.network,
            ])
    }

    private func join(_ front: FrontHarness, _ provider: String, cpu: Int64 = 4096) async throws -> JoinedHost {
        let token = try await front.call("Berth.CreateJoinToken").json["token"] ?? .null
        let join = try await front.call(
            "Berth.JoinHost", ["token": token, "capacity": "own", "capacityProvider": .string(provider)], as: nil
        ).json
        let host = JoinedHost(
            key: .init(
                accessKeyID: join["accessKeyId"]?.string ?? "", secretKey: join["secretAccessKey"]?.string ?? ""),
            arn: join["containerInstanceArn"]?.string ?? "")
        let reply = try await front.call(
            "RegisterContainerInstance", FrontHarness.registration(cpu, 8192), as: host.key)
        #expect(reply.json["containerInstance"]?["capacityProviderName"] == .string(provider))
        if let id = ContainerInstanceID.parse(arn: host.arn)?.id { front.presence.connect(id) }
        return host
    }

    @Test("run its tasks and no other provider's")
    func placement() async throws {
        let front = try await front()
        let blue = try await join(front, "blue")
        let green = try await join(front, "green")
        let reply = try await run(
            front,
            [["capacityProvider": "blue", "weight": 1], ["capacityProvider": "green", "weight": 2]], count: 6
        ).json
        let tasks = reply["tasks"]?.array ?? []
        #expect(tasks.count == 6)
        for task in tasks {
            let isBlue = task["capacityProviderName"] == "blue"
            #expect(task["containerInstanceArn"] == .string(isBlue ? blue.arn : green.arn))
            #expect(task["launchType"] == "EC2")
        }
        #expect(tasks.count { $0["capacityProviderName"] == "blue" } == 2)
    }

    @Test("are missed: without managed scaling that is refused or a failure")
    func none() async throws {
        let front = try await front()
        let refused = try await run(front, [["capacityProvider": "blue", "weight": 1]])
        #expect(refused.code == "InvalidParameterException")
        #expect(refused.message == "No Container Instances were found in your capacity provider.")
        _ = try await join(front, "blue", cpu: 256)
        let partly = try await run(
            front, [["capacityProvider": "blue", "weight": 1], ["capacityProvider": "green", "weight": 1]], count: 2
        ).json
        #expect(partly["tasks"]?.array?.compactMap { $0["capacityProviderName"] } == ["blue"])
        #expect(
            partly["failures"]?[0]?["reason"] == "No Container Instances were found in your capacity provider.")
    }

    @Test("are waited for with managed scaling: tasks stay PROVISIONING, 500 of a cluster at most")
    func waiting() async throws {
        let front = try await front(scaling: "ENABLED")
        let items: JSONValue = [["capacityProvider": "blue", "weight": 1]]
        let reply = try await run(front, items, count: 10).json
        #expect(reply["failures"] == [])
        #expect(reply["tasks"]?.array?.compactMap { $0["lastStatus"] } == Array(repeating: "PROVISIONING", count: 10))
        #expect(front.store.committed().unplacedTasks.count == 10)
        for _ in 1..<50 { _ = try await run(front, items, count: 10) }
        let full = try await run(front, items)
        #expect(full.code == "ClientException")
        #expect(full.message?.contains("500") == true)
    }

    @Test("join only for a provider that there is, and for EC2")
    func joining() async throws {
        let front = try await front()
        for request: [String: JSONValue] in [
            ["capacityProvider": "nope"], ["capacityProvider": "FARGATE"],
            ["capacityProvider": "blue", "launchType": "EXTERNAL"],
        ] {
            let token = try await front.call("Berth.CreateJoinToken").json["token"] ?? .null
            let join = ["token": token, "capacity": "own"].merging(request) { $1 }
            #expect(try await front.call("Berth.JoinHost", .object(join), as: nil).status == 400)
        }
    }

    @Test("a change of a service's strategy is a new deployment, which must be forced")
    func service() async throws {
        let front = try await front()
        _ = try await join(front, "blue")
        var request = ServiceTests.request().object ?? [:]
        request["launchType"] = nil
        let created = try await front.call("CreateService", .object(request)).json["service"]
        #expect(created?["launchType"] == nil)
        #expect(created?["capacityProviderStrategy"] == [["capacityProvider": "blue", "weight": 1, "base": 0]])
        let change: [String: JSONValue] = [
            "service": "web", "capacityProviderStrategy": [["capacityProvider": "green", "weight": 1]],
        ]
        let refused = try await front.call("UpdateService", .object(change))
        #expect(refused.code == "InvalidParameterException")
        #expect(refused.message?.hasSuffix("you must force a new deployment.") == true)
        let forced = try await front.call(
            "UpdateService", .object(change.merging(["forceNewDeployment": true]) { $1 }))
        let deployments = forced.json["service"]?["deployments"]
        #expect(deployments?[0]?["capacityProviderStrategy"]?[0]?["capacityProvider"] == "green")
        #expect(deployments?[1]?["capacityProviderStrategy"]?[0]?["capacityProvider"] == "blue")
    }
}
