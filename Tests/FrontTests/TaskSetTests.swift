import Domain
import Identifiers
import JSONBytes
import StateStore
import TestKit
import Testing

@testable import Front

@Suite("Task sets")
struct TaskSetTests {
    static let external: JSONValue = [
        "serviceName": "ext", "desiredCount": 3, "deploymentController": ["type": "EXTERNAL"],
    ]

    static func request(_ more: [String: JSONValue] = [:]) -> JSONValue {
        let usual: [String: JSONValue] = [
            "cluster": "default", "service": "ext", "taskDefinition": "web", "launchType": "FARGATE",
            "networkConfiguration": FrontHarness.network, "scale": ["value": 50, "unit": "PERCENT"],
        ]
        return .object(usual.merging(more) { $1 })
    }

    static func naming(_ set: JSONValue, _ more: [String: JSONValue] = [:]) -> JSONValue {
        let usual: [String: JSONValue] = ["cluster": "default", "service": "ext", "taskSet": set]
        return .object(usual.merging(more) { $1 })
    }

    private func front() async throws -> FrontHarness {
        let front = try await FrontHarness()
        try await front.demo()
        let reply = try await front.call("CreateService", Self.external)
        try #require(reply.status == 200, "\(reply.json)")
        return front
    }

    private func create(_ front: FrontHarness, _ more: [String: JSONValue] = [:]) async throws -> JSONValue {
        let reply = try await front.call("CreateTaskSet", Self.request(more))
        try #require(reply.status == 200, "\(reply.json)")
        return try #require(reply.json["taskSet"])
    }

    @Test("a service with the external controller has neither definition nor deployments")
    func service() async throws {
        let front = try await front()
        let service = try await front.call("DescribeServices", ["services": ["ext"]]).json["services"]?[0]
        #expect(service?["deploymentController"] == ["type": "EXTERNAL"])
        #expect(service?["taskSets"] == [])
        #expect(service?["deployments"] == [])
        #expect(service?["taskDefinition"] == nil)
        #expect(service?["launchType"] == "EC2")
        #expect(service?["currentServiceDeployment"] == nil)
        #expect(try await front.call("CreateService", Self.external).status == 200)
    }

    @Test("a new one is ACTIVE, wants its share, rounded up, and reads back as it was made")
    func create() async throws {
        let front = try await front()
        let set = try await create(front, ["externalId": "blue", "tags": [["key": "a", "value": "b"]]])
        let id = try #require(set["id"]?.string)
        #expect(id.hasPrefix("ecs-svc/"))
        let arn = JSONValue.string("arn:aws:ecs:us-east-1:000000000000:task-set/default/ext/\(id)")
        #expect(set["taskSetArn"] == arn)
        #expect(set["status"] == "ACTIVE")
        #expect(set["computedDesiredCount"] == 2)
        #expect(set["scale"] == ["value": .number(50), "unit": "PERCENT"])
        #expect(set["stabilityStatus"] == "STABILIZING")
        #expect(set["externalId"] == "blue")
        #expect(set["launchType"] == "FARGATE")
        #expect(set["platformVersion"] == "1.4.0")
        #expect(set["tags"] == [["key": "a", "value": "b"]])
        #expect(set["loadBalancers"] == [])
        for reference in [arn, .string(id)] {
            let reply = try await front.call("DescribeTaskSets", Self.naming(.null, ["taskSets": [reference]]))
            #expect(reply.json["taskSets"]?[0]?["taskSetArn"] == arn)
            #expect(reply.json["taskSets"]?[0]?["tags"] == nil)
            #expect(reply.json["failures"] == [])
        }
        #expect(try await front.call("ListTagsForResource", ["resourceArn": arn]).json["tags"] == set["tags"])
        let unscaled = try await create(front, ["scale": .null])
        #expect(unscaled["scale"]?["value"] == .number(0))
        #expect(unscaled["computedDesiredCount"] == 0)
        let event = front.store.committed().services.values().map(\.1).first?.events.first?.message
        #expect(event?.contains("subnets") == true)
    }

    @Test("a client token makes one, and another request by it is refused")
    func token() async throws {
        let front = try await front()
        let first = try await create(front, ["clientToken": "t1"])
        #expect(try await create(front, ["clientToken": "t1"])["id"] == first["id"])
        let other = try await front.call("CreateTaskSet", Self.request(["clientToken": "t1", "externalId": "x"]))
        #expect(other.code == "InvalidParameterException")
        #expect(front.store.committed().services.values().map(\.1).first?.taskSets.count == 1)
    }

    @Test("the scale changes with UpdateTaskSet, the computed count also with the service")
    func update() async throws {
        let front = try await front()
        let id = try #require(try await create(front)["id"])
        let reply = try await front.call("UpdateTaskSet", Self.naming(id, ["scale": ["value": 100]]))
        #expect(reply.json["taskSet"]?["computedDesiredCount"] == 3)
        try await front.call("UpdateService", ["service": "ext", "desiredCount": 5])
        let described = try await front.call("DescribeTaskSets", Self.naming(.null)).json["taskSets"]?[0]
        #expect(described?["computedDesiredCount"] == 5)
        for scale in [["value": 101], ["value": -1], ["unit": "PERCENT"]] as [JSONValue] {
            let refused = try await front.call("UpdateTaskSet", Self.naming(id, ["scale": scale]))
            #expect(refused.code == "InvalidParameterException")
        }
    }

