import Identifiers
import JSONBytes
import LogStore
import LogStoreSQLite
import TestKit
import Testing

@testable import Front

/// What the golden pairs of the operations do not show.
@Suite("Operations on logs")
struct LogOperationTests {
    private func call(
        _ front: FrontHarness, _ operation: String, _ request: [String: JSONValue]
    ) async throws -> Reply {
        try await front.call("Logs_20140328." + operation, .object(request))
    }

    @Test("page through streams by their last event, and none is shown twice")
    func pages() async throws {
        let front = try await FrontHarness()
        let group = LogGroupID(scope: .test, name: "/web")
        for number in 0..<7 {
            try await front.logs.append(
                [NewLogEvent(time: .test(number % 3), message: "x")],
                to: LogStreamID(group: group, name: "s \(number)"), creating: .groupAndStream, now: .test())
        }
        for name in ["new 1", "new 2", "new 3"] {
            try await front.logs.create(LogStreamID(group: group, name: name), now: .test())
        }
        var names: [String] = []
        var token: JSONValue?
        repeat {
            var request: [String: JSONValue] = ["logGroupName": "/web", "orderBy": "LastEventTime", "limit": 2]
            request["nextToken"] = token
            let answer = try await call(front, "DescribeLogStreams", request).json
            names += answer["logStreams"]?.array?.compactMap { $0["logStreamName"]?.string } ?? []
            token = answer["nextToken"]
        } while token != nil
        #expect(names == ["new 1", "new 2", "new 3", "s 0", "s 3", "s 6", "s 1", "s 4", "s 2", "s 5"])
    }

    @Test("go on where a pattern's page was full, without a gap")
    func filtered() async throws {
        let front = try await FrontHarness()
        let group = LogGroupID(scope: .test, name: "/web")
        let events = (0..<500).map {
            NewLogEvent(time: .test($0 / 50), message: "\($0 % 7 == 0 ? "yes" : "no") \($0)")
        }
        try await front.logs.append(
            events, to: LogStreamID(group: group, name: "s"), creating: .groupAndStream, now: .test())
        var found: [String] = []
        var token: JSONValue?
        repeat {
            var request: [String: JSONValue] = ["logGroupName": "/web", "filterPattern": "yes", "limit": 9]
            request["nextToken"] = token
            let answer = try await call(front, "FilterLogEvents", request).json
            let page = answer["events"]?.array?.compactMap { $0["message"]?.string } ?? []
            #expect(page.count <= 9)
            found += page
            token = answer["nextToken"]
        } while token != nil
        #expect(found == events.map(\.message).filter { $0.hasPrefix("yes") })
    }

    @Test("keep the token at the end of a stream, and find with it what comes later")
    func end() async throws {
        let front = try await FrontHarness()
        let stream = LogStreamID(group: LogGroupID(scope: .test, name: "/web"), name: "s")
        try await front.logs.create(LogGroupRecord(id: stream.group, createdAt: .test()))
        try await front.logs.create(stream, now: .test())
        let request: [String: JSONValue] = ["logGroupName": "/web", "logStreamName": "s", "startFromHead": true]
        var token = try await call(front, "GetLogEvents", request).json["nextForwardToken"]
        for text in ["a", "b"] {
            let again = try await call(front, "GetLogEvents", request.merging(["nextToken": token ?? .null]) { $1 })
            #expect(again.json["nextForwardToken"] == token)
            #expect(again.json["events"]?.array?.isEmpty == true)
            try await front.logs.append(
                [NewLogEvent(time: .test(), message: text)], to: stream, creating: .nothing, now: .test())
            let later = try await call(front, "GetLogEvents", request.merging(["nextToken": token ?? .null]) { $1 })
            #expect(later.json["events"]?[0]?["message"]?.string == text)
            token = later.json["nextForwardToken"]
        }
    }

    @Test("refuse more than a mebibyte of events")
    func tooLarge() async throws {
        let front = try await FrontHarness()
        let text = JSONValue.string(String(repeating: "x", count: 1_048_576 - 25))
        let time = JSONValue.integer(Timestamp.test().milliseconds)
        let reply = try await call(
            front, "PutLogEvents",
            ["logGroupName": "/a", "logStreamName": "b", "logEvents": [["timestamp": time, "message": text]]])
        #expect(reply.json["message"]?.string == "Upload too large: 1048577 bytes exceeds limit of 1048576")
    }

    @Test("that are not built say so", arguments: ["PutMetricFilter", "PutSubscriptionFilter", "StartQuery"])
    func notBuilt(operation: String) async throws {
        let reply = try await call(FrontHarness(), operation, [:])
        #expect(reply.json["__type"]?.string == "UnsupportedFeatureException")
        #expect(reply.json["message"]?.string == "\(operation) is not built yet.")
    }

    @Test("do not concern hosts")
    func hosts() async throws {
        let front = try await FrontHarness()
        let host = try await front.host()
        let reply = try await front.call("Logs_20140328.DescribeLogGroups", [:], as: host.key)
        #expect(reply.json["__type"]?.string == "AccessDeniedException")
    }
}
