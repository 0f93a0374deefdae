import Domain
import Identifiers
import JSONBytes
import StateStore
import TestKit
import Testing

@testable import Front

@Suite("Daemons")
struct DaemonTests {
    static let prefix = "arn:aws:ecs:us-east-1:000000000000:"
    static let arn = prefix + "daemon/default/agent"

    /// A cluster with the provider `own`, and the definition `agent:1`.
    static func world() async throws -> FrontHarness {
        let front = try await FrontHarness()
        try await front.call(
            "CreateCapacityProvider",
            [
                "name": "own",
                "autoScalingGroupProvider": [
                    "autoScalingGroupArn":
                        "arn:aws:autoscaling:us-east-1:000000000000:autoScalingGroup:u:autoScalingGroupName/own"
                ],
            ])
        let cluster = try await front.call("CreateCluster", ["capacityProviders": ["own", "FARGATE"]])
        try #require(cluster.status == 200, "\(cluster.json)")
        _ = try await DaemonTaskDefinitionTests.register(front)
        return front
    }

    static func request(_ more: [String: JSONValue] = [:]) -> JSONValue {
        let members: [String: JSONValue] = [
            "daemonName": "agent", "daemonTaskDefinitionArn": "agent:1", "capacityProviderArns": ["own"],
        ]
        return .object(members.merging(more) { $1 })
    }

    static func create(_ front: FrontHarness, _ more: [String: JSONValue] = [:]) async throws -> Reply {
        try await front.call("CreateDaemon", request(more))
    }

    static func deployment(_ front: FrontHarness, _ reply: Reply) async throws -> JSONValue? {
        let arn = reply.json["deploymentArn"] ?? .null
        let described = try await front.call("DescribeDaemonDeployments", ["daemonDeploymentArns": [arn]])
        return described.json["daemonDeployments"]?[0]
    }

