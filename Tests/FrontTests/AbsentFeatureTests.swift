import Domain
import JSONBytes
import StateStore
import TestKit
import Testing

@testable import Front

@Suite("Operations whose feature is not there")
struct AbsentFeatureTests {
    @Test(
        "no namespace exists, and a bad name is told apart",
        arguments: [
            ("internal", "NamespaceNotFoundException"), ("a/b", "InvalidParameterException"),
            ("<x>", "InvalidParameterException"),
            ("arn:aws:servicediscovery:us-east-1:000000000000:namespace/ns-1", "NamespaceNotFoundException"),
        ])
    func namespaces(name: String, code: String) async throws {
        let front = try await FrontHarness()
        let reply = try await front.call("ListServicesByNamespace", ["namespace": .string(name)])
        #expect(reply.code == code)
        #expect(reply.message?.contains(name) == true)
        let page = try await front.call(
            "ListServicesByNamespace", ["namespace": .string(name), "maxResults": 101])
        #expect(page.code == "InvalidParameterException")
    }

    @Test("no agent is handed out")
    func agents() async throws {
        let front = try await FrontHarness()
        let host = try await front.host("own")
        let update = { (arn: String) async throws in
            try await front.call("UpdateContainerAgent", ["containerInstance": .string(arn)])
        }
        #expect(try await update(host.arn).code == "MissingVersionException")
        var registration = FrontHarness.registration()
        if case .object(var members) = registration {
            members["versionInfo"] = ["agentVersion": "1.0.0", "agentHash": "abc", "dockerVersion": "containerd"]
            registration = .object(members)
        }
        try await front.call("RegisterContainerInstance", registration, as: host.key)
        let none = try await update(host.id)
        #expect(none.code == "NoUpdateAvailableException")
        #expect(none.message == "There is no update available for your container agent.")
        #expect(try await update("nope").code == "InvalidParameterException")
    }

    @Test("a command needs a task that was started for it, and a connection that there is none of yet")
    func commands() async throws {
        let front = try await FrontHarness()
        try await front.demo()
        _ = try await front.host()
        let arn = try await front.call("RunTask", TaskTests.request()).json["tasks"]?[0]?["taskArn"] ?? .null
        let execute = { (change: [String: JSONValue]) async throws in
            let usual: [String: JSONValue] = ["task": arn, "command": "/bin/sh", "interactive": true]
            return try await front.call("ExecuteCommand", .object(usual.merging(change) { $1 }))
        }
        let disabled = try await execute([:])
        #expect(disabled.code == "InvalidParameterException")
        #expect(
            disabled.message?.hasPrefix("The execute command failed because execute command was not enabled") == true)
        let changes: [[String: JSONValue]] = [
            ["interactive": false], ["command": ""], ["container": "nope"], ["task": "nope"],
        ]
        for change in changes {
            let reply = try await execute(change)
            #expect(reply.code == "InvalidParameterException")
            #expect(reply.message?.hasPrefix("The execute command failed") == false)
        }
        #expect(try await execute(["cluster": "nope"]).code == "ClusterNotFoundException")
        try await front.put { transaction in
            for (_, task) in transaction.state.tasks.values() {
                var enabled = task.observed(.running)
                enabled.enableExecuteCommand = true
                transaction.put(enabled)
            }
        }
        #expect(try await execute(["container": "app"]).code == "TargetNotConnectedException")
    }
}
