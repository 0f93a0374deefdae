import Domain
import Identifiers
import TaskNetwork
import TaskRuntime
import Testing

@testable import NodeAgent

@Suite("The order of containers")
struct TaskRunnerOrderTests {
    static func pair(_ condition: ContainerDependency.Condition, startTimeout: Int? = nil) -> TaskAssignment {
        let first = ContainerDefinition.named("first") {
            $0.essential = false
            $0.startTimeout = startTimeout
            if condition == .healthy { $0.healthCheck = HealthCheck(command: ["CMD", "true"], interval: 5) }
        }
        let second = ContainerDefinition.named("second") {
            $0.dependsOn = [ContainerDependency(container: "first", condition: condition)]
        }
        return .of([second, first])
    }

    @Test("a link waits for the other to run, and gets its address")
    func links() throws {
        var bench = StepBench(
            .of(
                [.named("web") { $0.links = [ContainerLink(container: "db", alias: "data")] }, .named("db")],
                mode: .bridge))
        bench.begin()
        #expect(bench.starts == ["t1-db", "t1-web"])
        let plan = try #require(
            bench.log.compactMap { if case .create(let plan) = $0, plan.id == "t1-web" { plan } else { nil } }.first)
        #expect(plan.links.map(\.link.name) == ["data"])
        #expect(plan.links.map(\.address) == ["10.99.0.2"])
    }

    @Test("a container without networking gets a namespace with nothing in it", arguments: [NetworkMode.bridge, .host])
    func noNetwork(mode: NetworkMode) throws {
        var bench = StepBench(.of([.named("web") { $0.disableNetworking = true }, .named("other")], mode: mode))
        bench.begin()
        let requests = bench.log.compactMap { if case .attach(let request) = $0 { request } else { nil } }
        #expect(requests.first { $0.id == "t1-web" }?.isIsolated == true)
        #expect(requests.contains { $0.id == "t1-other" } == (mode == .bridge))
        let plans = bench.log.compactMap { if case .create(let plan) = $0 { plan } else { nil } }
        #expect(plans.first { $0.id == "t1-web" }?.attachment?.id == "t1-web")
        #expect((plans.first { $0.id == "t1-other" }?.attachment == nil) == (mode == .host))
    }

    @Test("swap of the containers is swap of the task")
    func swap() {
        var bench = StepBench(.of([.named("web") { $0.maxSwap = 3 }, .named("b") { $0.maxSwap = 4 }]))
        bench.begin()
        let limits = bench.log.compactMap { if case .prepare(let limits) = $0 { limits } else { nil } }
        #expect(limits.map(\.swap) == [MemoryMiB(7)])
    }

    @Test("START waits for the other's start")
    func start() {
        var bench = StepBench(Self.pair(.start))
        bench.begin()
        #expect(bench.starts == ["t1-first", "t1-second"])
    }

    @Test("COMPLETE waits for any exit")
    func complete() {
        var bench = StepBench(Self.pair(.complete))
        bench.begin()
        #expect(bench.starts == ["t1-first"])
        bench.exit("t1-first", 9)
        #expect(bench.starts == ["t1-first", "t1-second"])
        #expect(bench.observed.status == .running)
    }

    @Test("SUCCESS waits for exit 0, and another code fails the task")
    func success() {
        var good = StepBench(Self.pair(.success))
        good.begin()
        good.exit("t1-first", 0)
        #expect(good.starts == ["t1-first", "t1-second"])
        var bad = StepBench(Self.pair(.success))
        bad.begin()
        bad.exit("t1-first", 2)
        #expect(bad.starts == ["t1-first"])
        #expect(bad.observed.stopCode == .taskFailedToStart)
        #expect(
            bad.observed.reason == "TaskDependencyError: container ordering dependency [first] for target [second] "
                + "exited with code 2")
    }

    @Test("HEALTHY waits for a passed check")
    func healthy() {
        var bench = StepBench(Self.pair(.healthy))
        bench.begin()
        #expect(bench.starts == ["t1-first"])
        bench.advance(.seconds(5))
        #expect(bench.starts == ["t1-first", "t1-second"])
    }

    @Test("startTimeout ends the wait and the task")
    func startTimeout() {
        var bench = StepBench(Self.pair(.complete, startTimeout: 10))
        bench.begin()
        bench.advance(.seconds(9))
        #expect(bench.observed.status == .pending)
        bench.advance(.seconds(1))
        #expect(bench.observed.status == .stopped)
        #expect(bench.observed.reason?.hasSuffix("has timed out") == true)
    }
}