    @Test("a new daemon is ACTIVE, with a revision and a deployment that says how it goes")
    func creates() async throws {
        let front = try await Self.world()
        let reply = try await Self.create(
            front,
            [
                "deploymentConfiguration": ["drainPercent": 50.0, "bakeTimeInMinutes": 2], "propagateTags": "DAEMON",
                "tags": [["key": "team", "value": "a"]],
            ])
        #expect(reply.json["daemonArn"] == .string(Self.arn))
        #expect(reply.json["status"] == "ACTIVE")
        let daemon = try await front.call("DescribeDaemon", ["daemonArn": .string(Self.arn)]).json["daemon"]
        #expect(daemon?["clusterArn"] == .string(Self.prefix + "cluster/default"))
        #expect(daemon?["deploymentArn"] == reply.json["deploymentArn"])
        let revision = daemon?["currentRevisions"]?[0]
        #expect(
            revision?["capacityProviders"] == [
                ["arn": .string(Self.prefix + "capacity-provider/own"), "runningCount": 0]
            ])
        let deployment = try await Self.deployment(front, reply)
        #expect(deployment?["status"] == "PENDING")
        #expect(deployment?["targetDaemonRevision"]?["arn"] == revision?["arn"])
        #expect(deployment?["sourceDaemonRevisions"] == [])
        #expect(deployment?["deploymentConfiguration"]?["drainPercent"] == .number(50))
        #expect(deployment?["deploymentConfiguration"]?["bakeTimeInMinutes"] == 2)
        #expect(deployment?["circuitBreaker"]?["status"] == "MONITORING")
        let revisions = try await front.call(
            "DescribeDaemonRevisions", ["daemonRevisionArns": [revision?["arn"] ?? .null]])
        let shown = revisions.json["daemonRevisions"]?[0]
        #expect(shown?["daemonTaskDefinitionArn"] == .string(Self.prefix + "daemon-task-definition/agent:1"))
        #expect(shown?["containerImages"] == [["containerName": "agent", "image": "agent:1"]])
        #expect(shown?["propagateTags"] == "DAEMON")
        #expect(shown?["daemonArn"] == .string(Self.arn))
        let tags = try await front.call("ListTagsForResource", ["resourceArn": .string(Self.arn)])
        #expect(tags.json["tags"] == [["key": "team", "value": "a"]])
    }

    @Test("the same request gives the same daemon, another under its name is refused")
    func idempotent() async throws {
        let front = try await Self.world()
        let first = try await Self.create(front, ["clientToken": "t1"])
        let again = try await Self.create(front, ["clientToken": "t1"])
        #expect(again.json == first.json)
        let other = try await Self.create(front, ["clientToken": "t2"])
        #expect(other.code == "InvalidParameterException")
        #expect(other.message == "Creation of daemon was not idempotent.")
        #expect(try await front.call("ListDaemons").json["daemonSummariesList"]?.array?.count == 1)
    }

    static let refusals: [(more: [String: JSONValue], code: String)] = [
        (["daemonName": "a b"], "InvalidParameterException"),
        (["daemonTaskDefinitionArn": "nope:1"], "ClientException"),
        (["capacityProviderArns": []], "InvalidParameterException"),
        (["capacityProviderArns": ["nope"]], "InvalidParameterException"),
        (["capacityProviderArns": ["FARGATE"]], "InvalidParameterException"),
        (["capacityProviderArns": ["own", "own"]], "InvalidParameterException"),
        (["clusterArn": "nope"], "ClusterNotFoundException"),
        (["clientToken": "a b"], "InvalidParameterException"),
        (["deploymentConfiguration": ["bakeTimeInMinutes": -1]], "InvalidParameterException"),
        (["deploymentConfiguration": ["drainPercent": 100.5]], "InvalidParameterException"),
        (["enableExecuteCommand": true], "UnsupportedFeatureException"),
    ]

    @Test("what is wrong is refused, and nothing is made", arguments: refusals)
    func refused(row: (more: [String: JSONValue], code: String)) async throws {
        let front = try await Self.world()
        let reply = try await Self.create(front, row.more)
        #expect(reply.code == row.code, "\(reply.json)")
        #expect(front.store.committed().daemons.count == 0)
        #expect(front.store.committed().daemonRevisions.count == 0)
    }

    @Test("its deployment shows the alarms that decide over it")
    func alarms() async throws {
        let front = try await Self.world()
        let watched: JSONValue = ["alarms": ["enable": true, "alarmNames": ["errors"]]]
        let made = try await Self.create(front, ["deploymentConfiguration": watched])
        let shown = try await Self.deployment(front, made)
        #expect(
            shown?["alarms"]
                == ["status": "MONITORING", "alarmNames": ["errors"], "triggeredAlarmNames": []])
        #expect(shown?["deploymentConfiguration"]?["alarms"] == watched["alarms"])
    }

    @Test("a deleted definition makes no daemon")
    func deletedDefinition() async throws {
        let front = try await Self.world()
        try await front.call("DeleteDaemonTaskDefinition", ["daemonTaskDefinition": "agent:1"])
        #expect(try await Self.create(front).code == "ClientException")
    }

    @Test("its capacity provider stays with the cluster, and the cluster stays")
    func inUse() async throws {
        let front = try await Self.world()
        _ = try await Self.create(front)
        let put = try await front.call(
            "PutClusterCapacityProviders",
            ["cluster": "default", "capacityProviders": ["FARGATE"], "defaultCapacityProviderStrategy": []])
        #expect(put.code == "ResourceInUseException")
        #expect(try await front.call("DeleteCluster", ["cluster": "default"]).code == "InvalidParameterException")
    }

    @Test("an update makes a revision and a deployment, and stops the one before")
    func updates() async throws {
        let front = try await Self.world()
        let first = try await Self.create(front, ["deploymentConfiguration": ["drainPercent": 10.0]])
        _ = try await DaemonTaskDefinitionTests.register(front)
        front.time.advance(by: .seconds(5))
        let reply = try await front.call(
            "UpdateDaemon",
            [
                "daemonArn": .string(Self.arn), "daemonTaskDefinitionArn": "agent:2",
                "capacityProviderArns": [.string(Self.prefix + "capacity-provider/own")],
            ])
        #expect(reply.status == 200, "\(reply.json)")
        #expect(reply.json["updatedAt"] != reply.json["createdAt"])
        #expect(try await Self.deployment(front, first)?["status"] == "STOPPED")
        let deployment = try await Self.deployment(front, reply)
        #expect(deployment?["deploymentConfiguration"]?["drainPercent"] == .number(10))
        let list = try await front.call("ListDaemonDeployments", ["daemonArn": .string(Self.arn)])
        let arns = list.json["daemonDeployments"]?.array?.map { $0["daemonDeploymentArn"] }
        #expect(arns == [reply.json["deploymentArn"], first.json["deploymentArn"]])
        let stopped = try await front.call(
            "ListDaemonDeployments", ["daemonArn": .string(Self.arn), "status": ["STOPPED"]])
        #expect(stopped.json["daemonDeployments"]?.array?.count == 1)
        let page = try await front.call("ListDaemonDeployments", ["daemonArn": .string(Self.arn), "maxResults": 1])
        let rest = try await front.call(
            "ListDaemonDeployments",
            ["daemonArn": .string(Self.arn), "maxResults": 1, "nextToken": page.json["nextToken"] ?? .null])
        #expect(rest.json["daemonDeployments"]?[0]?["daemonDeploymentArn"] == first.json["deploymentArn"])
        #expect(rest.json["nextToken"] == nil)
    }

    @Test("a daemon being deleted can be neither updated nor deleted nor made again")
    func deletes() async throws {
        let front = try await Self.world()
        _ = try await Self.create(front)
        let reply = try await front.call("DeleteDaemon", ["daemonArn": .string(Self.arn)])
        #expect(reply.json["status"] == "DELETE_IN_PROGRESS")
        let deployment = try await Self.deployment(front, reply)
        #expect(deployment?["targetDaemonRevision"] == nil)
        #expect(deployment?["circuitBreaker"]?["status"] == "DISABLED")
        let again = try await front.call("DeleteDaemon", ["daemonArn": .string(Self.arn)])
        #expect(again.code == "DaemonNotActiveException")
        let update = try await front.call(
            "UpdateDaemon",
            [
                "daemonArn": .string(Self.arn), "daemonTaskDefinitionArn": "agent", "capacityProviderArns": ["own"],
            ])
        #expect(update.code == "DaemonNotActiveException")
        #expect(try await Self.create(front).code == "InvalidParameterException")
    }

    @Test("what does not exist is told from what cannot exist")
    func missing() async throws {
        let front = try await Self.world()
        for operation in ["DescribeDaemon", "DeleteDaemon"] {
            #expect(try await front.call(operation, ["daemonArn": .string(Self.arn)]).code == "DaemonNotFoundException")
            #expect(try await front.call(operation, ["daemonArn": "agent"]).code == "InvalidParameterException")
        }
        let missing = JSONValue.string(Self.prefix + "daemon-deployment/default/agent/x")
        let described = try await front.call("DescribeDaemonDeployments", ["daemonDeploymentArns": [missing]])
        #expect(described.json["failures"] == [["arn": missing, "reason": "MISSING"]])
        let wrong = try await front.call("DescribeDaemonRevisions", ["daemonRevisionArns": [missing]])
        #expect(wrong.code == "InvalidParameterException")
    }

    @Test("daemons are listed by cluster and capacity provider")
    func lists() async throws {
        let front = try await Self.world()
        for name in ["b", "a", "c"] { _ = try await Self.create(front, ["daemonName": .string(name)]) }
        let names = { (request: JSONValue) async throws -> [String] in
            let list = try await front.call("ListDaemons", request).json["daemonSummariesList"]?.array ?? []
            return list.compactMap { $0["daemonArn"]?.string?.split(separator: "/").last.map(String.init) }
        }
        #expect(try await names([:]) == ["a", "b", "c"])
        #expect(try await names(["clusterArn": "default", "capacityProviderArns": ["own"]]) == ["a", "b", "c"])
        #expect(try await names(["capacityProviderArns": ["FARGATE"]]) == [])
        let first = try await front.call("ListDaemons", ["maxResults": 2]).json
        #expect(try await names(["maxResults": 2, "nextToken": first["nextToken"] ?? .null]) == ["c"])
    }

    @Test("tasks of a daemon are listed by its name and described with its definition")
    func tasks() async throws {
        let front = try await Self.world()
        let reply = try await Self.create(front)
        let daemon = try #require(front.store.committed().daemons[DaemonID(cluster: .test, name: "agent")])
        try await front.put { transaction in
            var task = TaskRecord.test("t1", mode: .bridge, group: "daemon:agent").observed(.running)
            task.daemonRevision = daemon.revision
            task.capacityProvider = "own"
            task.definition = TaskDefinitionID(
                family: FamilyID(scope: .test, kind: .daemon, name: "agent"), revision: 1)
            task.containers = [TaskContainer(name: "agent", id: "c1")]
            transaction.put(task)
            transaction.put(TaskRecord.test("t2").observed(.running))
        }
        let list = try await front.call("ListTasks", ["daemonName": "agent"])
        #expect(list.json["taskArns"] == [.string(Self.prefix + "task/default/t1")])
        let described = try await front.call("DescribeTasks", ["tasks": ["t1"]]).json["tasks"]?[0]
        #expect(described?["taskDefinitionArn"] == .string(Self.prefix + "daemon-task-definition/agent:1"))
        #expect(described?["group"] == "daemon:agent")
        #expect(described?["capacityProviderName"] == "own")
        let shown = try await front.call("DescribeDaemon", ["daemonArn": .string(Self.arn)]).json["daemon"]
        #expect(shown?["currentRevisions"]?[0]?["totalRunningCount"] == 1)
        let deployment = try await Self.deployment(front, reply)
        #expect(deployment?["targetDaemonRevision"]?["totalRunningInstanceCount"] == 1)
        #expect(try await front.call("ListTasks", ["daemonName": "nope"]).code == "InvalidParameterException")
    }
}
