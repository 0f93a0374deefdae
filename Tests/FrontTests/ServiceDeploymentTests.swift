import Domain
import Identifiers
import JSONBytes
import StateStore
import TestKit
import Testing

@testable import Front

@Suite("Service deployments and revisions")
struct ServiceDeploymentTests {
    /// A front with the service `web`; its first deployment is new.
    private func front() async throws -> FrontHarness {
        let front = try await FrontHarness()
        try await front.demo()
        let reply = try await front.call("CreateService", ServiceTests.request())
        try #require(reply.status == 200, "\(reply.json)")
        return front
    }

    private func list(_ front: FrontHarness, _ more: [String: JSONValue] = [:]) async throws -> [JSONValue] {
        let request = ["service": "web"].merging(more) { $1 }
        return try await front.call("ListServiceDeployments", .object(request)).json["serviceDeployments"]?.array ?? []
    }

    /// What the services controller does when a deployment is complete.
    private func finish(_ front: FrontHarness, _ status: ServiceDeploymentStatus = .successful) async throws {
        try await front.put { transaction in
            for (_, record) in transaction.state.serviceDeployments.values() where record.status.isOpen {
                var record = record
                record.status = status
                transaction.put(record)
            }
        }
    }

    @Test("a new service has a PENDING one whose target is its first revision")
    func create() async throws {
        let front = try await front()
        let brief = try #require(try await list(front).first)
        let arn = try #require(brief["serviceDeploymentArn"]?.string)
        #expect(arn.hasPrefix("arn:aws:ecs:us-east-1:000000000000:service-deployment/default/web/"))
        #expect(arn.split(separator: "/").last?.count == 21)
        #expect(brief["status"] == "PENDING")
        let service = try await front.call("DescribeServices", ["services": ["web"]]).json["services"]?[0]
        #expect(service?["currentServiceDeployment"]?.string == arn)
        let revision = try #require(brief["targetServiceRevisionArn"])
        #expect(
            service?["currentServiceRevisions"] == [
                ["arn": revision, "requestedTaskCount": 2, "runningTaskCount": 0, "pendingTaskCount": 0]
            ])
        let described = try await front.call("DescribeServiceDeployments", ["serviceDeploymentArns": [.string(arn)]])
        let deployment = try #require(described.json["serviceDeployments"]?[0])
        #expect(described.json["failures"] == [])
        #expect(deployment["sourceServiceRevisions"] == [])
        #expect(deployment["targetServiceRevision"]?["arn"] == revision)
        #expect(
            deployment["deploymentCircuitBreaker"] == ["status": "DISABLED", "failureCount": 0, "threshold": 3])
        #expect(deployment["deploymentConfiguration"]?["maximumPercent"] == 200)
        #expect(deployment["startedAt"] == nil && deployment["rollback"] == nil)
    }

    @Test("a revision says what is deployed, with the digests that are known")
    func revision() async throws {
        let front = try await front()
        let arn = try #require(try await list(front).first?["targetServiceRevisionArn"])
        try await front.put { transaction in
            for (_, record) in transaction.state.serviceRevisions.values() {
                var record = record
                record.images[0].digest = "sha256:abc"
                transaction.put(record)
            }
        }
        let reply = try await front.call("DescribeServiceRevisions", ["serviceRevisionArns": [arn]])
        let revision = try #require(reply.json["serviceRevisions"]?[0])
        #expect(revision["taskDefinition"]?.string?.hasSuffix("task-definition/web:1") == true)
        #expect(revision["launchType"] == "FARGATE")
        #expect(revision["platformVersion"] == "1.4.0")
        #expect(revision["networkConfiguration"]?["awsvpcConfiguration"]?["subnets"] == ["subnet-1"])
        #expect(
            revision["containerImages"] == [["containerName": "app", "imageDigest": "sha256:abc", "image": "demo"]])
    }

    @Test("an update that deploys makes another, newest first; one that does not makes none")
    func update() async throws {
        let front = try await front()
        front.time.advance(by: .seconds(1))
        try await front.call("UpdateService", ["service": "web", "desiredCount": 3])
        #expect(try await list(front).count == 1)
        try await front.call("UpdateService", ["service": "web", "forceNewDeployment": true])
        let all = try await list(front)
        #expect(all.count == 2)
        #expect(all[0]["targetServiceRevisionArn"] != all[1]["targetServiceRevisionArn"])
        let newest = try await front.call(
            "DescribeServiceDeployments", ["serviceDeploymentArns": [all[0]["serviceDeploymentArn"] ?? .null]])
        let sources = newest.json["serviceDeployments"]?[0]?["sourceServiceRevisions"]?.array ?? []
        #expect(sources.compactMap { $0["arn"] } == [all[1]["targetServiceRevisionArn"]])
        let service = try await front.call("DescribeServices", ["services": ["web"]]).json["services"]?[0]
        #expect(service?["currentServiceDeployment"] == all[0]["serviceDeploymentArn"])
    }

    @Test("they are listed by status and time, in pages of twenty that survive a new one")
    func lists() async throws {
        let front = try await front()
        for _ in 1..<25 {
            front.time.advance(by: .seconds(1))
            try await front.call("UpdateService", ["service": "web", "forceNewDeployment": true])
        }
        let first = try await front.call("ListServiceDeployments", ["service": "web"]).json
        #expect(first["serviceDeployments"]?.array?.count == 20)
        front.time.advance(by: .seconds(1))
        try await front.call("UpdateService", ["service": "web", "forceNewDeployment": true])
        let rest = try await list(front, ["nextToken": first["nextToken"] ?? .null])
        #expect(rest.count == 5)
        let start = FrontHarness.seconds(.test())
        #expect(try await list(front, ["createdAt": ["before": .integer(start + 5)]]).count == 5)
        #expect(
            try await list(front, ["createdAt": ["after": .integer(start + 5), "before": .integer(start + 8)]]).count
                == 2)
        #expect(try await list(front, ["status": ["SUCCESSFUL"]]).isEmpty)
        try await finish(front)
        #expect(try await list(front, ["status": ["SUCCESSFUL", "STOPPED"], "maxResults": 100]).count == 26)
    }

    @Test(
        "a stop is asked for once; ROLLBACK unless ABORT is said",
        arguments: [(nil, "ROLLBACK_REQUESTED"), ("ROLLBACK", "ROLLBACK_REQUESTED"), ("ABORT", "STOP_REQUESTED")]
            as [(String?, JSONValue)])
    func stop(type: String?, status: JSONValue) async throws {
        let front = try await front()
        let arn = try #require(try await list(front).first?["serviceDeploymentArn"])
        var request: [String: JSONValue] = ["serviceDeploymentArn": arn]
        request["stopType"] = type.map { .string($0) }
        let reply = try await front.call("StopServiceDeployment", .object(request))
        #expect(reply.json == ["serviceDeploymentArn": arn])
        let again = try await front.call("StopServiceDeployment", ["serviceDeploymentArn": arn, "stopType": "ABORT"])
        #expect(again.status == 200)
        #expect(try await list(front).first?["status"] == status)
    }

    @Test("one whose old revision leaves already cannot be stopped")
    func leaving() async throws {
        let front = try await front()
        let arn = try #require(try await list(front).first?["serviceDeploymentArn"])
        for (stage, code) in [(LifecycleStage.cleanUp, "ConflictException"), (.bakeTime, nil)] as [(_, String?)] {
            try await front.put { transaction in
                guard var record = transaction.state.serviceDeployments.values().map(\.1).first(where: \.status.isOpen)
                else { return }
                record.status = .inProgress
                record.stage = stage
                transaction.put(record)
            }
            #expect(
                try await front.call("StopServiceDeployment", ["serviceDeploymentArn": arn]).code == code, "\(stage)")
        }
    }

    @Test("one that ended cannot be stopped, and none waits to be continued")
    func ended() async throws {
        let front = try await front()
        let arn = try #require(try await list(front).first?["serviceDeploymentArn"])
        try await finish(front)
        let stopped = try await front.call("StopServiceDeployment", ["serviceDeploymentArn": arn])
        #expect(stopped.code == "ConflictException")
        #expect(stopped.json["resourceIds"] == [arn])
        let continued = try await front.call(
            "ContinueServiceDeployment", ["serviceDeploymentArn": arn, "hookId": "h-1"])
        #expect(continued.code == "InvalidParameterException")
        #expect(continued.message?.contains("h-1") == true)
    }

    @Test("what is not there is missing, not found or no ARN of its kind")
    func missing() async throws {
        let front = try await front()
        let none: JSONValue = "arn:aws:ecs:us-east-1:000000000000:service-deployment/default/web/none"
        for operation in ["StopServiceDeployment", "ContinueServiceDeployment"] {
            let reply = try await front.call(operation, ["serviceDeploymentArn": none, "hookId": "h"])
            #expect(reply.code == "ServiceDeploymentNotFoundException")
        }
        let described = try await front.call("DescribeServiceDeployments", ["serviceDeploymentArns": [none]])
        #expect(described.json["failures"] == [["arn": none, "reason": "MISSING"]])
        let wrong = try await front.call("DescribeServiceRevisions", ["serviceRevisionArns": [none]])
        #expect(wrong.code == "InvalidParameterException")
        #expect(wrong.message?.contains("Identifier is for service-deployment") == true)
        let many = [JSONValue](repeating: none, count: 21)
        #expect(
            try await front.call("DescribeServiceDeployments", ["serviceDeploymentArns": .array(many)]).code
                == "InvalidParameterException")
        #expect(
            try await front.call("ListServiceDeployments", ["service": "nope"]).code == "ServiceNotFoundException")
    }
}

extension FrontHarness {
    /// A time as requests carry it.
    static func seconds(_ time: Timestamp) -> Int64 { time.milliseconds / 1000 }
}
