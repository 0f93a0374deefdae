import Domain
import Identifiers
import StateStore
import TaskLifecycle
import Testing

@testable import AgentGateway

@Suite("Reports of agents")
struct AgentReportsTests {
    private let now = Timestamp(milliseconds: 1000)

    private func store(_ tasks: TaskRecord...) async throws -> MemoryStateStore {
        let store = MemoryStateStore()
        _ = try await store.commit { (transaction: inout Transaction) throws(Never) in
            for task in tasks { transaction.put(task) }
        }
        return store
    }

    private func running(_ name: String) -> TaskReport {
        TaskReport(
            task: taskID(name), status: .running, containers: [ContainerReport(name: "web", status: .running)])
    }

    @Test("a node's report of its own task is written")
    func own() async throws {
        let store = try await store(.placed("1"))
        try await AgentReports(store: store).submit([running("1")], from: .node(here), now: now)
        let task = store.committed().tasks[taskID("1")]
        #expect(task?.lastStatus == .running)
        #expect(task?.observed?.startedAt == now)
    }

    @Test("a node may not report a task of another, nor one that has no host", arguments: [elsewhere, here])
    func foreign(node: ContainerInstanceID) async throws {
        var unplaced = TaskRecord.placed("2")
        unplaced.placement = nil
        let store = try await store(.placed("1"), unplaced)
        let name = node == here ? "2" : "1"
        await #expect(throws: ReportError.notOwner(taskID(name))) {
            try await AgentReports(store: store).submit([running(name)], from: .node(node), now: now)
        }
        #expect(store.committed().tasks[taskID(name)]?.observed == nil)
    }

    @Test("a task that does not exist is named in the error")
    func unknown() async throws {
        let store = try await store()
        await #expect(throws: ReportError.unknownTask(taskID("9"))) {
            try await AgentReports(store: store).submit([running("9")], from: .root, now: now)
        }
    }

    @Test("of several reports with one refused, none is written")
    func allOrNone() async throws {
        let store = try await store(.placed("1"), .placed("2", on: elsewhere))
        await #expect(throws: ReportError.notOwner(taskID("2"))) {
            try await AgentReports(store: store).submit(
                [running("1"), running("2")], from: .node(here), now: now)
        }
        #expect(store.committed().tasks[taskID("1")]?.observed == nil)
    }

    @Test("the same report again changes nothing, and one for a stopped task is accepted")
    func idempotent() async throws {
        let store = try await store(.placed("1"))
        let reports = AgentReports(store: store)
        try await reports.submit([TaskReport(task: taskID("1"), status: .stopped)], from: .node(here), now: now)
        let once = store.committed()
        try await reports.submit([running("1")], from: .node(here), now: Timestamp(milliseconds: 2000))
        try await reports.submit([TaskReport(task: taskID("1"), status: .stopped)], from: .node(here), now: now)
        #expect(store.committed().tasks[taskID("1")]?.lastStatus == .stopped)
        #expect(
            store.committed().tasks[taskID("1")]?.observed?.stoppedAt == once.tasks[taskID("1")]?.observed?.stoppedAt)
    }

    @Test("health is committed only when it changes")
    func health() async throws {
        let store = try await store(.placed("1").observed(.running))
        let reports = AgentReports(store: store)
        let healthy = [ContainerHealthReport(name: "web", health: .healthy)]
        try await reports.submit(health: healthy, of: taskID("1"), from: .node(here))
        let revision = store.committed().revision
        #expect(store.committed().tasks[taskID("1")]?.observed?.containers.first?.health == .healthy)
        try await reports.submit(health: healthy, of: taskID("1"), from: .node(here))
        #expect(store.committed().revision == revision)
        await #expect(throws: ReportError.notOwner(taskID("1"))) {
            try await reports.submit(health: healthy, of: taskID("1"), from: .node(elsewhere))
        }
    }

    @Test("an attachment must be the task's own")
    func attachment() async throws {
        var task = TaskRecord.placed("1")
        task.attachmentID = "eni-1"
        let reports = AgentReports(store: try await store(task))
        let arn = ARN(scope: scope, type: "attachment", path: ["eni-1"]).text
        try reports.check(attachment: arn, of: taskID("1"), from: .node(here))
        #expect(throws: ReportError.unknownAttachment("x")) {
            try reports.check(attachment: "x", of: taskID("1"), from: .node(here))
        }
        #expect(throws: ReportError.notOwner(taskID("1"))) {
            try reports.check(attachment: arn, of: taskID("1"), from: .node(elsewhere))
        }
    }
}
