import Domain
import ECSShapes
import Identifiers
import JSONBytes
import StateStore
import TestKit
import Testing
import Validation

@testable import Front

@Suite("Task definitions")
struct TaskDefinitionTests {
    /// Registered again, what was answered gives the same answer: nothing is lost or changed by a round trip.
    @Test("a random definition is refused with a named field, or normalises to itself", arguments: 0..<40)
    func roundTrip(block: Int) throws {
        var accepted = 0
        for seed in UInt64(block) * 50..<UInt64(block) * 50 + 50 {
            var random = RandomDefinition(seed: seed)
            let request = try Self.decoded(random.registration())
            do throws(ValidationFault) {
                let definition = try TaskDefinition(validating: request)
                accepted += 1
                let answer = Self.answer(definition)
                let again = try TaskDefinition(validating: Self.decodedAgain(answer))
                #expect(again == definition, "seed \(seed)")
                #expect(Self.answer(again).jsonBytes() == answer.jsonBytes(), "seed \(seed)")
            } catch {
                #expect(error.message.contains("'") || error.message.contains(where: \.isUppercase), "seed \(seed)")
                #expect(!error.message.isEmpty && error.message.utf8.count < 1000, "seed \(seed)")
            }
        }
        #expect(accepted > 0, "block \(block) accepted nothing: the generator is too wild")
    }

    private static func answer(_ definition: TaskDefinition) -> ECSShapes.TaskDefinition {
        let family = FamilyID(scope: .test, name: "web")
        return ECSShapes.TaskDefinition(
            TaskDefinitionRecord(
                id: TaskDefinitionID(family: family, revision: 1), definition: definition, registeredAt: .test(),
                registeredBy: "arn:aws:iam::1:root"))
    }

    private static func decoded(_ value: JSONValue) throws -> ECSShapes.RegisterTaskDefinitionRequest {
        var reader = JSONReader(value.jsonBytes())
        return try ECSShapes.RegisterTaskDefinitionRequest(json: &reader)
    }

    private static func decodedAgain(
        _ answer: ECSShapes.TaskDefinition
    ) throws(ValidationFault) -> ECSShapes.RegisterTaskDefinitionRequest {
        do {
            var reader = JSONReader(answer.jsonBytes())
            return try ECSShapes.RegisterTaskDefinitionRequest(json: &reader)
        } catch {
            throw ValidationFault(.client, "what was answered cannot be read: \(error)")
        }
    }

    @Test("registering answers the definition with tags beside it, and counts revisions")
    func registers() async throws {
        let front = try await FrontHarness()
        let request: JSONValue = [
            "family": "web", "tags": [["key": "team", "value": "a"]],
            "containerDefinitions": [["name": "app", "image": "i", "memory": 64]],
        ]
        let first = try await front.call("RegisterTaskDefinition", request).json
        let second = try await front.call("RegisterTaskDefinition", request).json
        #expect(first["taskDefinition"]?["revision"]?.integer == 1)
        #expect(second["taskDefinition"]?["revision"]?.integer == 2)
        #expect(first["tags"]?[0]?["key"]?.string == "team")
        #expect(first["taskDefinition"]?["tags"] == nil)
        let container = try #require(first["taskDefinition"]?["containerDefinitions"]?[0])
        #expect(container["cpu"]?.integer == 0 && container["essential"]?.boolean == true)
        for list in ["portMappings", "environment", "mountPoints", "volumesFrom", "systemControls"] {
            #expect(container[list]?.array == [], "\(list)")
        }
        for absent in ["links", "secrets", "healthCheck", "linuxParameters", "logConfiguration", "command"] {
            #expect(container[absent] == nil, "\(absent)")
        }
        let definition = try #require(first["taskDefinition"])
        #expect(definition["volumes"]?.array == [] && definition["placementConstraints"]?.array == [])
        #expect(definition["networkMode"] == nil && definition["requiresCompatibilities"] == nil)
        #expect(definition["compatibilities"]?.array == ["EXTERNAL", "EC2"])
        #expect(definition["status"]?.string == "ACTIVE")
    }

    @Test("of the options of json-file, those are reported that nothing acts on")
    func logOptions() throws {
        let log: JSONValue = ["logDriver": "json-file", "options": ["max-size": "1m", "tag": "x"]]
        let definition: JSONValue = ["containerDefinitions": [["name": "a", "logConfiguration": log]]]
        let inert = AcceptedSettings.all.filter { $0.subject == .taskDefinition && $0.isUsed(in: definition) }
        #expect(inert.map(\.path) == ["containerDefinitions[].logConfiguration.options.tag"])
    }

    @Test("a placement constraint that is no query is refused and makes no revision")
    func constraint() async throws {
        let front = try await FrontHarness()
        let reply = try await front.call(
            "RegisterTaskDefinition",
            [
                "family": "web", "containerDefinitions": [["name": "app", "image": "i", "memory": 64]],
                "placementConstraints": [["type": "memberOf", "expression": "attribute:a =="]],
            ])
        #expect(reply.code == "ClientException")
        #expect(reply.message?.contains("placementConstraints") == true)
        #expect(front.store.committed().families[FamilyID(scope: .test, name: "web")] == nil)
    }

    @Test("describing and deregistering say what is missing in ECS's words")
    func words() async throws {
        let front = try await FrontHarness()
        try await front.demo()
        for (operation, name, code, message) in [
            ("DescribeTaskDefinition", "nobody", "ClientException", "Unable to describe task definition."),
            ("DescribeTaskDefinition", "web:9", "ClientException", "Unable to describe task definition."),
            ("DeregisterTaskDefinition", "web", "ClientException", "Revision is missing."),
            (
                "DeregisterTaskDefinition", "web:foo", "InvalidParameterException",
                "Invalid revision number. Number: foo"
            ),
            ("DeregisterTaskDefinition", "web:9", "ClientException", "Unable to describe task definition."),
        ] {
            let reply = try await front.call(operation, ["taskDefinition": .string(name)])
            #expect(reply.code == code && reply.message == message, "\(operation) \(name): \(reply.json)")
        }
        let gone = try await front.call("DeregisterTaskDefinition", ["taskDefinition": "web:1"]).json
        #expect(gone["taskDefinition"]?["status"]?.string == "INACTIVE")
        #expect(gone["taskDefinition"]?["deregisteredAt"] != nil)
        let shown = try await front.call("DescribeTaskDefinition", ["taskDefinition": "web:1"]).json
        #expect(shown["taskDefinition"]?["status"]?.string == "INACTIVE")
    }
}