    @Test("the primary one lends the service its settings until it is deleted")
    func primary() async throws {
        let front = try await front()
        let first = try #require(try await create(front)["id"])
        let second = try #require(try await create(front)["id"])
        for id in [first, second] {
            let reply = try await front.call(
                "UpdateServicePrimaryTaskSet", ["cluster": "default", "service": "ext", "primaryTaskSet": id])
            #expect(reply.json["taskSet"]?["status"] == "PRIMARY")
        }
        let service = try await front.call("DescribeServices", ["services": ["ext"]]).json["services"]?[0]
        #expect(service?["taskSets"]?.array?.compactMap { $0["status"] } == ["ACTIVE", "PRIMARY"])
        #expect(service?["taskDefinition"]?.string?.hasSuffix("task-definition/web:1") == true)
        #expect(service?["launchType"] == "FARGATE")
        #expect(service?["networkConfiguration"]?["awsvpcConfiguration"]?["subnets"] == ["subnet-1"])
        #expect(try await front.call("CreateService", Self.external).status == 200)
        let deleted = try await front.call("DeleteTaskSet", Self.naming(second, ["force": true]))
        #expect(deleted.json["taskSet"]?["status"] == "DRAINING")
        let after = try await front.call("DescribeServices", ["services": ["ext"]]).json["services"]?[0]
        #expect(after?["taskDefinition"] == nil)
    }

    @Test("one that wants tasks and has some is deleted by force only")
    func delete() async throws {
        let front = try await front()
        let id = try #require(try await create(front)["id"])
        let service = try #require(front.store.committed().services.values().map(\.1).first)
        let set = try #require(service.taskSets.first)
        try await front.put { $0.put(TaskRecord.test("a").observed(.running).of(service, set.deployment)) }
        #expect(try await front.call("DeleteTaskSet", Self.naming(id)).code == "InvalidParameterException")
        try await front.call("UpdateTaskSet", Self.naming(id, ["scale": ["value": 0]]))
        let deleted = try await front.call("DeleteTaskSet", Self.naming(id)).json["taskSet"]
        #expect(deleted?["status"] == "DRAINING")
        #expect(deleted?["computedDesiredCount"] == 0)
        let again = try await front.call("UpdateTaskSet", Self.naming(id, ["scale": ["value": 1]]))
        #expect(again.code == "TaskSetNotFoundException")
    }

    @Test("a service with one is deleted by force only, even when it wants no tasks")
    func deleteService() async throws {
        let front = try await front()
        _ = try await create(front)
        try await front.call("UpdateService", ["service": "ext", "desiredCount": 0])
        let refused = try await front.call("DeleteService", ["service": "ext"])
        #expect(refused.message == "The service cannot be stopped while deployments are active.")
        let draining = try await front.call("DeleteService", ["service": "ext", "force": true])
        #expect(draining.json["service"]?["taskSets"]?[0]?["status"] == "DRAINING")
        #expect(try await front.call("CreateTaskSet", Self.request()).code == "ServiceNotActiveException")
    }

    @Test(
        "what belongs to task sets is refused of the service",
        arguments: [
            ("taskDefinition", "web"), ("launchType", "FARGATE"), ("networkConfiguration", FrontHarness.network),
            ("platformVersion", "LATEST"),
            ("deploymentConfiguration", ["deploymentCircuitBreaker": ["enable": true, "rollback": true]]),
        ] as [(String, JSONValue)])
    func refused(member: String, value: JSONValue) async throws {
        let front = try await front()
        var request = Self.external.object ?? [:]
        request["serviceName"] = "other"
        request[member] = value
        let created = try await front.call("CreateService", .object(request))
        #expect(created.code == "InvalidParameterException")
        #expect(created.message?.contains(member) == true)
        guard member != "launchType" else { return }
        let updated = try await front.call("UpdateService", ["service": "ext", member: value])
        #expect(updated.code == "InvalidParameterException")
    }

    @Test("there are five at most, only of services with an external controller, and names that are not there")
    func limits() async throws {
        let front = try await front()
        for _ in 0..<5 { _ = try await create(front) }
        #expect(try await front.call("CreateTaskSet", Self.request()).code == "LimitExceededException")
        #expect(
            try await front.call("CreateTaskSet", Self.request(["service": "no"])).code == "ServiceNotFoundException")
        #expect(
            try await front.call("CreateTaskSet", Self.request(["cluster": "no"])).code == "ClusterNotFoundException")
        try await front.call("CreateService", ServiceTests.request())
        let rolling = try await front.call("CreateTaskSet", Self.request(["service": "web"]))
        #expect(rolling.code == "InvalidParameterException")
        for operation in ["UpdateTaskSet", "DeleteTaskSet"] {
            let reply = try await front.call(operation, Self.naming("ecs-svc/1", ["scale": ["value": 1]]))
            #expect(reply.code == "TaskSetNotFoundException")
        }
        let missing = try await front.call("DescribeTaskSets", Self.naming(.null, ["taskSets": ["ecs-svc/1"]]))
        #expect(
            missing.json["failures"] == [
                ["arn": "arn:aws:ecs:us-east-1:000000000000:task-set/default/ext/ecs-svc/1", "reason": "MISSING"]
            ])
    }
}
