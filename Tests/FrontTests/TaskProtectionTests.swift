import Domain
import Identifiers
import JSONBytes
import StateStore
import TaskLifecycle
import TestKit
import Testing

@testable import Front

@Suite("Task protection by the API")
struct TaskProtectionTests {
    /// A service with as many tasks as asked for, and their ids; nothing reconciles it.
    static func world(desired: Int = 2, tasks count: Int = 2) async throws -> (FrontHarness, [String]) {
        let front = try await FrontHarness()
        try await front.demo()
        try await front.call(
            "CreateService",
            [
                "serviceName": "web", "taskDefinition": "web", "desiredCount": .integer(Int64(desired)),
                "launchType": "FARGATE", "networkConfiguration": FrontHarness.network,
            ])
        let state = front.store.committed()
        let service = try #require(state.services.values().first { _ in true }?.1)
        let definition = try #require(state.taskDefinitions[.test("web", 1)])
        let template = TaskTemplate(
            service: service, deployment: service.deployments[0], definition: definition)
        let tasks = newTasks(count, of: template, ids: front.ids, now: front.time.now)
        try await front.put { transaction in for task in tasks { transaction.put(task) } }
        return (front, tasks.map(\.id.id))
    }

    static func update(
        _ front: FrontHarness, _ tasks: [String], _ enabled: Bool = true, _ more: [String: JSONValue] = [:]
    ) async throws -> Reply {
        let request: [String: JSONValue] = [
            "cluster": "default", "tasks": .array(tasks.map { .string($0) }), "protectionEnabled": .boolean(enabled),
        ]
        return try await front.call("UpdateTaskProtection", .object(request.merging(more) { $1 }))
    }

    static func get(_ front: FrontHarness, _ tasks: [String]) async throws -> JSONValue {
        try await front.call(
            "GetTaskProtection", ["cluster": "default", "tasks": .array(tasks.map { .string($0) })]
        ).json
    }

    @Test("lasts two hours, or as long as asked, anew with every call, and ends by itself")
    func expiry() async throws {
        let (front, ids) = try await Self.world()
        let arn = JSONValue.string(TaskID(cluster: .test, id: ids[0]).arn)
        let start = front.time.now.milliseconds / 1000
        let first = try await Self.update(front, [ids[0]]).json
        #expect(
            first["protectedTasks"] == [
                ["taskArn": arn, "protectionEnabled": true, "expirationDate": .integer(start + 7200)]
            ])
        #expect(first["failures"] == [])
        front.time.advance(by: .seconds(60))
        _ = try await Self.update(front, [ids[0]], true, ["expiresInMinutes": 1])
        let shown = try await Self.get(front, ids)["protectedTasks"]
        #expect(shown?[0]?["expirationDate"]?.number == Double(start + 120))
        #expect(shown?[1]?["protectionEnabled"] == false)
        #expect(shown?[1]?["expirationDate"] == nil)
        front.time.advance(by: .seconds(60))
        let over = try await Self.get(front, [ids[0]])["protectedTasks"]
        #expect(over == [["taskArn": arn, "protectionEnabled": false]])
    }

    @Test("is taken away")
    func unset() async throws {
        let (front, ids) = try await Self.world()
        _ = try await Self.update(front, ids)
        let off = try await Self.update(front, [ids[1]], false).json["protectedTasks"]
        #expect(off?[0]?["protectionEnabled"] == false)
        #expect(off?[0]?["expirationDate"] == nil)
        let shown = try await Self.get(front, ids)["protectedTasks"]
        #expect(shown?.array?.map { $0["protectionEnabled"] } == [true, false])
    }

    @Test("is for live tasks of services only")
    func failures() async throws {
        let (front, ids) = try await Self.world()
        _ = try await front.host()
        let alone = try await front.call("RunTask", TaskTests.request()).json["tasks"]?[0]?["taskArn"]?.string ?? ""
        try await front.call("StopTask", ["task": .string(ids[1])])
        let reply = try await Self.update(front, [ids[0], alone, ids[1], "nope"]).json
        #expect(reply["protectedTasks"]?.array?.count == 1)
        #expect(reply["failures"]?.array?.map { $0["reason"] } == ["TASK_NOT_VALID", "MISSING", "MISSING"])
        #expect(reply["failures"]?[2]?["arn"] == .string(TaskID(cluster: .test, id: "nope").arn))
        let shown = try await Self.get(front, [alone, "nope"])
        #expect(shown["failures"]?.array?.map { $0["reason"] } == ["TASK_NOT_VALID", "MISSING"])
    }

    @Test("is refused for more tasks than the service wants, while what is protected may be prolonged")
    func blocked() async throws {
        let (front, ids) = try await Self.world(desired: 3, tasks: 3)
        _ = try await Self.update(front, [ids[0], ids[1]])
        try await front.call("UpdateService", ["service": "web", "desiredCount": 1])
        let reply = try await Self.update(front, [ids[1], ids[2]]).json
        #expect(reply["protectedTasks"]?.array?.count == 1)
        #expect(reply["failures"]?[0]?["reason"] == "DEPLOYMENT_BLOCKED")
        #expect(try await Self.get(front, [ids[2]])["protectedTasks"]?[0]?["protectionEnabled"] == false)
    }

    @Test(
        "a request out of bounds is refused",
        arguments: [
            ["expiresInMinutes": 0], ["expiresInMinutes": 2881], ["tasks": []],
            ["tasks": .array((0...10).map { .string("t\($0)") })],
        ] as [[String: JSONValue]])
    func bounds(change: [String: JSONValue]) async throws {
        let (front, ids) = try await Self.world()
        #expect(try await Self.update(front, ids, true, change).code == "InvalidParameterException")
        #expect(try await Self.get(front, ids)["protectedTasks"]?[0]?["protectionEnabled"] == false)
    }
}
