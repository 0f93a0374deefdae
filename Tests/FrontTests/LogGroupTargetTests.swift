import Domain
import EventRules
import Identifiers
import LogStore
import LogStoreSQLite
import TestKit
import Testing

@testable import Front

@Suite("A log group as target of events")
struct LogGroupTargetTests {
    private static let group = LogGroupID(scope: .test, name: "/aws/events/tasks")

    struct Row: Sendable, CustomTestStringConvertible {
        var name: String
        var input: String
        var change: @Sendable (inout EventTarget) -> Void = { _ in }
        var message: String
        var time = Timestamp.test()
        var testDescription: String { name }
    }

    @Test(
        "gets one message for an event, with its time",
        arguments: [
            Row(
                name: "an event as it is", input: #"{"id":"1","time":"2026-01-01T12:30:00Z"}"#,
                message: #"{"id":"1","time":"2026-01-01T12:30:00Z"}"#,
                time: Timestamp(milliseconds: 1_767_270_600_000)),
            Row(name: "an event without a time", input: "{}", message: "{}"),
            Row(
                name: "a part of it", input: #"{"time":"2026-01-01T12:30:00Z"}"#, change: { $0.inputPath = "$.detail" },
                message: #"{"time":"2026-01-01T12:30:00Z"}"#),
            Row(
                name: "a template's message", input: #"{"timestamp":"2026-01-01T12:30:00Z","message":"hello"}"#,
                change: { $0.transformer = InputTransformer(paths: [:], template: "") }, message: "hello",
                time: Timestamp(milliseconds: 1_767_270_600_000)),
            Row(
                name: "a template's milliseconds", input: #"{"timestamp":5,"message":"hello"}"#,
                change: { $0.transformer = InputTransformer(paths: [:], template: "") }, message: "hello",
                time: Timestamp(milliseconds: 5)),
            Row(
                name: "a template that gives no JSON", input: #"{"timestamp":5,"message":hello}"#,
                change: { $0.transformer = InputTransformer(paths: [:], template: "") },
                message: #"{"timestamp":5,"message":hello}"#),
        ])
    func messages(row: Row) async throws {
        let front = try await FrontHarness()
        try await front.logs.create(LogGroupRecord(id: Self.group, createdAt: .test()))
        var target = EventTarget(id: "t", arn: Self.group.arn + ":*")
        row.change(&target)
        let delivery = Self.delivery("1", row.input)
        #expect(await LogGroupTarget(front.ports).deliver(delivery, to: target) == .delivered)
        let events = try await events(front)
        #expect(events.map(\.message) == [row.message])
        #expect(events.map(\.position.time) == [row.time])
    }

    @Test("has an event once that is delivered twice, and others in streams of their own")
    func once() async throws {
        let front = try await FrontHarness()
        let sink = LogGroupTarget(front.ports)
        let target = EventTarget(id: "t", arn: Self.group.arn)
        guard case .failed(let reason) = await sink.deliver(Self.delivery("1", "{}"), to: target) else {
            Issue.record("delivered to a group that does not exist")
            return
        }
        #expect(reason == "The log group /aws/events/tasks does not exist.")
        try await front.logs.create(LogGroupRecord(id: Self.group, createdAt: .test()))
        for id in ["1", "1", "2"] {
            #expect(await sink.deliver(Self.delivery(id, "{\"id\":\(id)}"), to: target) == .delivered)
        }
        #expect(try await events(front).map(\.message).sorted() == ["{\"id\":1}", "{\"id\":2}"])
        let streams = try await front.logs.streams(LogStreamQuery(group: Self.group, limit: 10))
        #expect(streams.count == 2)
    }

    private func events(_ front: FrontHarness) async throws -> [LogEvent] {
        try await front.logs.events(LogQuery(group: Self.group, streams: .all), now: .test()).events
    }

    private static func delivery(_ event: String, _ input: String) -> EventDeliveryRecord {
        let target = EventTargetID(rule: EventRuleID(scope: .test, name: "r"), id: "t")
        return EventDeliveryRecord(
            id: EventDeliveryID(target: target, event: event), input: input, createdAt: .test())
    }
}
