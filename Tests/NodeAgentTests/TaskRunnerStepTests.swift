import Domain
import Identifiers
import TaskNetwork
import TaskRuntime
import Testing

@testable import NodeAgent

@Suite("A task's runner")
struct TaskRunnerStepTests {
    @Test("brings a task to RUNNING and reports each transition once")
    func comesUp() {
        var bench = StepBench(.of([.named("web")]))
        bench.begin()
        #expect(bench.starts == ["t1-web"])
        #expect(bench.reports.map(\.status).last == .running)
        #expect(bench.observed.interface?.address == "10.99.0.2")
        #expect(bench.observed.startedAt != nil)
        bench.send(.timer)
        #expect(bench.reports.count { $0.status == .running } == 1)
    }

    @Test("an essential exit ends the task with ECS's code and reason, containers go after the ack")
    func essentialExit() throws {
        var bench = StepBench(.of([.named("web")]))
        bench.begin()
        bench.exit("t1-web", 3)
        let last = try #require(bench.reports.last)
        #expect(last.status == .stopped)
        #expect(last.stopCode == .essentialContainerExited)
        #expect(last.reason == "Essential container in task exited")
        #expect(last.containers.map(\.exitCode) == [3])
        #expect(last.executionStoppedAt != nil)
        let detach = try #require(bench.index(of: .detach(id: "t1")))
        let submit = try #require(bench.index(of: .submit(last)))
        let remove = try #require(bench.index(of: .remove(id: "t1-web")))
        #expect(detach < submit && submit < remove)
        #expect(bench.log.last == .finish)
    }

    @Test("a process that ends at once was still RUNNING", arguments: [NetworkMode.awsvpc, .host])
    func endsAtOnce(mode: NetworkMode) {
        var bench = StepBench(.of([.named("job")], mode: mode))
        bench.answers = { if case .start(let id) = $0 { .exited(id: id, code: 0, at: nil) } else { nil } }
        bench.begin()
        #expect(bench.reports.map(\.status).suffix(2) == [.running, .stopped])
    }

    @Test("a non-essential exit leaves the task running")
    func nonEssentialExit() {
        var bench = StepBench(.of([.named("web"), .named("side") { $0.essential = false }]))
        bench.begin()
        bench.exit("t1-side", 1)
        #expect(bench.observed.status == .running)
        #expect(bench.observed.containers.map(\.status) == [.running, .stopped])
        #expect(bench.signals.isEmpty)
    }

    @Test("what cannot start is said in ECS's words", arguments: failures)
    func failsToStart(row: FailureRow) throws {
        var bench = StepBench(.of([.named("web")]))
        bench.answers = row.answer
        bench.begin()
        let last = try #require(bench.reports.last)
        #expect(last.status == .stopped)
        #expect(last.stopCode == .taskFailedToStart)
        #expect(last.reason == row.reason)
        #expect(last.containers.map(\.exitCode) == [nil])
        #expect(last.containers.map(\.reason) == [row.containerReason])
        #expect(last.startedAt == nil)
        #expect(bench.log.last == .finish)
    }

    struct FailureRow: Sendable {
        var reason: String
        var containerReason: String?
        var answer: @Sendable (TaskAction) -> TaskInput?
    }
    static let failures: [FailureRow] = [
        FailureRow(reason: "CannotPullContainerError: no", containerReason: "CannotPullContainerError: no") {
            if case .resolveImage(let name, _) = $0 {
                .imageFailed(container: name, reason: "CannotPullContainerError: no")
            } else {
                nil
            }
        },
        FailureRow(reason: "CannotCreateContainerError: no", containerReason: "CannotCreateContainerError: no") {
            if case .create(let plan) = $0 {
                .createFailed(id: plan.id, reason: "CannotCreateContainerError: no")
            } else {
                nil
            }
        },
        FailureRow(reason: "CannotStartContainerError: no", containerReason: "CannotStartContainerError: no") {
            if case .start(let id) = $0 { .startFailed(id: id, reason: "CannotStartContainerError: no") } else { nil }
        },
        FailureRow(reason: "ResourceInitializationError: no address", containerReason: nil) {
            if case .attach = $0 { .attachFailed("no address") } else { nil }
        },
        FailureRow(reason: "ResourceInitializationError: port 80/tcp is taken", containerReason: nil) {
            if case .reservePorts = $0 { .portsRefused("port 80/tcp is taken") } else { nil }
        },
    ]

    @Test(
        "a kill for memory is the container's reason, also where it survived that of a child", arguments: [137, 3, 0])
    func outOfMemory(code: Int) {
        var bench = StepBench(.of([.named("web")]))
        bench.begin()
        bench.send(.exited(id: "t1-web", code: code, at: nil, ranOutOfMemory: true))
        #expect(bench.observed.containers.map(\.exitCode) == [code])
        #expect(
            bench.observed.containers.map(\.reason) == ["OutOfMemoryError: Container killed due to memory usage"])
    }

    @Test(
        "each network mode asks for its namespaces",
        arguments: [
            (NetworkMode.awsvpc, ["t1"]), (.bridge, ["t1-a", "t1-b"]), (.host, []), (.none, ["t1"]),
        ])
    func networkModes(mode: NetworkMode, ids: [String]) {
        var bench = StepBench(.of([.named("a"), .named("b")], mode: mode))
        bench.begin()
        let requests = bench.log.compactMap { if case .attach(let request) = $0 { request } else { nil } }
        #expect(requests.map(\.id) == ids)
        #expect(requests.allSatisfy { $0.isIsolated == (mode == .none) })
        #expect(bench.observed.status == .running)
    }

    @Test("a report that is not acknowledged stays; the next transition waits behind it")
    func outbox() {
        var bench = StepBench(.of([.named("web")]))
        bench.holds = { if case .submit = $0 { true } else { false } }
        bench.begin()
        bench.exit("t1-web", 0)
        #expect(bench.step.record.outbox.map(\.status) == [.pending, .pending, .running, .stopped])
        #expect(bench.index(of: .remove(id: "t1-web")) == nil)
        bench.holds = { _ in false }
        bench.send(.submitted)
        #expect(bench.reports.map(\.status) == [.pending, .running, .stopped])
        #expect(bench.log.last == .finish)
    }

    @Test("asked for its last report again it says it once more, and not while one waits")
    func repeatsReport() {
        var bench = StepBench(.of([.named("web")]))
        bench.begin()
        let count = bench.reports.count
        bench.send(.repeatReport)
        #expect(bench.reports.count == count + 1 && bench.reports.last?.status == .running)
        bench.holds = { if case .submit = $0 { true } else { false } }
        bench.send(.repeatReport)
        bench.send(.repeatReport)
        #expect(bench.step.record.outbox.map(\.status) == [.running])
    }
}
