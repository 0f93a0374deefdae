import Domain
import Identifiers
import TaskRuntime
import Testing

@testable import NodeAgent

@Suite("Stopping a task")
struct TaskRunnerStopTests {
    @Test("asks by SIGTERM and takes by SIGKILL after stopTimeout", arguments: [(5, 5), (nil, 30)])
    func termThenKill(timeout: Int?, seconds: Int) {
        var bench = StepBench(.of([.named("web") { $0.stopTimeout = timeout }]))
        bench.holds = { if case .signal(_, .terminate) = $0 { true } else { false } }
        bench.begin()
        bench.send(.stop)
        #expect(bench.signals == ["t1-web 15"])
        bench.advance(.seconds(seconds) - .milliseconds(1))
        #expect(bench.signals == ["t1-web 15"])
        bench.advance(.milliseconds(1))
        #expect(bench.signals == ["t1-web 15", "t1-web 9"])
        #expect(bench.observed.status == .stopped)
        #expect(bench.observed.containers.map(\.exitCode) == [137])
        #expect(bench.observed.stopCode == nil)
    }

    @Test("stops dependants before what they depend on")
    func reverseOrder() {
        let app = ContainerDefinition.named("app") { $0.dependsOn = [.init(container: "db", condition: .start)] }
        var bench = StepBench(.of([.named("db"), app]))
        bench.begin()
        #expect(bench.starts == ["t1-db", "t1-app"])
        bench.send(.stop)
        #expect(bench.signals == ["t1-app 15", "t1-db 15"])
    }

    @Test("an essential exit takes the others with it, a container that never started has no code")
    func essentialTakesOthers() {
        let late = ContainerDefinition.named("late") { $0.dependsOn = [.init(container: "side", condition: .healthy)] }
        var bench = StepBench(.of([.named("web"), .named("side"), late]))
        bench.begin()
        bench.exit("t1-web", 1)
        #expect(bench.signals == ["t1-side 15"])
        #expect(bench.observed.containers.map(\.exitCode) == [1, 143, nil])
        #expect(bench.observed.status == .stopped)
    }

    @Test("a stop during a pull does not wait for it")
    func stopWhilePulling() {
        var bench = StepBench(.of([.named("web")]))
        bench.holds = { if case .resolveImage = $0 { true } else { false } }
        bench.begin()
        bench.send(.stop)
        #expect(bench.reports.last?.status == .stopped)
        bench.send(.imageReady(container: "web", digest: "sha256:1"))
        #expect(bench.starts.isEmpty)
    }

    @Test("a stop while a process is being started ends that process")
    func stopWhileStarting() {
        var bench = StepBench(.of([.named("web")]))
        bench.holds = { if case .start = $0 { true } else { false } }
        bench.begin()
        bench.send(.stop)
        #expect(bench.observed.status == .pending)
        #expect(bench.signals.isEmpty)
        bench.send(.started(id: "t1-web"))
        #expect(bench.signals == ["t1-web 15"])
    }

    @Test("STOPPED waits for no network without host ports, the task's end does")
    func slowNetwork() throws {
        for mode in [NetworkMode.awsvpc, .bridge] {
            var bench = StepBench(.of([.named("web")], mode: mode))
            bench.holds = { if case .detach = $0 { true } else { false } }
            bench.begin()
            bench.exit("t1-web", 0)
            #expect(bench.observed.status == .stopped)
            #expect(bench.log.contains(.remove(id: "t1-web")))
            #expect(bench.step.record.finishedAt == nil)
            let id = try #require(
                bench.log.lazy.compactMap { if case .detach(let id) = $0 { id } else { nil } }.first)
            bench.send(.detached(id: id))
            #expect(bench.step.record.finishedAt != nil)
        }
    }

    @Test("host ports that cannot be given back delay STOPPED three tries, and are tried until they are free")
    func stuckNetwork() {
        var bench = StepBench(.of([.named("web")], mode: .bridge))
        bench.answers = {
            switch $0 {
            case .reservePorts:
                .portsReserved(["web": [NetworkBinding(containerPort: 80, hostPort: 8080, transport: .tcp)]])
            case .detach(let id): .detachFailed(id: id)
            default: nil
            }
        }
        bench.begin()
        bench.exit("t1-web", 0)
        #expect(bench.observed.status == .running)
        bench.advance(.seconds(4))
        #expect(bench.observed.status == .stopped)
        #expect(bench.step.record.finishedAt == nil)
        bench.answers = { _ in nil }
        bench.advance(.seconds(40))
        #expect(bench.step.record.finishedAt != nil)
    }
}
