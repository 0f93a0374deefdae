import Domain
import Identifiers
import JSONBytes
import StateStore
import TestKit
import Testing

@testable import Front

@Suite("Services")
struct ServiceTests {
    static func request(_ more: [String: JSONValue] = [:]) -> JSONValue {
        let usual: [String: JSONValue] = [
            "serviceName": "web", "taskDefinition": "web", "desiredCount": 2, "launchType": "FARGATE",
            "networkConfiguration": FrontHarness.network,
        ]
        return .object(usual.merging(more) { $1 })
    }

    private func front(_ request: JSONValue? = request()) async throws -> FrontHarness {
        let front = try await FrontHarness()
        try await front.demo()
        if let request {
            let reply = try await front.call("CreateService", request)
            try #require(reply.status == 200, "\(reply.json)")
        }
        return front
    }

    @Test("a new service has one deployment in progress and reports what has no effect")
    func create() async throws {
        let front = try await front(nil)
        let service = try #require(try await front.call("CreateService", Self.request()).json["service"])
        #expect(service["serviceArn"] == "arn:aws:ecs:us-east-1:000000000000:service/default/web")
        #expect(service["status"] == "ACTIVE")
        #expect(service["desiredCount"] == 2)
        #expect(service["launchType"] == "FARGATE")
        #expect(service["capacityProviderStrategy"] == nil)
        #expect(service["loadBalancers"] == [])
        #expect(service["propagateTags"] == "NONE")
        let deployment = try #require(service["deployments"]?[0])
        #expect(deployment["status"] == "PRIMARY")
        #expect(deployment["rolloutState"] == "IN_PROGRESS")
        #expect(deployment["id"]?.string?.hasPrefix("ecs-svc/") == true)
        #expect(service["events"]?[0]?["message"]?.string?.contains("no effect") == true)
        let accepted = try await front.call("Berth.Status").json["accepted"]?.array
        #expect(accepted?.first?["resource"] == "service web")
    }

    static let inert: JSONValue = [
        "family": "inert", "networkMode": "awsvpc", "cpu": "256", "memory": "512",
        "requiresCompatibilities": ["FARGATE"], "taskRoleArn": "arn:aws:iam::000000000000:role/app",
        "executionRoleArn": "arn:aws:iam::000000000000:role/run", "ephemeralStorage": ["sizeInGiB": 30],
        "containerDefinitions": [
            [
                "name": "app", "image": "demo", "dockerLabels": ["a": "b"], "versionConsistency": "enabled",
                "portMappings": [["containerPort": 80, "name": "web", "appProtocol": "http"]],
                "logConfiguration": [
                    "logDriver": "awslogs",
                    "options": [
                        "awslogs-group": "g", "awslogs-region": "us-east-1", "awslogs-stream-prefix": "p",
                    ],
                ],
            ]
        ],
    ]

    static let inertNames = [
        "taskDefinition.taskRoleArn", "taskDefinition.executionRoleArn", "taskDefinition.ephemeralStorage",
        "taskDefinition.containerDefinitions[].logConfiguration.logDriver",
        "taskDefinition.containerDefinitions[].versionConsistency",
        "taskDefinition.containerDefinitions[].portMappings[].appProtocol",
        "taskDefinition.containerDefinitions[].portMappings[].name",
    ]

