import AWSWire
import Domain
import Identifiers
import JSONBytes
import StateStore
import TestKit
import Testing

@testable import Front

@Suite("Tasks")
struct TaskTests {
    static func request(_ more: [String: JSONValue] = [:]) -> JSONValue {
        let usual: [String: JSONValue] = [
            "taskDefinition": "web", "launchType": "FARGATE", "networkConfiguration": FrontHarness.network,
        ]
        return .object(usual.merging(more) { $1 })
    }

    @Test("a task gets its host in the request and is shown as AWS shows it")
    func run() async throws {
        let front = try await FrontHarness()
        try await front.demo()
        _ = try await front.host()
        let reply = try await front.call("RunTask", Self.request(["startedBy": "ci"])).json
        #expect(reply["failures"] == [])
        let task = try #require(reply["tasks"]?[0])
        #expect(task["lastStatus"] == "PROVISIONING")
        #expect(task["desiredStatus"] == "RUNNING")
        #expect(task["launchType"] == "FARGATE")
        #expect(task["cpu"] == "256")
        #expect(task["memory"] == "512")
        #expect(task["group"] == "family:web")
        #expect(task["platformVersion"] == "1.4.0")
        #expect(task["containerInstanceArn"] == nil)
        #expect(task["overrides"] == ["containerOverrides": [["name": "app"]], "inferenceAcceleratorOverrides": []])
        #expect(task["attachments"]?[0]?["status"] == "ATTACHING")
        #expect(task["createdAt"]?.number == 1_790_000_000)
        #expect(front.store.committed().unplacedTasks.count == 0)
    }

    @Test("without capacity a managed task is a failure, not a task")
    func noCapacity() async throws {
        let front = try await FrontHarness()
        try await front.demo()
        _ = try await front.host(cpu: 300, memory: 600)
        let reply = try await front.call("RunTask", Self.request(["count": 2])).json
        #expect(reply["tasks"]?.array?.count == 1)
        #expect(reply["failures"]?[0]?["reason"] == "RESOURCE:FARGATE")
    }

