import Domain
import Identifiers
import JSONBytes
import StateStore
import TestKit
import Testing

@testable import Front

@Suite("Lists of tasks and instances")
struct ListTasksTests {
    static func names(_ reply: Reply, _ member: String = "taskArns") -> Set<String> {
        Set((reply.json[member]?.array ?? []).compactMap { $0.string?.split(separator: "/").last.map(String.init) })
    }

    /// Tasks `a` (EC2 on a host, family web, started by `ci`), `b` (managed, of service web) and `c` (stopped).
    static func world() async throws -> (front: FrontHarness, host: JoinedHost) {
        let front = try await FrontHarness()
        try await front.demo()
        let host = try await front.host("own")
        try await front.put { transaction in
            var own = TaskRecord.test("a").placed(on: host.id).observed(.running)
            own.startedBy = "ci"
            transaction.put(own)
            let service = ServiceRecord.test(desired: 1)
            transaction.put(service)
            var served = TaskRecord.test("b", launchType: .fargate).of(service, service.deployments[0])
            served.definition = .test("api", 1)
            transaction.put(served)
            transaction.put(TaskRecord.test("c").placed(on: host.id).observed(.stopped))
        }
        return (front, host)
    }

    @Test("are narrowed by each filter and by several")
    func filters() async throws {
        let (front, host) = try await Self.world()
        let list = { (request: JSONValue) async throws in Self.names(try await front.call("ListTasks", request)) }
        #expect(try await list([:]) == ["a", "b"])
        #expect(try await list(["desiredStatus": "RUNNING"]) == ["a", "b"])
        #expect(try await list(["desiredStatus": "STOPPED"]) == ["c"])
        #expect(try await list(["desiredStatus": "PENDING"]) == [])
        #expect(try await list(["family": "api"]) == ["b"])
        #expect(try await list(["family": "ap"]) == [])
        #expect(try await list(["serviceName": "web"]) == ["b"])
        let arn: JSONValue = "arn:aws:ecs:us-east-1:000000000000:service/default/web"
        #expect(try await list(["serviceName": arn]) == ["b"])
        #expect(try await list(["serviceName": "web", "family": "web"]) == [])
        #expect(try await list(["containerInstance": .string(host.arn)]) == ["a"])
        #expect(try await list(["containerInstance": .string(host.id), "desiredStatus": "STOPPED"]) == ["c"])
        #expect(try await list(["launchType": "FARGATE"]) == ["b"])
        #expect(try await list(["launchType": "EXTERNAL"]) == [])
        #expect(try await list(["startedBy": "ci"]) == ["a"])
        #expect(try await list(["startedBy": "ci", "desiredStatus": "STOPPED"]) == [])
    }

    static let refusals: [(JSONValue, String)] = [
        (["startedBy": "ci", "family": "web"], "InvalidParameterException"),
        (["startedBy": "ci", "serviceName": "web"], "InvalidParameterException"),
        (["serviceName": "nope"], "ServiceNotFoundException"),
        (["containerInstance": "nope"], "InvalidParameterException"),
        (["launchType": "MOON"], "InvalidParameterException"),
        (["cluster": "nope"], "ClusterNotFoundException"),
        (["maxResults": 101], "InvalidParameterException"),
    ]

    @Test("refuse filters that are wrong", arguments: refusals)
    func refuses(request: JSONValue, code: String) async throws {
        let (front, _) = try await Self.world()
        #expect(try await front.call("ListTasks", request).code == code)
    }

    @Test("of instances are narrowed by status and by the cluster query language")
    func instances() async throws {
        let (front, host) = try await Self.world()
        let draining = try await front.host("own")
        let gone = try await front.host("own")
        try await front.call(
            "UpdateContainerInstancesState", ["containerInstances": [.string(draining.id)], "status": "DRAINING"])
        try await front.call("DeregisterContainerInstance", ["containerInstance": .string(gone.id)])
        let list = { (request: JSONValue) async throws in
            Self.names(try await front.call("ListContainerInstances", request), "containerInstanceArns")
        }
        #expect(try await list([:]) == [host.id, draining.id])
        #expect(try await list(["status": "ACTIVE"]) == [host.id])
        #expect(try await list(["status": "DRAINING"]) == [draining.id])
        #expect(try await list(["status": "REGISTERING"]) == [])
        #expect(try await list(["filter": "runningTasksCount == 1"]) == [host.id])
        #expect(try await list(["filter": "not(runningTasksCount == 1) and agentConnected == true"]) == [draining.id])
        let wrong = try await front.call("ListContainerInstances", ["filter": "attribute:"])
        #expect(wrong.code == "InvalidParameterException")
        let inactive = try await front.call("ListContainerInstances", ["status": "INACTIVE"])
        #expect(inactive.code == "InvalidParameterException")
    }
}
