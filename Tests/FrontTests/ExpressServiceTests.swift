import Domain
import Identifiers
import JSONBytes
import StateStore
import TestKit
import Testing

@testable import Front

@Suite("Express gateway services")
struct ExpressServiceTests {
    static let role = "arn:aws:iam::000000000000:role/ecs"
    static let arn = "arn:aws:ecs:us-east-1:000000000000:service/default/shop"

    static func create(_ front: FrontHarness, _ more: [String: JSONValue] = [:]) async throws -> Reply {
        let members: [String: JSONValue] = [
            "serviceName": "shop", "executionRoleArn": .string(role), "infrastructureRoleArn": .string(role),
            "primaryContainer": ["image": "shop:1"],
        ]
        return try await front.call("CreateExpressGatewayService", .object(members.merging(more) { $1 }))
    }

    static func world() async throws -> FrontHarness {
        let front = try await FrontHarness()
        try await front.call("CreateCluster")
        return front
    }

    static func describe(_ front: FrontHarness) async throws -> JSONValue? {
        try await front.call("DescribeExpressGatewayService", ["serviceArn": .string(arn)]).json["service"]
    }

    @Test("one call makes an ordinary service on managed capacity, with a definition of its own and the defaults")
    func creates() async throws {
        let front = try await Self.world()
        let made = try await Self.create(front, ["tags": [["key": "team", "value": "a"]]]).json["service"]
        #expect(made?["serviceArn"] == .string(Self.arn))
        #expect(made?["tags"] == [["key": "team", "value": "a"]])
        let configuration = made?["activeConfigurations"]?[0]
        #expect(configuration?["cpu"] == "256")
        #expect(configuration?["memory"] == "512")
        #expect(configuration?["healthCheckPath"] == "/ping")
        #expect(configuration?["primaryContainer"] == ["image": "shop:1", "containerPort": 80])
        #expect(
            configuration?["scalingTarget"] == [
                "minTaskCount": 1, "maxTaskCount": 20, "autoScalingMetric": "AVERAGE_CPU",
                "autoScalingTargetValue": 60,
            ])
        let services = try await front.call("DescribeServices", ["services": ["shop"]])
        let service = services.json["services"]?[0]
        #expect(service?["launchType"] == "FARGATE")
        #expect(service?["desiredCount"] == 1)
        #expect(service?["resourceManagementType"] == "ECS")
        #expect(made?["currentDeployment"] == service?["currentServiceDeployment"])
        let definition = try await front.call(
            "DescribeTaskDefinition", ["taskDefinition": service?["taskDefinition"] ?? .null]
        ).json["taskDefinition"]
        #expect(definition?["family"] == "default-shop")
        #expect(definition?["containerDefinitions"]?[0]?["name"] == "Main")
        #expect(definition?["executionRoleArn"] == .string(Self.role))
    }

    @Test("it has a scalable target and a policy with alarms, which follow its updates")
    func scaling() async throws {
        let front = try await Self.world()
        let made = try await Self.create(
            front,
            [
                "healthCheckPath": "/up", "scalingTarget": ["minTaskCount": 2, "maxTaskCount": 4],
                "networkConfiguration": ["subnets": ["subnet-1"], "securityGroups": ["sg-1"]],
            ]
        ).json["service"]
        #expect(made?["status"] == ["statusCode": "ACTIVE"])
        #expect(
            made?["activeConfigurations"]?[0]?["networkConfiguration"] == [
                "subnets": ["subnet-1"], "securityGroups": ["sg-1"],
            ])
        let service = try await front.call("DescribeServices", ["services": ["shop"]]).json["services"]?[0]
        #expect(service?["desiredCount"] == 2)
        let events = service?["events"]?.array?.compactMap { $0["message"]?.string } ?? []
        for setting in ["infrastructureRoleArn", "networkConfiguration.subnets"] {
            #expect(events.contains { $0.contains("no effect here") && $0.contains(setting) }, "\(setting)")
        }
        let accepted = try await front.call("Berth.Status").json["accepted"]?.array ?? []
        #expect(!accepted.contains { $0["setting"]?.string?.hasPrefix("scalingTarget") == true })
        let id = ServiceID(cluster: ClusterID(scope: .test, name: "default"), name: "shop")
        let target = try #require(front.store.committed().scalableTargets[id])
        #expect(target.minimum == 2 && target.maximum == 4)
        let policy = try #require(front.store.committed().scalingPolicies.values().first { $0.0.service == id }?.1)
        #expect(policy.rule == .targetTracking(TargetTrackingPolicy(metric: .averageCPU, target: 60)))
        try await front.call(
            "UpdateExpressGatewayService",
            [
                "serviceArn": .string(Self.arn),
                "scalingTarget": [
                    "minTaskCount": 3, "autoScalingMetric": "REQUEST_COUNT_PER_TARGET", "autoScalingTargetValue": 70,
                ],
            ])
        let state = front.store.committed()
        #expect(state.scalableTargets[id]?.minimum == 3 && state.services[id]?.desiredCount == 3)
        let changed = try #require(state.scalingPolicies[policy.id])
        guard case .targetTracking(let tracking) = changed.rule,
            case .requestCountPerTarget(let label) = tracking.metric
        else {
            Issue.record("\(changed.rule)")
            return
        }
        #expect(label.hasPrefix("app/ecs-express-gateway-alb-1/") && tracking.target == 70)
        #expect(changed.ownAlarms == policy.ownAlarms && changed.ownAlarms.allSatisfy { state.alarms[$0] != nil })
    }

    @Test("an update makes a revision of the definition and of the service; what it does not name stays")
    func updates() async throws {
        let front = try await Self.world()
        _ = try await Self.create(front, ["cpu": "512", "memory": "1024", "healthCheckPath": "/up"])
        let reply = try await front.call(
            "UpdateExpressGatewayService",
            [
                "serviceArn": .string(Self.arn), "scalingTarget": ["minTaskCount": 3],
                "primaryContainer": [
                    "image": "shop:2", "containerPort": 8080, "environment": [["name": "A", "value": "b"]],
                ],
            ])
        let target = reply.json["service"]?["targetConfiguration"]
        #expect(target?["cpu"] == "512")
        #expect(target?["healthCheckPath"] == "/up")
        #expect(target?["scalingTarget"]?["minTaskCount"] == 3)
        #expect(
            target?["primaryContainer"] == [
                "image": "shop:2", "containerPort": 8080, "environment": [["name": "A", "value": "b"]],
            ])
        let service = try await front.call("DescribeServices", ["services": ["shop"]]).json["services"]?[0]
        #expect(service?["desiredCount"] == 3)
        #expect(service?["deployments"]?.array?.count == 2)
        #expect(service?["taskDefinition"]?.string?.hasSuffix("default-shop:2") == true)
        let images = try await Self.describe(front)?["activeConfigurations"]?.array?
            .compactMap { $0["primaryContainer"]?["image"]?.string }
        #expect(images == ["shop:2", "shop:1"])
    }

    @Test("UpdateService works on it as on any service")
    func ordinary() async throws {
        let front = try await Self.world()
        _ = try await Self.create(front)
        let reply = try await front.call(
            "UpdateService", ["service": "shop", "desiredCount": 2, "taskDefinition": "default-shop"])
        #expect(reply.status == 200, "\(reply.json)")
        #expect(reply.json["service"]?["desiredCount"] == 2)
    }

    /// With a second container, and of the first what no Express request can say.
    static let richer: JSONValue = [
        "family": "richer", "networkMode": "awsvpc", "cpu": "1024", "memory": "2048",
        "requiresCompatibilities": ["FARGATE"],
        "containerDefinitions": [
            ["name": "side", "image": "side:1"],
            [
                "name": "Main", "image": "shop:1", "portMappings": [["containerPort": 80]], "stopTimeout": 7,
                "environment": [["name": "A", "value": "b"]],
            ],
        ],
    ]

    @Test("a definition that UpdateService gave it stays: as it is, or with what the next update changes of it")
    func givenDefinition() async throws {
        let front = try await Self.world()
        _ = try await Self.create(front)
        try #require(try await front.call("RegisterTaskDefinition", Self.richer).status == 200)
        let given = try await front.call("UpdateService", ["service": "shop", "taskDefinition": "richer"])
        try #require(given.status == 200, "\(given.json)")

        let update = { (more: [String: JSONValue]) async throws -> JSONValue in
            let members = more.merging(["serviceArn": .string(Self.arn)]) { $1 }
            let reply = try await front.call("UpdateExpressGatewayService", .object(members))
            try #require(reply.status == 200, "\(reply.json)")
            let services = try await front.call("DescribeServices", ["services": ["shop"]]).json["services"]
            return services?[0]?["taskDefinition"] ?? .null
        }
        let kept = try await update(["scalingTarget": ["minTaskCount": 2]])
        #expect(kept.string?.hasSuffix("task-definition/richer:1") == true)
        let changed = try await update(["cpu": "512", "primaryContainer": ["image": "shop:2"]])
        #expect(changed.string?.hasSuffix("task-definition/default-shop:2") == true)
        let definition = try await front.call("DescribeTaskDefinition", ["taskDefinition": changed])
            .json["taskDefinition"]
        #expect(definition?["cpu"] == "512")
        #expect(definition?["memory"] == "2048")
        #expect(definition?["containerDefinitions"]?[0]?["image"] == "side:1")
        let main = definition?["containerDefinitions"]?[1]
        #expect(main?["image"] == "shop:2")
        #expect(main?["stopTimeout"] == 7)
        #expect(main?["environment"] == [])
        #expect(main?["portMappings"]?[0]?["containerPort"] == 80)
    }

    @Test("its launch type is what it falls back to when a strategy is taken away")
    func fallsBack() async throws {
        let front = try await FrontHarness()
        try await front.call("CreateCluster", ["capacityProviders": ["FARGATE_SPOT"]])
        _ = try await Self.create(front)
        let service = { (strategy: JSONValue) async throws -> JSONValue? in
            let reply = try await front.call(
                "UpdateService",
                ["service": "shop", "capacityProviderStrategy": strategy, "forceNewDeployment": true])
            #expect(reply.status == 200, "\(reply.json)")
            return reply.json["service"]
        }
        let spot = try await service([["capacityProvider": "FARGATE_SPOT", "weight": 1]])
        #expect(spot?.object?["launchType"] == nil)
        #expect(try await service([])?["launchType"] == "FARGATE")
    }

    @Test("a deleted one drains, and then is neither updated nor deleted")
    func deletes() async throws {
        let front = try await Self.world()
        _ = try await Self.create(front)
        let reply = try await front.call("DeleteExpressGatewayService", ["serviceArn": .string(Self.arn)])
        #expect(reply.json["service"]?["status"] == ["statusCode": "DRAINING"])
        for operation in ["DeleteExpressGatewayService", "UpdateExpressGatewayService"] {
            #expect(
                try await front.call(operation, ["serviceArn": .string(Self.arn)]).code == "ServiceNotActiveException")
        }
    }

    @Test("lists tell Express services from others")
    func lists() async throws {
        let front = try await Self.world()
        try await front.demo()
        _ = try await Self.create(front)
        try await front.call(
            "CreateService",
            [
                "serviceName": "plain", "taskDefinition": "web", "desiredCount": 0, "launchType": "FARGATE",
                "networkConfiguration": FrontHarness.network,
            ])
        let names = { (type: String) async throws -> [String] in
            let list = try await front.call("ListServices", ["resourceManagementType": .string(type)])
            return list.json["serviceArns"]?.array?.compactMap {
                $0.string?.split(separator: "/").last.map(String.init)
            } ?? []
        }
        #expect(try await names("ECS") == ["shop"])
        #expect(try await names("CUSTOMER") == ["plain"])
        let wrong = try await front.call(
            "DescribeExpressGatewayService",
            ["serviceArn": "arn:aws:ecs:us-east-1:000000000000:service/default/plain"])
        #expect(wrong.code == "InvalidParameterException")
    }

    static let refusals: [(more: [String: JSONValue], code: String)] = [
        (["serviceName": "a b"], "InvalidParameterException"),
        (["cluster": "nope"], "ClusterNotFoundException"),
        (["healthCheckPath": "up"], "InvalidParameterException"),
        (["healthCheckPath": "/a b"], "InvalidParameterException"),
        (["healthCheckPath": .string("/" + String(repeating: "a", count: 1024))], "InvalidParameterException"),
        (["scalingTarget": ["minTaskCount": 5, "maxTaskCount": 2]], "InvalidParameterException"),
        (["scalingTarget": ["minTaskCount": -1]], "InvalidParameterException"),
        (["scalingTarget": ["autoScalingTargetValue": 0]], "InvalidParameterException"),
        (["cpu": "300"], "ClientException"),
        (["primaryContainer": ["image": "shop:1", "containerPort": 70000]], "ClientException"),
        (["executionRoleArn": "arn:aws:s3:::bucket"], "ClientException"),
    ]

    @Test("what is wrong is refused, and nothing is made", arguments: refusals)
    func refused(row: (more: [String: JSONValue], code: String)) async throws {
        let front = try await Self.world()
        let reply = try await Self.create(front, row.more)
        #expect(reply.code == row.code, "\(reply.json)")
        #expect(front.store.committed().services.count == 0)
        #expect(front.store.committed().taskDefinitions.count == 0)
        #expect(front.store.committed().loadBalancers.count == 0)
        #expect(front.store.committed().targetGroups.count == 0)
    }

    @Test("a second one of the name is refused, one that does not exist is not found")
    func names() async throws {
        let front = try await Self.world()
        _ = try await Self.create(front)
        #expect(try await Self.create(front).message == "Creation of service was not idempotent.")
        let other: JSONValue = ["serviceArn": "arn:aws:ecs:us-east-1:000000000000:service/default/nope"]
        #expect(try await front.call("DescribeExpressGatewayService", other).code == "ResourceNotFoundException")
        #expect(try await front.call("DeleteExpressGatewayService", other).code == "ServiceNotFoundException")
        #expect(
            try await front.call("DeleteExpressGatewayService", ["serviceArn": "shop"]).code
                == "InvalidParameterException")
        let unnamed = try await Self.create(front, ["serviceName": .null])
        #expect(unnamed.json["service"]?["serviceName"]?.string?.hasPrefix("express-") == true)
    }
}