@Suite("Restarts in place")
struct TaskRunnerRestartTests {
    static let policy = RestartPolicy(enabled: true, ignoredExitCodes: [7], attemptPeriod: 60)

    @Test("a container that ran long enough is started again, as a new attempt")
    func restarts() {
        var bench = StepBench(.of([.named("web") { $0.restartPolicy = Self.policy }]))
        bench.begin()
        bench.advance(.seconds(60))
        bench.exit("t1-web", 1)
        #expect(bench.starts == ["t1-web", "t1-web.1"])
        #expect(bench.log.contains(.remove(id: "t1-web")))
        #expect(bench.observed.status == .running)
        bench.send(.exited(id: "t1-web", code: 1, at: nil))
        #expect(bench.observed.containers.map(\.status) == [.running])
    }

    @Test("not when it ran too short, nor with an ignored code", arguments: [(59, 1), (60, 7)])
    func doesNotRestart(seconds: Int, code: Int) {
        var bench = StepBench(.of([.named("web") { $0.restartPolicy = Self.policy }]))
        bench.begin()
        bench.advance(.seconds(seconds))
        bench.exit("t1-web", code)
        #expect(bench.observed.status == .stopped)
        #expect(bench.observed.containers.map(\.exitCode) == [code])
    }
}

@Suite("Health checks")
struct TaskRunnerHealthTests {
    static func checked(retries: Int = 3, startPeriod: Int? = nil) -> TaskAssignment {
        .of([
            .named("web") {
                $0.healthCheck = HealthCheck(
                    command: ["CMD-SHELL", "test -f /ok"], interval: 10, timeout: 2, retries: retries,
                    startPeriod: startPeriod)
            }
        ])
    }
    static func failing(_ action: TaskAction) -> TaskInput? {
        if case .probe(let id, _, _) = action { .probed(id: id, passed: false) } else { nil }
    }

    @Test("run by the shell every interval, and one success is HEALTHY")
    func passes() {
        var bench = StepBench(Self.checked())
        bench.begin()
        #expect(bench.observed.containers.map(\.health) == [.unknown])
        bench.advance(.seconds(10))
        #expect(
            bench.log.contains(
                .probe(id: "t1-web", command: ["/bin/sh", "-c", "test -f /ok"], timeout: .seconds(2))))
        #expect(bench.observed.containers.map(\.health) == [.healthy])
    }

    @Test("UNHEALTHY takes as many failures as retries says, one success brings it back")
    func counts() {
        var bench = StepBench(Self.checked())
        bench.answers = Self.failing
        bench.begin()
        bench.advance(.seconds(20))
        #expect(bench.observed.containers.map(\.health) == [.unknown])
        bench.advance(.seconds(10))
        #expect(bench.observed.containers.map(\.health) == [.unhealthy])
        #expect(bench.observed.status == .running)
        bench.answers = { _ in nil }
        bench.advance(.seconds(10))
        #expect(bench.observed.containers.map(\.health) == [.healthy])
    }

    @Test("failures within the start period do not count")
    func startPeriod() {
        var bench = StepBench(Self.checked(retries: 1, startPeriod: 25))
        bench.answers = Self.failing
        bench.begin()
        bench.advance(.seconds(20))
        #expect(bench.observed.containers.map(\.health) == [.unknown])
        bench.advance(.seconds(10))
        #expect(bench.observed.containers.map(\.health) == [.unhealthy])
    }

    @Test("after a success within the start period they do")
    func successEndsStartPeriod() {
        var bench = StepBench(Self.checked(retries: 1, startPeriod: 100))
        bench.begin()
        bench.advance(.seconds(10))
        bench.answers = Self.failing
        bench.advance(.seconds(10))
        #expect(bench.observed.containers.map(\.health) == [.unhealthy])
    }
}
