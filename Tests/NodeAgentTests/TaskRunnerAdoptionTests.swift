import Domain
import Identifiers
import TaskNetwork
import TaskRuntime
import Testing

@testable import NodeAgent

@Suite("Adoption after a restart of the agent")
struct TaskRunnerAdoptionTests {
    static func state(_ id: String, _ status: RuntimeContainerState.Status) -> RuntimeContainerState {
        RuntimeContainerState(id: id, task: "t1", labels: [:], status: status)
    }

    static func running() -> StepBench {
        var bench = StepBench(.of([.named("web")]))
        bench.begin()
        return bench
    }

    @Test("a running task goes on untouched")
    func goesOn() {
        let before = Self.running()
        var bench = StepBench(resuming: before.step.record)
        bench.begin(HostInventory(containers: [Self.state("t1-web", .running(pid: 7))], attachments: ["t1"]))
        #expect(bench.log.isEmpty)
        #expect(bench.observed.status == .running)
    }

    /// 40 characters: more than go into an id as they are, fewer than once did.
    static let longName = "a-name-of-forty-characters-for-container"

    @Test("a container whose id has its long name in full goes on, restarts under another id, and leaves nothing")
    func plainID() {
        let long = ContainerDefinition.named(Self.longName) {
            $0.restartPolicy = RestartPolicy(enabled: true, attemptPeriod: 60)
        }
        var before = StepBench(.of([long], mode: .bridge))
        before.begin()
        var record = before.step.record
        let plain = "t1-\(Self.longName)"
        record.attachments[0].id = plain
        var bench = StepBench(resuming: record)
        bench.begin(HostInventory(containers: [Self.state(plain, .running(pid: 7))], attachments: [plain]))
        #expect(bench.starts.isEmpty && !bench.log.contains(.remove(id: plain)))
        #expect(bench.observed.status == .running)
        bench.now = bench.now.adding(.seconds(100))
        bench.exit(plain, 1)
        #expect(bench.log.contains(.remove(id: plain)))
        #expect(bench.starts == ["\(plain).1"])
        #expect(bench.observed.status == .running)
        bench.send(.stop)
        #expect(bench.log.contains(.detach(id: plain)))
        #expect(bench.observed.status == .stopped)
    }

    @Test("an exit meanwhile is reported with its code")
    func exitedMeanwhile() {
        let before = Self.running()
        var bench = StepBench(resuming: before.step.record)
        bench.begin(
            HostInventory(
                containers: [Self.state("t1-web", .exited(code: 42, at: 1_700_000_000_500))], attachments: ["t1"]))
        #expect(bench.reports.last?.status == .stopped)
        #expect(bench.reports.last?.containers.map(\.exitCode) == [42])
        #expect(bench.reports.last?.executionStoppedAt == Timestamp(milliseconds: 1_700_000_000_500))
    }

    @Test("a kill for memory meanwhile is the reason, a kill by somebody else is not", arguments: [true, false])
    func ranOutOfMemoryMeanwhile(isKernel: Bool) {
        let before = Self.running()
        var bench = StepBench(resuming: before.step.record)
        var state = Self.state("t1-web", .exited(code: 137, at: 1_700_000_000_500))
        state.ranOutOfMemory = isKernel
        bench.begin(HostInventory(containers: [state], attachments: ["t1"]))
        let container = bench.reports.last?.containers.first
        #expect(container?.exitCode == 137)
        #expect(container?.reason == (isKernel ? "OutOfMemoryError: Container killed due to memory usage" : nil))
    }

    @Test("a process that vanished ends with 255 and is never started twice", arguments: [true, false])
    func vanished(isListed: Bool) {
        let before = Self.running()
        var bench = StepBench(resuming: before.step.record)
        bench.begin(HostInventory(containers: isListed ? [Self.state("t1-web", .created)] : [], attachments: ["t1"]))
        #expect(bench.starts.isEmpty)
        #expect(bench.reports.last?.containers.map(\.exitCode) == [255])
    }

    @Test("what was half made is finished")
    func halfMade() {
        var before = StepBench(.of([.named("web")]))
        before.holds = { if case .create = $0 { true } else { false } }
        before.begin()
        var bench = StepBench(resuming: before.step.record)
        bench.begin(HostInventory(containers: [Self.state("t1-web", .created)], attachments: ["t1"]))
        #expect(bench.starts == ["t1-web"])
        #expect(bench.observed.status == .running)
        #expect(!bench.log.contains { if case .create = $0 { true } else { false } })
    }

    @Test("a container without a process that was never to start is made again")
    func halfCreated() {
        var before = StepBench(.of([.named("web")]))
        before.holds = { if case .create = $0 { true } else { false } }
        before.begin()
        var bench = StepBench(resuming: before.step.record)
        bench.begin(
            HostInventory(containers: [Self.state("t1-web", .exited(code: 255, at: nil))], attachments: ["t1"]))
        #expect(bench.starts == ["t1-web"])
        #expect(bench.observed.status == .running)
    }

    @Test("leftovers of older attempts are removed")
    func leftovers() {
        let before = Self.running()
        var bench = StepBench(resuming: before.step.record)
        bench.begin(
            HostInventory(
                containers: [
                    Self.state("t1-web", .running(pid: 7)), Self.state("t1-web.3", .exited(code: 0, at: nil)),
                ], attachments: ["t1"]))
        #expect(bench.log == [.remove(id: "t1-web.3")])
    }

    @Test("a listing ends what runs no more, but not what came to run after it was asked for")
    func relisting() {
        var bench = Self.running()
        let asked = bench.now
        bench.send(.listed([], asked: asked))
        #expect(bench.observed.status == .running)
        bench.send(.listed([], asked: asked.adding(.seconds(1))))
        #expect(bench.reports.last?.containers.map(\.exitCode) == [255])
    }

    @Test("a crash between any two inputs ends like a run without one", arguments: 0..<40)
    func crashAnywhere(point: Int) {
        let side = ContainerDefinition.named("side") {
            $0.essential = false
            $0.dependsOn = [.init(container: "web", condition: .start)]
        }
        var host = CrashingHost(.of([.named("web"), side]), crashAfter: point)
        host.run(stopAfter: 14)
        #expect(host.record.finishedAt != nil)
        #expect(host.maximumLive <= 1)
        #expect(host.live.isEmpty && host.attachments.isEmpty)
        #expect(host.processes.values.allSatisfy { $0 == 1 })
        #expect(host.reported.last == .stopped)
        #expect(host.reported == host.reported.sorted())
    }
}
