import Domain
import Identifiers
import JSONBytes
import StateStore
import TestKit
import Testing

@testable import Front

@Suite("Strategies of deployments")
struct DeploymentStrategyTests {
    private static let pause: JSONValue = ["targetType": "PAUSE", "lifecycleStages": ["POST_SCALE_UP"]]

    private static func pausing(at stages: [JSONValue]) -> JSONValue {
        [
            "strategy": "BLUE_GREEN", "bakeTimeInMinutes": 0,
            "lifecycleHooks": [["targetType": "PAUSE", "lifecycleStages": .array(stages)]],
        ]
    }

    private func front(_ configuration: JSONValue? = nil) async throws -> FrontHarness {
        let front = try await FrontHarness()
        try await front.demo()
        guard let configuration else { return front }
        let reply = try await front.call(
            "CreateService", ServiceTests.request(["deploymentConfiguration": configuration]))
        try #require(reply.status == 200, "\(reply.json)")
        return front
    }

    private func configuration(_ front: FrontHarness) async throws -> JSONValue? {
        try await front.call("DescribeServices", ["services": ["web"]]).json["services"]?[0]?["deploymentConfiguration"]
    }

    @Test("are kept and shown as they were named, and leave with what belongs to them")
    func kept() async throws {
        let front = try await front(["strategy": "BLUE_GREEN", "bakeTimeInMinutes": 7, "lifecycleHooks": [Self.pause]])
        let shown = try #require(try await configuration(front))
        #expect(shown["strategy"] == "BLUE_GREEN" && shown["bakeTimeInMinutes"] == 7)
        #expect(shown["lifecycleHooks"] == [Self.pause])
        try await front.call("UpdateService", ["service": "web", "deploymentConfiguration": ["maximumPercent": 150]])
        #expect(try await configuration(front)?["strategy"] == "BLUE_GREEN")
        #expect(try await configuration(front)?["lifecycleHooks"] == [Self.pause])
        try await front.call("UpdateService", ["service": "web", "deploymentConfiguration": ["strategy": "ROLLING"]])
        let rolling = try #require(try await configuration(front))
        #expect(rolling["strategy"] == "ROLLING" && rolling["bakeTimeInMinutes"] == 0)
        #expect(rolling["lifecycleHooks"] == nil)
    }

    @Test(
        "that make no sense, or that nothing carries out, are refused",
        arguments: [
            (["strategy": "BLUE_GREEN"], "InvalidParameterException", "bakeTimeInMinutes must be specified"),
            (["strategy": "BLUE_GREEN", "bakeTimeInMinutes": 1441], "InvalidParameterException", "0 and 1440"),
            (["strategy": "LINEAR"], "InvalidParameterException", "LINEAR needs a load balancer"),
            (["strategy": "CANARY"], "InvalidParameterException", "CANARY needs a load balancer"),
            (
                ["strategy": "LINEAR", "linearConfiguration": ["stepPercent": 2.9]], "InvalidParameterException",
                "multiple of 0.1 from 3.0 to 100.0, got 2.9"
            ),
            (
                ["strategy": "CANARY", "canaryConfiguration": ["canaryPercent": 0.55]], "InvalidParameterException",
                "multiple of 0.1 from 0.1 to 100.0, got 0.55"
            ),
            (
                ["linearConfiguration": ["stepPercent": 10]], "InvalidParameterException",
                "only be specified with the LINEAR"
            ),
            (["canaryConfiguration": ["canaryPercent": 10]], "InvalidParameterException", "with the CANARY strategy"),
            (["bakeTimeInMinutes": 5], "UnsupportedFeatureException", "follows from its alarms"),
            (["lifecycleHooks": [pause]], "UnsupportedFeatureException", "no stages to wait at"),
            (
                [
                    "strategy": "BLUE_GREEN", "bakeTimeInMinutes": 0,
                    "lifecycleHooks": [["lifecycleStages": ["PRE_SCALE_UP"]]],
                ], "UnsupportedFeatureException", "there are no Lambda functions to invoke"
            ),
            (
                ["strategy": "BLUE_GREEN", "bakeTimeInMinutes": 0, "lifecycleHooks": [["targetType": "PAUSE"]]],
                "InvalidParameterException", "lifecycleStages cannot be empty"
            ),
            (
                pausing(at: ["POST_SCALE_UP", "TEST_TRAFFIC_SHIFT"]), "InvalidParameterException",
                "lifecycleStages can not have 'TEST_TRAFFIC_SHIFT' for a hook of the type PAUSE"
            ),
            (
                pausing(at: ["PRODUCTION_TRAFFIC_SHIFT"]), "InvalidParameterException",
                "lifecycleStages can not have 'PRODUCTION_TRAFFIC_SHIFT' for a hook of the type PAUSE"
            ),
            (
                [
                    "strategy": "BLUE_GREEN", "bakeTimeInMinutes": 0,
                    "lifecycleHooks": .array(Array(repeating: pause, count: 11)),
                ], "InvalidParameterException", "lifecycleHooks can not have more than 10 elements"
            ),
        ] as [(JSONValue, String, String)])
    func refused(configuration: JSONValue, code: String, message: String) async throws {
        let front = try await front()
        let reply = try await front.call(
            "CreateService", ServiceTests.request(["deploymentConfiguration": configuration]))
        #expect(reply.code == code)
        #expect(reply.json["message"]?.string?.contains(message) == true, "\(reply.json)")
        #expect(front.store.committed().services.count == 0)
    }

    @Test("a hook that waits takes one word; others are refused")
    func answers() async throws {
        let front = try await front(["strategy": "BLUE_GREEN", "bakeTimeInMinutes": 0, "lifecycleHooks": [Self.pause]])
        let hook = LifecycleHook(stages: [.postScaleUp])
        let run = LifecycleHookRun(id: "hook", stage: .postScaleUp, of: hook, at: .test())
        try await front.put { transaction in
            for (_, record) in transaction.state.serviceDeployments.values() {
                var record = record
                record.status = .inProgress
                record.stage = .postScaleUp
                record.hooks = [run]
                transaction.put(record)
            }
        }
        let listed = try await front.call("ListServiceDeployments", ["service": "web"]).json["serviceDeployments"]
        let arn = try #require(listed?[0]?["serviceDeploymentArn"])
        let described = try await front.call("DescribeServiceDeployments", ["serviceDeploymentArns": [arn]])
        let deployment = try #require(described.json["serviceDeployments"]?[0])
        #expect(deployment["lifecycleStage"] == "POST_SCALE_UP")
        let detail = try #require(deployment["lifecycleHookDetails"]?[0])
        #expect(detail["hookId"] == "hook" && detail["status"] == "AWAITING_ACTION")
        #expect(detail["targetType"] == "PAUSE" && detail["timeoutAction"] == "ROLLBACK")
        let other = try await front.call(
            "ContinueServiceDeployment", ["serviceDeploymentArn": arn, "hookId": "another"])
        #expect(other.code == "InvalidParameterException")
        for action: JSONValue in ["ROLLBACK", "CONTINUE"] {
            let reply = try await front.call(
                "ContinueServiceDeployment", ["serviceDeploymentArn": arn, "hookId": "hook", "action": action])
            #expect(reply.json["serviceDeploymentArn"] == arn)
        }
        let stored = front.store.committed().serviceDeployments.values().map(\.1)
        #expect(stored.map(\.hookAnswers) == [[LifecycleHookAnswer(hook: "hook", action: .rollBack)]])
    }
}
