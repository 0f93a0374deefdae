import Domain
import EventRules
import Identifiers
import JSONBytes
import StateStore
import TestKit
import Testing

@testable import Front

@Suite("Tasks as targets of rules")
struct TaskTargetTests {
    static let rule = EventRuleID(scope: .test, name: "night.run")

    /// A rule with a delivery under way to its only target.
    static func prepare(
        _ front: FrontHarness, _ input: String = "{}", _ change: @Sendable (inout EventTarget) -> Void = { _ in }
    ) async throws -> (delivery: EventDeliveryRecord, target: EventTarget) {
        var target = EventTarget(id: "t", arn: ClusterID.test.arn)
        var parameters = EventTaskParameters(taskDefinition: TaskDefinitionID.test().arn)
        parameters.launchType = "FARGATE"
        parameters.network = NetworkConfiguration(subnets: ["subnet-1"])
        target.tasks = parameters
        change(&target)
        let delivery = EventDeliveryRecord(
            id: EventDeliveryID(target: EventTargetID(rule: rule, id: "t"), event: "e1"), input: input,
            createdAt: .test())
        let stored = target
        try await front.put { transaction in
            var record = EventRuleRecord(id: rule, createdAt: .test())
            record.targets = [stored]
            transaction.put(record)
            transaction.put(delivery)
        }
        return (delivery, target)
    }

    @Test("makes its tasks in the commit that takes the delivery away, and never again")
    func once() async throws {
        let front = try await FrontHarness()
        try await front.demo()
        _ = try await front.host()
        let (delivery, target) = try await Self.prepare(front) { target in
            target.tasks?.count = 2
            target.tasks?.group = "nightly"
            target.tasks?.tags = [KeyValue(key: "a", value: "b")]
        }
        let before = front.store.committed().revision
        #expect(await TaskTarget(front.ports).deliver(delivery, to: target) == .settled)
        let state = front.store.committed()
        #expect(state.revision.value == before.value + 1)
        #expect(state.eventDeliveries.count == 0)
        let tasks = state.tasks.values().map(\.1)
        #expect(tasks.count == 2)
        #expect(tasks.allSatisfy { $0.startedBy == "events-rule/night.run" && $0.group == "nightly" })
        #expect(tasks.allSatisfy { $0.tags == [KeyValue(key: "a", value: "b")] && $0.placement != nil })
        #expect(await TaskTarget(front.ports).deliver(delivery, to: target) == .settled)
        #expect(front.store.committed().tasks.count == 2)
    }

    @Test("the input is the task's overrides where the target has one; the event itself is none")
    func overrides() async throws {
        let front = try await FrontHarness()
        try await front.demo()
        _ = try await front.host()
        let input = #"{"containerOverrides":[{"name":"app","command":["a","b"]}],"unknown":1}"#
        let (delivery, target) = try await Self.prepare(front, input) { $0.input = input }
        #expect(await TaskTarget(front.ports).deliver(delivery, to: target) == .settled)
        #expect(
            front.store.committed().tasks.values().map(\.1).first { _ in true }?.overrides.containers.first?.command
                == ["a", "b"])
        let (event, whole) = try await Self.prepare(front, #"{"detail":{}}"#)
        #expect(await TaskTarget(front.ports).deliver(event, to: whole) == .settled)
    }

    @Test("what may pass is tried again, what RunTask refuses is not")
    func failures() async throws {
        let front = try await FrontHarness()
        try await front.demo()
        let (full, target) = try await Self.prepare(front)
        guard case .failed(let reason) = await TaskTarget(front.ports).deliver(full, to: target) else {
            Issue.record("capacity may come")
            return
        }
        #expect(reason.hasPrefix("RESOURCE:FARGATE"))
        #expect(front.store.committed().eventDeliveries.count == 1)
        let (gone, other) = try await Self.prepare(front) { $0.tasks?.taskDefinition = "web:7" }
        #expect(
            await TaskTarget(front.ports).deliver(gone, to: other)
                == .refused("ClientException: TaskDefinition not found."))
        let (wrong, text) = try await Self.prepare(front, "[]") { $0.input = "[]" }
        guard case .refused = await TaskTarget(front.ports).deliver(wrong, to: text) else {
            Issue.record("no override can be made of a list")
            return
        }
        #expect(front.store.committed().tasks.count == 0)
    }
}
