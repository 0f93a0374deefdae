import Domain
import Identifiers
import JSONBytes
import StateStore
import TestKit
import Testing

@testable import Front

@Suite("Deleting task definitions")
struct DeleteTaskDefinitionsTests {
    static func delete(_ front: FrontHarness, _ references: [String]) async throws -> Reply {
        try await front.call(
            "DeleteTaskDefinitions", ["taskDefinitions": .array(references.map { .string($0) })])
    }

    @Test("begins with what was deregistered, and is shown in the status")
    func begins() async throws {
        let front = try await FrontHarness()
        try await front.demo()
        try await front.call("DeregisterTaskDefinition", ["taskDefinition": "web:1"])
        let reply = try await Self.delete(front, ["web:1"]).json
        #expect(reply["failures"] == [])
        #expect(reply["taskDefinitions"]?[0]?["status"] == "DELETE_IN_PROGRESS")
        #expect(reply["taskDefinitions"]?[0]?["deleteRequestedAt"]?.number == 1_790_000_000)
        let shown = try await front.call("DescribeTaskDefinition", ["taskDefinition": "web:1"]).json
        #expect(shown["taskDefinition"]?["status"] == "DELETE_IN_PROGRESS")
        front.time.advance(by: .seconds(10))
        let again = try await Self.delete(front, ["arn:aws:ecs:us-east-1:000000000000:task-definition/web:1"]).json
        #expect(again["taskDefinitions"]?[0]?["deleteRequestedAt"]?.number == 1_790_000_000)
        for (status, count) in [("ACTIVE", 0), ("INACTIVE", 0), ("DELETE_IN_PROGRESS", 1)] {
            let listed = try await front.call("ListTaskDefinitions", ["status": .string(status)]).json
            #expect(listed["taskDefinitionArns"]?.array?.count == count)
        }
        let run = try await front.call("RunTask", TaskTests.request(["taskDefinition": "web:1"]))
        #expect(run.code == "ClientException")
        #expect(run.message == "TaskDefinition is inactive")
    }

    @Test("says of each revision that it cannot delete why")
    func failures() async throws {
        let front = try await FrontHarness()
        try await front.demo()
        let reply = try await Self.delete(front, ["web:1", "web:2", "web", "web:x", "arn:aws:ecs:nonsense/web:1"]).json
        #expect(reply["taskDefinitions"] == [])
        let invalid: JSONValue =
            "The specified task definition identifier is invalid. Specify a valid name or ARN and try again."
        #expect(
            reply["failures"]?.array?.map { $0["reason"] } == [
                "The specified task definition is still in ACTIVE status. Please deregister the target and try again.",
                "The specified task definition does not exist. Specify a valid account, family, revision and try again.",
                invalid, invalid, invalid,
            ])
        let prefix = "arn:aws:ecs:us-east-1:000000000000:task-definition/"
        #expect(
            reply["failures"]?.array?.compactMap { $0["arn"]?.string } == [
                prefix + "web:1", prefix + "web:2", "web", "web:x", "arn:aws:ecs:nonsense/web:1",
            ])
        #expect(try await Self.delete(front, []).code == "InvalidParameterException")
        #expect(try await Self.delete(front, (0...10).map { "web:\($0)" }).code == "InvalidParameterException")
    }

    @Test("a family without revisions is listed no more, and its numbers go on")
    func family() async throws {
        let front = try await FrontHarness()
        try await front.demo()
        try await front.put { $0.delete(.taskDefinition(.test("web", 1))) }
        for status in ["ALL", "ACTIVE", "INACTIVE"] {
            let listed = try await front.call("ListTaskDefinitionFamilies", ["status": .string(status)]).json
            #expect(listed["families"] == [])
        }
        try await front.demo()
        let latest = try await front.call("DescribeTaskDefinition", ["taskDefinition": "web"]).json
        #expect(latest["taskDefinition"]?["revision"] == 2)
    }

    @Test(
        "deregistering names what is wrong",
        arguments: [
            ("web", "ClientException", "Revision is missing."),
            ("web:x", "InvalidParameterException", "Invalid revision number. Number: x"),
            ("web:9", "ClientException", "Unable to describe task definition."),
        ])
    func deregister(reference: String, code: String, message: String) async throws {
        let front = try await FrontHarness()
        try await front.demo()
        let reply = try await front.call("DeregisterTaskDefinition", ["taskDefinition": .string(reference)])
        #expect(reply.code == code)
        #expect(reply.message == message)
    }
}