    @Test("what its task definition asks for without effect is in its events and in the status")
    func inertDefinition() async throws {
        let front = try await front(nil)
        let registered = try await front.call("RegisterTaskDefinition", Self.inert)
        try #require(registered.status == 200, "\(registered.json)")
        let service = try await front.call("CreateService", Self.request(["taskDefinition": "inert"])).json["service"]
        let event = service?["events"]?[0]?["message"]?.string ?? ""
        for name in Self.inertNames { #expect(event.contains(name)) }
        #expect(event.contains("output is kept on the host: berth logs TASK"))
        let accepted = try await front.call("Berth.Status").json["accepted"]?.array ?? []
        #expect(Self.inertNames.allSatisfy { name in accepted.contains { $0["setting"] == .string(name) } })
        let other = try await front.call("CreateService", Self.request(["serviceName": "other"]))
        #expect(other.json["service"]?["events"]?[0]?["message"]?.string?.contains("taskRoleArn") == false)
        let updated = try await front.call("UpdateService", ["service": "other", "taskDefinition": "inert"])
        #expect(updated.json["service"]?["events"]?[0]?["message"]?.string?.contains("no credentials") == true)
    }

    @Test("zone rebalancing ends with an update that makes it impossible, and is not asked for again in vain")
    func rebalancingEnds() async throws {
        let front = try await front()
        let shown = { () async throws -> String? in
            let services = try await front.call("DescribeServices", ["services": ["web"]]).json["services"]
            return services?[0]?["availabilityZoneRebalancing"]?.string
        }
        #expect(try await shown() == "ENABLED")
        let narrow: JSONValue = ["maximumPercent": 100, "minimumHealthyPercent": 0]
        let refused = try await front.call(
            "UpdateService",
            ["service": "web", "deploymentConfiguration": narrow, "availabilityZoneRebalancing": "ENABLED"])
        #expect(refused.code == "InvalidParameterException")
        #expect(try await shown() == "ENABLED")
        try await front.call("UpdateService", ["service": "web", "deploymentConfiguration": narrow])
        #expect(try await shown() == "DISABLED")
    }

    @Test("alarms are kept and shown as they were named, on or off")
    func alarms() async throws {
        let front = try await front(nil)
        let off: JSONValue = ["alarmNames": ["high"], "rollback": true, "enable": false]
        let on: JSONValue = ["alarmNames": ["high"], "rollback": true, "enable": true]
        let watched = try await front.call(
            "CreateService", Self.request(["serviceName": "watched", "deploymentConfiguration": ["alarms": on]]))
        #expect(watched.json["service"]?["deploymentConfiguration"]?["alarms"] == on)
        let told = watched.json["service"]?["events"]?.array ?? []
        #expect(!told.contains { $0["message"]?.string?.contains("alarms") == true })
        let created = try await front.call("CreateService", Self.request(["deploymentConfiguration": ["alarms": off]]))
        #expect(created.json["service"]?["deploymentConfiguration"]?["alarms"] == off)

        let shown = { () async throws -> JSONValue? in
            let services = try await front.call("DescribeServices", ["services": ["web"]]).json["services"]
            return services?[0]?["deploymentConfiguration"]?["alarms"]
        }
        try await front.call(
            "UpdateService", ["service": "web", "deploymentConfiguration": ["minimumHealthyPercent": 50]])
        #expect(try await shown() == off)
        let deployments = try await front.call("ListServiceDeployments", ["service": "web"]).json["serviceDeployments"]
        let deployment = try await front.call(
            "DescribeServiceDeployments",
            ["serviceDeploymentArns": [deployments?[0]?["serviceDeploymentArn"] ?? .null]]
        ).json["serviceDeployments"]?[0]
        #expect(deployment?["deploymentConfiguration"]?["alarms"] == off)
        #expect(deployment?["alarms"] == ["status": "DISABLED", "alarmNames": ["high"]])

        let none: JSONValue = ["alarmNames": [], "rollback": false, "enable": false]
        try await front.call("UpdateService", ["service": "web", "deploymentConfiguration": ["alarms": none]])
        #expect(try await shown() == none)
        try await front.call("CreateService", Self.request(["serviceName": "plain"]))
        let plain = try await front.call("DescribeServices", ["services": ["plain"]]).json["services"]?[0]
        #expect(plain?["deploymentConfiguration"]?.object?["alarms"] == nil)
    }

    @Test("the desired count changes with its cause: an update unsettles the service, a deletion drains it")
    func desiring() {
        var service = ServiceRecord.test(desired: 2)
        service.isSteady = true
        #expect(service.desiring(.update(count: 2)) == service)
        let scaled = service.desiring(.update(count: 3))
        #expect(scaled.desiredCount == 3)
        #expect(!scaled.isSteady)
        let gone = service.desiring(.deletion)
        #expect(gone.desiredCount == 0)
        #expect(gone.status == .draining)
    }

    @Test("creating it again with the same members gives the same, with others it is refused")
    func idempotent() async throws {
        let front = try await front()
        let again = try await front.call("CreateService", Self.request())
        #expect(again.status == 200)
        #expect(front.store.committed().services.count == 1)
        let other = try await front.call("CreateService", Self.request(["desiredCount": 3]))
        #expect(other.message == "Creation of service was not idempotent.")
    }

    @Test("a retry by its client token finds the service whatever updates came between; another request does not")
    func clientToken() async throws {
        let front = try await front(Self.request(["clientToken": "t1"]))
        try await front.call("UpdateService", ["service": "web", "desiredCount": 7])
        let again = try await front.call("CreateService", Self.request(["clientToken": "t1"]))
        #expect(again.json["service"]?["desiredCount"] == 7)
        for token in ["t1", "t2"] as [JSONValue] {
            let other = try await front.call("CreateService", Self.request(["clientToken": token, "desiredCount": 4]))
            #expect(other.message == "Creation of service was not idempotent.")
        }
        let same = try await front.call(
            "CreateService", Self.request(["clientToken": "t2", "desiredCount": 7]))
        #expect(same.status == 200)
    }

    @Test("a service that rolls out still is deleted once the tasks of its old deployments are gone")
    func deleteWhileRolling() async throws {
        let front = try await front()
        let service = try #require(front.store.committed().services.values().map(\.1).first)
        let old = try #require(service.primary)
        try await front.put { $0.put(TaskRecord.test("old").observed(.running).of(service, old)) }
        try await front.call("UpdateService", ["service": "web", "desiredCount": 0, "forceNewDeployment": true])
        let refused = try await front.call("DeleteService", ["service": "web"])
        #expect(refused.message == "The service cannot be stopped while deployments are active.")
        try await front.put { transaction in
            guard var task = transaction.state.tasks.values().map(\.1).first else { return }
            task.verdict.stop = StopRequest(code: .serviceSchedulerInitiated, reason: "", at: .test())
            transaction.put(task)
        }
        #expect(try await front.call("DeleteService", ["service": "web"]).status == 200)
    }

    static let rebalancing: [(JSONValue, JSONValue, String?)] = [
        (.null, .null, "ENABLED"), (.null, "DISABLED", "DISABLED"), (.null, "ENABLED", "ENABLED"),
        (["maximumPercent": 100, "minimumHealthyPercent": 0], .null, "DISABLED"),
        (["maximumPercent": 100, "minimumHealthyPercent": 0], "ENABLED", nil),
    ]

    @Test("zones are balanced wherever that is possible, unless the caller says no", arguments: rebalancing)
    func zones(configuration: JSONValue, asked: JSONValue, shown: String?) async throws {
        let front = try await front(nil)
        let reply = try await front.call(
            "CreateService",
            Self.request(["deploymentConfiguration": configuration, "availabilityZoneRebalancing": asked]))
        #expect(reply.json["service"]?["availabilityZoneRebalancing"]?.string == shown)
        #expect((reply.code == "InvalidParameterException") == (shown == nil))
    }

    @Test("an emptied strategy falls back to the launch type that the service was made with, if it was")
    func emptiedStrategy() async throws {
        let front = try await FrontHarness()
        try await front.call("CreateCluster", ["capacityProviders": ["FARGATE"]])
        try await front.demo()
        try await front.call("CreateService", Self.request())
        let strategy: JSONValue = [["capacityProvider": "FARGATE", "weight": 1]]
        let update = { (name: JSONValue, strategy: JSONValue) in
            try await front.call(
                "UpdateService",
                ["service": name, "capacityProviderStrategy": strategy, "forceNewDeployment": true])
        }
        let switched = try await update("web", strategy).json["service"]
        #expect(switched?["launchType"] == nil)
        #expect(switched?["capacityProviderStrategy"]?[0]?["capacityProvider"] == "FARGATE")
        let back = try await update("web", []).json["service"]
        #expect(back?["launchType"] == "FARGATE")
        #expect(back?["capacityProviderStrategy"] == nil)
        try await front.call(
            "CreateService",
            Self.request(["serviceName": "other", "launchType": .null, "capacityProviderStrategy": strategy]))
        let refused = try await update("other", [])
        #expect(refused.code == "InvalidParameterException")
        #expect(refused.message?.hasPrefix("No launch type to fall back to") == true)
    }

    @Test("a change of the desired count begins no deployment, a new definition and force do")
    func update() async throws {
        let front = try await front()
        let deployments = { (reply: Reply) in reply.json["service"]?["deployments"]?.array ?? [] }
        let scaled = try await front.call("UpdateService", ["service": "web", "desiredCount": 5])
        #expect(scaled.json["service"]?["desiredCount"] == 5)
        #expect(deployments(scaled).count == 1)
        let forced = try await front.call("UpdateService", ["service": "web", "forceNewDeployment": true])
        #expect(deployments(forced).compactMap { $0["status"] } == ["PRIMARY", "ACTIVE"])
        try await front.demo()
        let changed = try await front.call("UpdateService", ["service": "web", "taskDefinition": "web"])
        #expect(changed.json["service"]?["taskDefinition"]?.string?.hasSuffix("web:2") == true)
        #expect(deployments(changed).count == 3)
        let same = try await front.call("UpdateService", ["service": "web", "taskDefinition": "web:2"])
        #expect(deployments(same).count == 3)
    }

    @Test("a service that wants tasks is deleted by force only, and drains")
    func delete() async throws {
        let front = try await front()
        let refused = try await front.call("DeleteService", ["service": "web"])
        #expect(
            refused.message == "The service cannot be stopped while the primary deployment is scaled above 0.")
        let draining = try await front.call("DeleteService", ["service": "web", "force": true])
        #expect(draining.json["service"]?["status"] == "DRAINING")
        #expect(try await front.call("ListServices").json["serviceArns"] == [])
        #expect(
            try await front.call("DescribeServices", ["services": ["web"]]).json["services"]?[0]?["status"]
                == "DRAINING")
        #expect(
            try await front.call("UpdateService", ["service": "web", "desiredCount": 1]).code
                == "ServiceNotActiveException")
        #expect(
            try await front.call("CreateService", Self.request()).message
                == "Unable to Start a service that is still Draining.")
    }

    @Test(
        "what would be ignored, or makes no sense, is refused",
        arguments: [
            ("loadBalancers", [["loadBalancerName": "x"]], "UnsupportedFeatureException"),
            ("loadBalancers", [["targetGroupArn": "x"]], "InvalidParameterException"),
            ("deploymentController", ["type": "CODE_DEPLOY"], "UnsupportedFeatureException"),
            ("schedulingStrategy", "DAEMON", "InvalidParameterException"),
            ("healthCheckGracePeriodSeconds", -1, "InvalidParameterException"),
            ("enableExecuteCommand", true, "UnsupportedFeatureException"),
            ("deploymentConfiguration", ["minimumHealthyPercent": 101], "InvalidParameterException"),
            ("deploymentConfiguration", ["maximumPercent": 2_000_000_000], "InvalidParameterException"),
            ("desiredCount", -1, "InvalidParameterException"), ("desiredCount", nil, "InvalidParameterException"),
            ("taskDefinition", "web:9", "ClientException"), ("serviceName", "a b", "InvalidParameterException"),
            ("cluster", "nope", "ClusterNotFoundException"),
        ] as [(String, JSONValue, String)])
    func refused(member: String, value: JSONValue, code: String) async throws {
        let front = try await front(nil)
        let reply = try await front.call("CreateService", Self.request([member: value]))
        #expect(reply.code == code)
        #expect(front.store.committed().services.count == 0)
    }

    @Test("services list in pages of ten and are missing by their full ARN")
    func list() async throws {
        let front = try await front(nil)
        for number in 10..<22 {
            try await front.call("CreateService", Self.request(["serviceName": .string("s\(number)")]))
        }
        let first = try await front.call("ListServices").json
        #expect(first["serviceArns"]?.array?.count == 10)
        let rest = try await front.call("ListServices", ["nextToken": first["nextToken"] ?? .null]).json
        #expect(rest["serviceArns"]?.array?.count == 2)
        #expect(rest["nextToken"] == nil)
        let missing = try await front.call("DescribeServices", ["services": ["nope"]]).json
        #expect(
            missing["failures"] == [
                ["arn": "arn:aws:ecs:us-east-1:000000000000:service/default/nope", "reason": "MISSING"]
            ])
    }
}
