import Domain
import Identifiers
import JSONBytes
import StateStore
import TestKit
import Testing

@testable import Front

@Suite("Interruptions of FARGATE_SPOT")
struct InterruptTests {
    private func front() async throws -> FrontHarness {
        let front = try await FrontHarness()
        try await front.demo()
        try await front.call(
            "PutClusterCapacityProviders",
            [
                "cluster": "default", "capacityProviders": ["FARGATE", "FARGATE_SPOT"],
                "defaultCapacityProviderStrategy": [],
            ])
        return front
    }

    private func run(_ front: FrontHarness, on provider: String, count: Int64 = 1) async throws -> [String] {
        let reply = try await front.call(
            "RunTask",
            [
                "taskDefinition": "web", "networkConfiguration": FrontHarness.network, "count": .integer(count),
                "capacityProviderStrategy": [["capacityProvider": .string(provider), "weight": 1]],
            ])
        return try #require(reply.json["tasks"]?.array).compactMap { $0["taskArn"]?.string }
    }

    private func task(_ front: FrontHarness, _ arn: String) async throws -> JSONValue? {
        try await front.call("DescribeTasks", ["tasks": [.string(arn)]]).json["tasks"]?[0]
    }

    private func status(_ front: FrontHarness, _ host: JoinedHost) -> String? {
        front.store.committed().instances[ContainerInstanceID(scope: .test, id: host.id)]?.status.rawValue
    }

    @Test("a task is named by its ARN, its id or the beginning of one, and is told so in ECS's words, once")
    func oneTask() async throws {
        let front = try await front()
        _ = try await front.host()
        let arn = try #require(try await run(front, on: "FARGATE_SPOT").first)
        let id = arn.split(separator: "/").last.map(String.init) ?? ""
        let reply = try await front.call("Berth.Interrupt", ["target": .string(String(id.prefix(8)))])
        #expect(reply.json == ["tasks": [.string(arn)]])
        let task = try await task(front, arn)
        #expect(task?["desiredStatus"] == "STOPPED")
        #expect(task?["stopCode"] == "SpotInterruption")
        #expect(task?["stoppedReason"] == "Your Spot Task was interrupted.")
        #expect(try await front.call("Berth.Interrupt", ["target": .string(arn)]).json == ["tasks": []])
    }

    @Test("a reclaimed host loses its Spot tasks only, takes no new ones, and takes them again when it is returned")
    func host() async throws {
        let front = try await front()
        let host = try await front.host("managed", cpu: 65_536, memory: 131_072)
        let plain = try await run(front, on: "FARGATE")
        var spot: [String] = []
        for _ in 0..<10 { spot += try await run(front, on: "FARGATE_SPOT", count: 10) }
        let reply = try await front.call("Berth.Interrupt", ["target": .string(host.id)])
        #expect(reply.json["host"] == .string(host.id))
        #expect(Set(reply.json["tasks"]?.array?.compactMap(\.string) ?? []) == Set(spot))
        #expect(try await task(front, plain[0])?["desiredStatus"] == "RUNNING")
        #expect(status(front, host) == "draining")
        let refused = try await front.call(
            "RunTask",
            ["taskDefinition": "web", "launchType": "FARGATE", "networkConfiguration": FrontHarness.network])
        #expect(refused.json["tasks"] == [])
        let back = try await front.call("Berth.Interrupt", ["target": .string(host.arn), "return": true])
        #expect(back.json == ["host": .string(host.id), "tasks": []])
        #expect(status(front, host) == "active")
    }

    @Test("what is not Spot capacity is refused, and nothing changes")
    func refused() async throws {
        let front = try await front()
        let managed = try await front.host()
        let own = try await front.host("own")
        let plain = try await run(front, on: "FARGATE")[0]
        let before = front.store.committed().revision
        let requests: [JSONValue] = [
            [:], ["target": ""], ["target": "nope"], ["target": 7], ["target": .string(plain)],
            ["target": .string(own.id)], ["target": .string(plain), "return": true],
        ]
        for request in requests {
            #expect(try await front.call("Berth.Interrupt", request).code == "InvalidParameterException", "\(request)")
        }
        let asHost = try await front.call("Berth.Interrupt", ["target": .string(managed.id)], as: managed.key)
        #expect(asHost.code == "AccessDeniedException")
        #expect(front.store.committed().revision == before)
    }
}
