import Domain
import Identifiers
import JSONBytes
import StateStore
import TestKit
import Testing

@Suite("Usage and explanations")
struct UsageAndExplainTests {
    /// A task of 256 units that ran on a managed host from the given second on, until another one or still.
    static func task(_ id: String, _ from: Int, until: Int? = nil, started: Bool = true) -> TaskRecord {
        var task = TaskRecord.test(id, launchType: .fargate).placed(on: "h").observed(.running, at: .test(from))
        task.observed?.pullStartedAt = started ? .test(from) : nil
        return until.map { task.observed(.stopped, at: .test($0)) } ?? task
    }

    static func rows(_ front: FrontHarness, _ request: JSONValue = [:]) async throws -> [JSONValue] {
        let reply = try await front.call("Berth.Usage", request)
        try #require(reply.status == 200, "\(reply.json)")
        return (reply.json["usage"]?.array ?? []).filter { $0["kind"] != "hosts" }
    }

    @Test("what has stopped, what runs, and what an older version left are added up")
    func sums() async throws {
        let front = try await FrontHarness()
        try await front.put { transaction in
            transaction.put(Self.task("stopped", 0, until: 100))
            transaction.put(.task(Self.task("older", 0, until: 200)))
            transaction.put(Self.task("running", 0))
        }
        front.time.advance(by: .seconds(300))
        let row = try #require(try await Self.rows(front).first)
        #expect(row["name"] == "web")
        #expect(row["begun"] == 3)
        let expected: Int64 = 256 * (100_000 + 200_000 + 300_000)
        #expect(row["cpuUnitMilliseconds"]?.integer == expected)
        let reply = try await front.call("Berth.Usage", ["tasks": true]).json
        #expect(reply["tasks"]?.array?.compactMap { $0["task"] } == ["older", "running", "stopped"])
        #expect(reply["isComplete"] == true)
    }

    @Test("hours are whole")
    func hours() async throws {
        let front = try await FrontHarness()
        let now = front.time.now.milliseconds / 1000
        try await front.put { $0.put(Self.task("a", 0, until: 7_200)) }
        front.time.advance(by: .seconds(7_200))
        let reply = try await front.call("Berth.Usage", ["since": .integer(now + 1), "until": .integer(now + 3_700)])
            .json
        let since = try #require(reply["since"]?.integer)
        let until = try #require(reply["until"]?.integer)
        #expect(since % 3600 == 0 && since <= now && since > now - 3600)
        #expect(until % 3600 == 0 && until >= now + 3_700 && until < now + 7_300)
        let whole = try await Self.rows(front)
        let expected: Int64 = 256 * 7_200_000
        #expect(whole.first?["cpuUnitMilliseconds"]?.integer == expected)
        var sum: Int64 = 0
        for hour in 0..<4 {
            let start = since + Int64(hour) * 3600
            let part = try await Self.rows(front, ["since": .integer(start), "until": .integer(start + 3600)])
            sum += part.first?["cpuUnitMilliseconds"]?.integer ?? 0
        }
        #expect(sum == expected)
    }

    @Test(
        "what makes no sense is refused",
        arguments: [
            ["since": "now"], ["since": -1], ["until": 1e300], ["since": 7200, "until": 3600],
            ["since": 4_000_000_000, "until": 3_999_000_000],
        ] as [JSONValue])
    func refusals(request: JSONValue) async throws {
        let front = try await FrontHarness()
        let reply = try await front.call("Berth.Usage", request)
        #expect(reply.code == "InvalidParameterException")
    }

    @Test("a task or service is found by id, name or ARN, in one cluster")
    func subjects() async throws {
        let front = try await FrontHarness()
        try await front.demo()
        let other = ClusterID(scope: .test, name: "other")
        try await front.put { transaction in
            transaction.put(ClusterRecord(id: other, createdAt: .test()))
            transaction.put(TaskRecord.test("a"))
            var twin = ServiceRecord.test(desired: 1)
            transaction.put(twin)
            twin.id = ServiceID(cluster: other, name: twin.id.name)
            transaction.put(twin)
        }
        let task = TaskID(cluster: .test, id: "a")
        for reference in ["a", task.arn] {
            let reply = try await front.call("Berth.Explain", ["resource": .string(reference)])
            #expect(reply.json["subject"] == "task a of cluster default")
            #expect(reply.json["waiting"]?[0]?["nearest"]?[0]?.string?.contains("join one with") == true)
        }
        let both = try await front.call("Berth.Explain", ["resource": "web"])
        #expect(both.message?.contains("name the cluster") == true)
        let one = try await front.call("Berth.Explain", ["resource": "web", "cluster": "other"])
        #expect(one.json["subject"] == "service web of cluster other")
        for request: JSONValue in [[:], ["resource": "none"], ["resource": "web", "cluster": "none"]] {
            #expect(try await front.call("Berth.Explain", request).status == 400)
        }
    }

    @Test("a task that has a host, or has stopped, is told as it is")
    func stories() async throws {
        let front = try await FrontHarness()
        try await front.demo()
        var stopped = Self.task("stopped", 0, until: 9)
        stopped.observed?.reason = "Essential container in task exited"
        stopped.observed?.stopCode = .essentialContainerExited
        let record = stopped
        try await front.put { transaction in
            transaction.put(record)
            transaction.put(Self.task("running", 0))
        }
        for (id, words) in [("running", "RUNNING on host h"), ("stopped", "Essential container in task exited")] {
            let reply = try await front.call("Berth.Explain", ["resource": .string(id)]).json
            #expect(reply["text"]?[0]?.string?.contains(words) == true, "\(reply)")
            #expect(reply["waiting"] == [])
        }
    }
}
