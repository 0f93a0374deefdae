import AgentWire
import Domain
import Identifiers
import StateStore
import Testing

@testable import AgentGateway

@Suite("ACS session")
struct ACSSessionTests {
    @Test("a connection starts with a manifest of what is followed, a heartbeat, then the tasks")
    func connects() {
        var bench = SessionBench([
            .placed("1"), .placed("2").observed(.running), .placed("3").observed(.stopped),
            .placed("4", on: elsewhere), .placed("5").observed(.running).asked(),
        ])
        bench.step(.opened)
        #expect(bench.outputs.first == .connected)
        #expect(bench.manifests.first?.tasks.map(\.desiredStatus) == ["RUNNING", "RUNNING", "STOPPED"])
        #expect(bench.manifests.first?.tasks.first?.taskArn == taskID("1").arn)
        #expect(bench.heartbeats.count == 1)
        #expect(bench.orders == ["stop 5", "run 1", "run 2"])
        if case .manifest? = bench.messages.first {} else { Issue.record("the manifest is not first") }
    }

    @Test("what the agent was told is not told again, also when it is acknowledged")
    func onlyOnce() {
        var bench = SessionBench([.placed("1")])
        bench.step(.opened)
        bench.acknowledgeAll()
        #expect(bench.payloads.isEmpty)
        bench.step(.changed, at: 4)
        #expect(bench.payloads.isEmpty)
    }

    @Test("a new task and a stop go out when they appear")
    func changes() {
        var bench = SessionBench([.placed("1")])
        bench.step(.opened)
        bench.acknowledgeAll()
        bench.set(.placed("2"), .placed("1").observed(.running).asked())
        bench.step(.changed, at: 1)
        #expect(bench.orders == ["stop 1", "run 2"])
    }

    @Test("a stop of a task that the host never reported names it in full, so that any agent can answer")
    func stopOfUnseen() {
        var bench = SessionBench([.placed("1").asked()])
        bench.step(.opened)
        #expect(bench.orders == ["stop 1"])
        #expect(bench.payloads.first?.tasks.first?.berth != nil)
        #expect(bench.payloads.first?.tasks.first?.containers.count == 1)
    }

    @Test("so is a stop of one that it reported: the host may know its end already, and the store not, after a restore")
    func stopOfSeen() {
        var bench = SessionBench([.placed("1").observed(.running).asked()])
        bench.step(.opened)
        #expect(bench.orders == ["stop 1"])
        #expect(bench.payloads.first?.tasks.first?.berth != nil)
    }

    @Test("a stop of a reported task goes out by its name when the definition is missing")
    func stopWithoutDefinition() {
        var lacking = TaskRecord.placed("1").observed(.running).asked()
        lacking.definition = TaskDefinitionID(family: web.family, revision: 9)
        var bench = SessionBench([lacking])
        bench.step(.opened)
        #expect(bench.orders == ["stop 1"])
        #expect(bench.payloads.first?.tasks.first?.berth == nil)
    }

    @Test("a task whose definition is missing is reported once, and the others go out")
    func missingDefinition() {
        var lacking = TaskRecord.placed("1")
        lacking.definition = TaskDefinitionID(family: web.family, revision: 9)
        var bench = SessionBench([lacking, .placed("2")])
        bench.step(.opened)
        #expect(bench.orders == ["run 2"])
        let reason = "the task definition \(lacking.definition.arn) is missing"
        #expect(bench.outputs.contains(.impossible(lacking.id, reason: reason)))
        bench.step(.changed, at: 1)
        #expect(!bench.outputs.contains { if case .impossible = $0 { true } else { false } })
    }

    @Test("an unacknowledged payload is sent again, ever later, and then no more")
    func redelivers() {
        var configuration = GatewayConfiguration()
        configuration.silenceLimit = .seconds(10_000)
        configuration.heartbeatInterval = .seconds(10_000)
        var bench = SessionBench([.placed("1")], configuration: configuration)
        bench.step(.opened)
        let first = bench.payloads
        bench.acknowledge(bench.manifests.first?.messageId ?? "")
        var times: [Double] = []
        var undelivered: [TaskID] = []
        for second in 1...400 {
            for output in bench.step(.tick, at: Double(second)) {
                if case .undelivered(let tasks) = output { undelivered += tasks }
            }
            if !bench.payloads.isEmpty {
                #expect(bench.payloads == first)
                times.append(Double(second))
            }
        }
        #expect(times == [5, 15, 35, 75])
        #expect(undelivered == [taskID("1")])
    }

    @Test("a payload carries a bounded number of tasks, and a bounded number of payloads waits")
    func bounds() {
        var configuration = GatewayConfiguration()
        configuration.maximumTasksPerPayload = 2
        configuration.maximumOutstanding = 3
        var bench = SessionBench((1...9).map { .placed("\($0)") }, configuration: configuration)
        bench.step(.opened)
        #expect(bench.payloads.map(\.tasks.count) == [2, 2, 2])
        bench.acknowledge(bench.payloads.first?.messageId ?? "")
        #expect(bench.orders == ["run 7", "run 8"])
    }

    @Test("a host that was deregistered is sent away")
    func deregistered() {
        var bench = SessionBench([.placed("1")])
        bench.step(.opened)
        var host = ContainerInstanceRecord.host(here)
        host.status = .inactive
        bench.view.state.apply(key: .instance(here), after: .instance(host))
        bench.step(.changed, at: 3)
        #expect(
            bench.outputs == [
                .disconnected(since: moment(3).instant),
                .close(code: 1000, reason: "the container instance is not registered"),
            ])
        bench.step(.tick, at: 100)
        #expect(bench.outputs.isEmpty)
    }

    @Test("after a restore the agent must connect anew, for a manifest of what was restored")
    func restored() {
        var bench = SessionBench([.placed("1")])
        bench.step(.opened)
        bench.acknowledgeAll()
        bench.restore(epoch: 2)
        bench.step(.changed, at: 1)
        #expect(bench.outputs.last == .close(code: 1000, reason: "the state was restored from a backup"))
    }

    @Test("a replaced connection closes with a code after which agents wait, and says nothing of the host")
    func replaced() {
        var bench = SessionBench([])
        bench.step(.opened)
        bench.step(.replaced)
        #expect(bench.outputs == [.close(code: 4000, reason: "replaced by a newer connection")])
        bench.step(.closed)
        #expect(bench.outputs.isEmpty)
    }

    @Test("a version that the agent names for the first time is recorded")
    func version() {
        let version = AgentVersion(agentVersion: "1.105.1", agentHash: "a", runtimeVersion: "20")
        var bench = SessionBench([], version: version)
        bench.step(.opened)
        #expect(bench.outputs.contains(.record(version)))
    }

    @Test("a frame that cannot be read changes nothing")
    func unreadable() {
        var bench = SessionBench([])
        bench.step(.opened)
        bench.step(.frame("{}"))
        #expect(bench.outputs == [.unreadable(.noType)])
        bench.step(.frame(#"{"type":"Later"}"#))
        #expect(bench.outputs.isEmpty)
    }

    @Test("equal sessions with equal inputs give equal outputs")
    func deterministic() {
        func run() -> [ACSOutput] {
            var bench = SessionBench((1...9).map { .placed("\($0)") } + [.placed("a").lost])
            var all = bench.step(.opened)
            for second in 1...120 { all += bench.step(.tick, at: Double(second)) }
            return all
        }
        #expect(run() == run())
    }
}