    @Test("an EC2 task without any instance is refused; one that does not fit is a failure of that instance")
    func ec2() async throws {
        let front = try await FrontHarness()
        try await front.demo()
        let request = Self.request(["launchType": "EC2"])
        #expect(
            try await front.call("RunTask", request).message == "No Container Instances were found in your cluster.")
        let host = try await front.host("own", cpu: 128)
        let reply = try await front.call("RunTask", request).json
        #expect(reply["tasks"] == [])
        #expect(reply["failures"] == [["arn": .string(host.arn), "reason": "RESOURCE:CPU"]])
    }

    @Test("the same client token gives the same tasks; with other parameters it conflicts")
    func idempotent() async throws {
        let front = try await FrontHarness()
        try await front.demo()
        _ = try await front.host()
        let arns = { (reply: JSONValue) in reply["tasks"]?.array?.compactMap { $0["taskArn"] } }
        let first = try await front.call("RunTask", Self.request(["clientToken": "t1", "count": 2])).json
        let again = try await front.call("RunTask", Self.request(["clientToken": "t1", "count": 2])).json
        #expect(arns(again) == arns(first))
        #expect(front.store.committed().tasks.count == 2)
        let other = try await front.call("RunTask", Self.request(["clientToken": "t1"]))
        #expect(other.code == "ConflictException")
        #expect(other.json["resourceIds"]?.array?.count == 2)
        front.time.advance(by: RunTaskToken.lifetime + .seconds(1))
        #expect(try await front.call("RunTask", Self.request(["clientToken": "t1"])).status == 200)
    }

    struct Refusal: Sendable, CustomTestStringConvertible {
        var change: [String: JSONValue]
        var code: String
        var message: String?

        init(_ change: [String: JSONValue], _ code: String, _ message: String? = nil) {
            (self.change, self.code, self.message) = (change, code, message)
        }

        var testDescription: String { change.keys.joined(separator: ", ") }
    }

    static let refusals = [
        Refusal(["taskDefinition": "nope"], "ClientException", "TaskDefinition not found."),
        Refusal(["count": 11], "InvalidParameterException"),
        Refusal(["count": 0], "InvalidParameterException"),
        Refusal(
            ["networkConfiguration": [:]], "InvalidParameterException",
            "Network Configuration must be provided when networkMode 'awsvpc' is specified."),
        Refusal(
            ["launchType": "EXTERNAL"], "InvalidParameterException",
            "Task definition does not support launch_type EXTERNAL."),
        Refusal(
            ["overrides": ["containerOverrides": [["name": "x"]]]], "InvalidParameterException",
            "Override for container named x is not a container in the TaskDefinition."),
        Refusal(
            ["capacityProviderStrategy": [["capacityProvider": "FARGATE"]]], "InvalidParameterException",
            "Specifying both a launch type and capacity provider strategy is not supported. Remove one and try again."),
        Refusal(["placementStrategy": [["type": "random"]]], "InvalidParameterException"),
        Refusal(["group": "service:web"], "InvalidParameterException"),
        Refusal(["propagateTags": "SERVICE"], "InvalidParameterException"),
        Refusal(["platformVersion": "9"], "PlatformUnknownException", "The specified platform does not exist."),
        Refusal(["enableExecuteCommand": true], "UnsupportedFeatureException"),
        Refusal(["cluster": "nope"], "ClusterNotFoundException", "Cluster not found."),
    ]

    @Test("roles that a task overrides, and the settings of a cluster, are in the status")
    func inertSettings() async throws {
        let front = try await FrontHarness()
        try await front.call(
            "CreateCluster", ["serviceConnectDefaults": ["namespace": "internal"]])
        try await front.demo()
        _ = try await front.host()
        let role: JSONValue = "arn:aws:iam::000000000000:role/app"
        let run = try await front.call("RunTask", Self.request(["overrides": ["taskRoleArn": role]])).json
        #expect(run["failures"] == [])
        let rows = try await front.call("Berth.Status").json["accepted"]?.array ?? []
        let reasons = Dictionary(
            rows.map { ($0["setting"]?.string ?? "", $0["reason"]?.string ?? "") },
            uniquingKeysWith: { first, _ in first })
        #expect(reasons["overrides.taskRoleArn"] == "no credentials are served yet")
        #expect(reasons["serviceConnectDefaults.namespace"] == "Service Connect is not built yet")
        #expect(reasons["taskDefinition.taskRoleArn"] == nil)
    }

    /// Writes what is no JSON.
    struct Unreadable: JSONWritable {
        func write(json writer: inout JSONWriter) { writer.beginObject() }
    }

    @Test("a request that cannot be looked into is refused, not taken as harmless")
    func unreadable() {
        #expect(throws: APIFault.server()) { try AcceptedSettings.check(.task, Unreadable()) }
    }

    @Test("a second stop writes nothing")
    func stopTwice() async throws {
        let front = try await FrontHarness()
        try await front.demo()
        _ = try await front.host()
        let tags: JSONValue = [["key": "team", "value": "a"]]
        let run = try await front.call("RunTask", Self.request(["tags": tags])).json
        let arn = run["tasks"]?[0]?["taskArn"] ?? .null
        let stop = { try await front.call("StopTask", ["task": arn, "reason": "enough"]).json["task"] }
        #expect(try await stop()?["tags"] == [])
        let revision = front.store.committed().revision
        #expect(try await stop()?["stoppedReason"] == "enough")
        #expect(front.store.committed().revision == revision)
    }

    @Test("a task that ended by itself keeps its tags when it is asked to stop")
    func stopEnded() async throws {
        let front = try await FrontHarness()
        try await front.demo()
        try await front.put { transaction in
            var task = TaskRecord.test("a").observed(.stopped)
            task.tags = [KeyValue(key: "team", value: "a")]
            transaction.put(task)
        }
        try await front.call("StopTask", ["task": "a"])
        #expect(front.store.committed().tasks[TaskID(cluster: .test, id: "a")]?.tags.count == 1)
    }

    @Test("a strategy divides the tasks of a call by base and weight")
    func strategies() async throws {
        let front = try await FrontHarness()
        try await front.call("CreateCluster", ["capacityProviders": ["FARGATE", "FARGATE_SPOT"]])
        try await front.demo()
        _ = try await front.host()
        var request = Self.request().object ?? [:]
        request["launchType"] = nil
        request["capacityProviderStrategy"] = [["capacityProvider": "FARGATE_SPOT", "weight": 7]]
        let one = try await front.call("RunTask", .object(request)).json
        #expect(one["tasks"]?[0]?["capacityProviderName"] == "FARGATE_SPOT")
        request["capacityProviderStrategy"] = [
            ["capacityProvider": "FARGATE", "weight": 1], ["capacityProvider": "FARGATE_SPOT", "weight": 1],
        ]
        request["count"] = 4
        let several = try await front.call("RunTask", .object(request)).json
        let names = several["tasks"]?.array?.compactMap { $0["capacityProviderName"]?.string } ?? []
        #expect(names.sorted() == ["FARGATE", "FARGATE", "FARGATE_SPOT", "FARGATE_SPOT"])
    }

    @Test("senseless requests are refused in ECS's words", arguments: refusals)
    func refused(refusal: Refusal) async throws {
        let front = try await FrontHarness()
        try await front.demo()
        _ = try await front.host()
        let reply = try await front.call("RunTask", Self.request(refusal.change))
        #expect(reply.code == refusal.code)
        if let message = refusal.message { #expect(reply.message == message) }
        #expect(front.store.committed().tasks.count == 0)
    }

    @Test("a report of the node makes it RUNNING, a stop shows at once, the node's STOPPED ends it")
    func lifecycle() async throws {
        let front = try await FrontHarness()
        try await front.demo()
        let host = try await front.host()
        let arn = try await front.call("RunTask", Self.request()).json["tasks"]?[0]?["taskArn"] ?? .null
        let attachment = front.store.committed().tasks.values().first { _ in true }?.1.attachmentID ?? ""
        let attached: JSONValue = [
            "attachmentArn": .string("arn:aws:ecs:us-east-1:000000000000:attachment/\(attachment)"),
            "status": "ATTACHED",
        ]
        let interface: JSONValue = ["address": "10.99.0.2", "macAddress": "02:00:00:00:00:01"]
        try await front.call(
            "SubmitTaskStateChange",
            ["task": arn, "attachments": [attached], "berth": ["version": 1, "interface": interface]], as: host.key)
        let running: JSONValue = ["containerName": "app", "status": "RUNNING", "runtimeId": "r1"]
        try await front.call(
            "SubmitTaskStateChange", ["task": arn, "status": "RUNNING", "reason": "", "containers": [running]],
            as: host.key)
        var task = try await front.call("DescribeTasks", ["tasks": [arn]]).json["tasks"]?[0]
        #expect(task?["lastStatus"] == "RUNNING")
        #expect(task?["containers"]?[0]?["lastStatus"] == "RUNNING")
        #expect(task?["containers"]?[0]?["networkInterfaces"]?[0]?["privateIpv4Address"] == "10.99.0.2")
        #expect(task?["attachments"]?[0]?["status"] == "ATTACHED")
        #expect(task?["connectivity"] == "CONNECTED")
        #expect(try await front.call("ListTasks").json["taskArns"] == [arn])
        let stop = try await front.call("StopTask", ["task": arn, "reason": "enough"]).json["task"]
        #expect(stop?["desiredStatus"] == "STOPPED")
        #expect(stop?["lastStatus"] == "STOPPING")
        #expect(stop?["stopCode"] == "UserInitiated")
        #expect(stop?["stoppedReason"] == "enough")
        let stopped: JSONValue = ["containerName": "app", "status": "STOPPED", "exitCode": 143]
        try await front.call(
            "SubmitTaskStateChange", ["task": arn, "status": "STOPPED", "containers": [stopped]], as: host.key)
        task = try await front.call("DescribeTasks", ["tasks": [arn]]).json["tasks"]?[0]
        #expect(task?["lastStatus"] == "STOPPED")
        #expect(task?["containers"]?[0]?["exitCode"] == 143)
        #expect(try await front.call("ListTasks").json["taskArns"] == [])
        #expect(try await front.call("ListTasks", ["desiredStatus": "STOPPED"]).json["taskArns"] == [arn])
    }

    @Test("lists filter by family, starter and launch type, and startedBy stands alone")
    func filters() async throws {
        let front = try await FrontHarness()
        try await front.demo()
        _ = try await front.host()
        try await front.call("RunTask", Self.request(["startedBy": "ci"]))
        try await front.call("RunTask", Self.request())
        let count = { (request: JSONValue) in
            try await front.call("ListTasks", request).json["taskArns"]?.array?.count
        }
        #expect(try await count(["startedBy": "ci"]) == 1)
        #expect(try await count(["family": "web"]) == 2)
        #expect(try await count(["family": "we"]) == 0)
        #expect(try await count(["launchType": "EC2"]) == 0)
        #expect(try await count(["desiredStatus": "PENDING"]) == 0)
        #expect(
            try await front.call("ListTasks", ["startedBy": "ci", "family": "web"]).code == "InvalidParameterException")
        #expect(try await front.call("ListTasks", ["serviceName": "x"]).code == "ServiceNotFoundException")
    }

    @Test("an unknown task is missing in a description and not found in a stop")
    func unknown() async throws {
        let front = try await FrontHarness()
        try await front.call("CreateCluster")
        let reply = try await front.call("DescribeTasks", ["tasks": ["abc"]]).json
        #expect(reply["tasks"] == [])
        #expect(
            reply["failures"] == [
                ["arn": "arn:aws:ecs:us-east-1:000000000000:task/default/abc", "reason": "MISSING"]
            ])
        #expect(try await front.call("StopTask", ["task": "abc"]).message == "The referenced task was not found.")
    }
}
