import Domain
import Identifiers
import JSONBytes
import StateStore
import TestKit
import Testing

@testable import Front

@Suite("Services with the DAEMON strategy")
struct DaemonServiceTests {
    static func request(_ more: [String: JSONValue] = [:]) -> JSONValue {
        let usual: [String: JSONValue] = [
            "serviceName": "agent", "taskDefinition": "agent", "schedulingStrategy": "DAEMON",
        ]
        return .object(usual.merging(more) { $1 })
    }

    /// Two hosts of cluster `default` and a definition that runs on them.
    private func front() async throws -> FrontHarness {
        let front = try await FrontHarness()
        try await front.demo()
        let reply = try await front.call(
            "RegisterTaskDefinition",
            ["family": "agent", "containerDefinitions": [["name": "app", "image": "demo", "memory": 64]]])
        try #require(reply.status == 200, "\(reply.json)")
        for number in 1...2 { try await front.put { $0.put(ContainerInstanceRecord.test("h\(number)")) } }
        return front
    }

    @Test("a new one wants a task on every host that may run it, between 0 and 100 percent")
    func create() async throws {
        let front = try await front()
        let service = try #require(try await front.call("CreateService", Self.request()).json["service"])
        #expect(service["desiredCount"] == 2)
        #expect(service["schedulingStrategy"] == "DAEMON")
        #expect(service["launchType"] == "EC2")
        #expect(service["deploymentConfiguration"]?["minimumHealthyPercent"] == 0)
        #expect(service["deploymentConfiguration"]?["maximumPercent"] == 100)
        #expect(service["availabilityZoneRebalancing"] == "DISABLED")
        let none = try await front.call(
            "CreateService",
            Self.request([
                "serviceName": "none",
                "placementConstraints": [["type": "memberOf", "expression": "attribute:color == red"]],
            ]))
        #expect(none.json["service"]?["desiredCount"] == 0)
        let listed = try await front.call("ListServices", ["schedulingStrategy": "DAEMON"])
        #expect(listed.json["serviceArns"]?.array?.count == 2)
        try await front.put { $0.put(ContainerInstanceRecord.test("h3")) }
        #expect(try await front.call("CreateService", Self.request()).status == 200)
    }

    @Test(
        "what makes no sense with one task on every host is refused",
        arguments: [
            ("desiredCount", 1), ("launchType", "FARGATE"),
            ("placementStrategy", [["type": "random"]]), ("placementConstraints", [["type": "distinctInstance"]]),
            ("capacityProviderStrategy", [["capacityProvider": "FARGATE", "weight": 1]]),
            ("deploymentConfiguration", ["maximumPercent": 200]),
            ("deploymentConfiguration", ["minimumHealthyPercent": 100]),
            ("deploymentController", ["type": "EXTERNAL"]), ("availabilityZoneRebalancing", "ENABLED"),
        ] as [(String, JSONValue)])
    func refused(member: String, value: JSONValue) async throws {
        let front = try await front()
        let created = try await front.call("CreateService", Self.request([member: value]))
        #expect(created.code == "InvalidParameterException")
        #expect(front.store.committed().services.count == 0)
        guard !["launchType", "deploymentController"].contains(member) else { return }
        try await front.call("CreateService", Self.request())
        let updated = try await front.call("UpdateService", ["service": "agent", member: value])
        #expect(updated.code == "InvalidParameterException")
    }

    @Test("it is deleted without force")
    func delete() async throws {
        let front = try await front()
        try await front.call("CreateService", Self.request())
        #expect(try await front.call("DeleteService", ["service": "agent"]).json["service"]?["status"] == "DRAINING")
    }
}
