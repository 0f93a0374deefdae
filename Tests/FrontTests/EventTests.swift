import Domain
import Identifiers
import JSONBytes
import StateStore
import TestKit
import Testing

@testable import Front

@Suite("The stream of events")
struct EventTests {
    private func read(_ front: FrontHarness, _ request: JSONValue = [:]) async throws -> JSONValue {
        let reply = try await front.call("Berth.Events", request)
        try #require(reply.status == 200, "\(reply.json)")
        return reply.json
    }

    private func events(_ answer: JSONValue) -> [JSONValue] { answer["events"]?.array ?? [] }

    private func move(
        _ front: FrontHarness, _ arn: String, _ change: @escaping @Sendable (TaskRecord) -> TaskRecord
    ) async throws {
        try await front.put { transaction in
            guard let id = ClusterID.test.task(arn), let task = transaction.state.tasks[id] else { return }
            transaction.put(change(task))
        }
    }

    @Test("a task's life is told in order, in EventBridge's shape, with its version counting up")
    func life() async throws {
        let front = try await FrontHarness()
        try await front.demo()
        _ = try await front.host()
        let run = try await front.call(
            "RunTask",
            [
                "taskDefinition": "web", "launchType": "FARGATE", "networkConfiguration": FrontHarness.network,
                "tags": [["key": "a", "value": "b"]],
            ])
        let arn = try #require(run.json["tasks"]?[0]?["taskArn"]?.string)
        try await move(front, arn) { $0.observed(.running, at: .test(1)) }
        try await move(front, arn) { task in
            var task = task
            task.tags = []
            return task
        }
        try await front.call("StopTask", ["task": .string(arn)])
        try await move(front, arn) { $0.observed(.stopped, at: .test(3)) }

        let told = events(try await read(front))
        #expect(told.allSatisfy { $0["detail-type"] == "ECS Task State Change" && $0["source"] == "aws.ecs" })
        #expect(told.allSatisfy { $0["resources"] == [.string(arn)] && $0["version"] == "0" })
        #expect(told.allSatisfy { $0["account"] == "000000000000" && $0["region"] == "us-east-1" })
        #expect(
            told.map { $0["detail"]?["lastStatus"] } == ["PROVISIONING", "RUNNING", "STOPPING", "STOPPED"].map { $0 })
        #expect(told.map { $0["detail"]?["desiredStatus"] } == ["RUNNING", "RUNNING", "STOPPED", "STOPPED"].map { $0 })
        let versions = told.compactMap { $0["detail"]?["version"]?.integer }
        #expect(versions == versions.sorted() && Set(versions).count == told.count)
        #expect(Set(told.compactMap { $0["id"]?.string }).count == told.count)
        let last = try #require(told.last?["detail"])
        #expect(last["tags"] == nil)
        #expect(last["attachments"]?[0]?["type"] == "eni")
        #expect(last["startedAt"] == "2026-09-21T14:13:21.000Z")
        #expect(last["stoppedAt"] == "2026-09-21T14:13:23.000Z")
        #expect(last["updatedAt"]?.string != nil)
        #expect(last["stopCode"] == "UserInitiated")
        #expect(last["containers"]?[0]?["image"] == "demo")
    }

    @Test("a reader goes on behind what it saw, by position or by event, and what it saw stays the same")
    func resumes() async throws {
        let front = try await FrontHarness()
        try await front.demo()
        _ = try await front.host("own")
        try await front.call("CreateService", ServiceTests.request())
        let all = try await read(front)
        #expect(events(all).count >= 2)
        #expect(all["hasMore"] == false && all["isGap"] == false)
        #expect(try await read(front) == all)
        for (index, event) in events(all).enumerated() {
            let rest = try await read(front, ["after": event["id"] ?? .null])
            #expect(events(rest) == Array(events(all).dropFirst(index + 1)))
        }
        let end: JSONValue = ["after": all["next"] ?? .null]
        #expect(events(try await read(front, end)).isEmpty)
        let now = try await read(front, ["after": "now"])
        #expect(events(now).isEmpty && now["next"] == all["next"])
        try await front.call("UpdateService", ["service": "web", "forceNewDeployment": true])
        let later = events(try await read(front, end))
        #expect(later.map { $0["detail"]?["eventName"] } == ["SERVICE_DEPLOYMENT_IN_PROGRESS"])
        #expect(later.first?["detail-type"] == "ECS Deployment State Change")
        #expect(later.first?["detail"]?["deploymentId"]?.string?.hasPrefix("ecs-svc/") == true)
    }

    @Test("a hook at which a deployment waits tells of itself, with what a caller needs to answer it")
    func hooks() async throws {
        let front = try await FrontHarness()
        try await front.demo()
        try await front.call("CreateService", ServiceTests.request())
        let end: JSONValue = ["after": try await read(front)["next"] ?? .null]
        let hook = LifecycleHook(stages: [.preProductionTrafficShift], timeoutInMinutes: 10)
        try await front.put { transaction in
            for (_, record) in transaction.state.serviceDeployments.values() {
                var record = record
                record.hooks = [LifecycleHookRun(id: "h", stage: .preProductionTrafficShift, of: hook, at: .test())]
                record.updatedAt = .test()
                transaction.put(record)
            }
        }
        let deployment = try #require(front.store.committed().serviceDeployments.values().map(\.0).first)
        let told = events(try await read(front, end))
        #expect(told.map { $0["detail-type"] } == ["ECS Hook State Change"])
        #expect(told.first?["resources"] == [.string(deployment.arn)])
        #expect(
            told.first?["detail"] == [
                "eventType": "INFO", "eventName": "HOOK_AWAITING_ACTION", "hookId": "h", "hookType": "PAUSE",
                "expiresAt": "2026-09-21T14:23:20Z", "lifecycleStage": "PRE_PRODUCTION_TRAFFIC_SHIFT",
                "clusterArn": .string(ClusterID.test.arn), "serviceArn": .string(deployment.service.arn),
                "serviceDeploymentArn": .string(deployment.arn), "updatedAt": "2026-09-21T14:13:20.000Z",
            ])
    }

    @Test("many commits come in pages, each event once")
    func pages() async throws {
        let front = try await FrontHarness()
        try await front.demo()
        for number in 0..<120 {
            try await front.put { transaction in transaction.put(TaskRecord.test("t\(number)")) }
        }
        var found: [String] = []
        var request: JSONValue = [:]
        for _ in 0..<20 {
            let answer = try await read(front, request)
            found += events(answer).compactMap { $0["detail"]?["taskArn"]?.string }
            request = ["after": answer["next"] ?? .null]
            if answer["hasMore"] == false { break }
        }
        #expect(found == (0..<120).map { TaskID(cluster: .test, id: "t\($0)").arn })
    }

    @Test("what the store does not remember is said to be missing")
    func gap() async throws {
        let front = try await FrontHarness()
        let newest = front.store.committed().revision.value
        let answer = try await read(front, ["after": .string("\(newest + 5)")])
        #expect(answer["isGap"] == true && answer["next"] == .string("\(newest)"))
    }

    @Test("what is no position is refused, and nobody but root reads")
    func refused() async throws {
        let front = try await FrontHarness()
        let host = try await front.host()
        let requests: [JSONValue] = [
            ["after": "x"], ["after": 3], ["after": "-1"], ["since": "yesterday"], ["since": 1, "after": "now"],
            ["after": "ffffffff-ffff-8000-8fff-000000000000-1"],
        ]
        for request in requests {
            #expect(try await front.call("Berth.Events", request).code == "InvalidParameterException", "\(request)")
        }
        #expect(try await front.call("Berth.Events", [:], as: host.key).code == "AccessDeniedException")
    }

    @Test("an event's id says where it stands", arguments: [1, 255, 1 << 47, 1 << 48, (1 << 60) - 1] as [Int64])
    func ids(revision: Int64) {
        let position = EventPosition(revision: Revision(revision), index: 4_095)
        let id = position.id(.test)
        #expect(id.count == 36 && EventPosition(id: id) == position)
    }
}
