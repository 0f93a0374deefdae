import AgentWire
import Domain
import Identifiers
import StateStore
import Testing

@testable import AgentGateway

@Suite("A host that comes back")
struct ReturningHostTests {
    private func question(_ manifest: String, _ tasks: [String]) -> ACSInput {
        let candidates = tasks.map { TaskIdentifier(taskArn: $0, taskClusterArn: demo.arn, desiredStatus: "STOPPED") }
        return .frame(TaskStopVerificationMessage(messageId: manifest, stopCandidates: candidates).frame())
    }

    private func doomed(_ bench: SessionBench) -> [String?]? {
        for case .stopVerificationAck(let answer) in bench.messages { return answer.stopTasks.map(\.taskArn) }
        return nil
    }

    @Test("a task that was given up is not in the manifest, is stopped, and holds back the new ones")
    func givenUp() {
        var bench = SessionBench([.placed("1").observed(.running).lost, .placed("2")])
        bench.step(.opened)
        let manifest = bench.manifests.first
        #expect(manifest?.tasks.map(\.taskArn) == [taskID("2").arn])
        #expect(bench.orders == ["stop 1"])
        bench.acknowledge(bench.payloads.first?.messageId ?? "")

        bench.step(question(manifest?.messageId ?? "", [taskID("1").arn]), at: 0.1)
        #expect(doomed(bench) == [taskID("1").arn])
        bench.acknowledge(manifest?.messageId ?? "")
        bench.step(.tick, at: 30)
        #expect(bench.orders.isEmpty)

        bench.set(.placed("1").observed(.stopped).lost)
        bench.step(.changed, at: 31)
        #expect(bench.orders == ["run 2"])
    }

    @Test("new tasks start once the agent had time to name given-up tasks and named none")
    func notRunningAnyMore() {
        var bench = SessionBench([.placed("1").observed(.running).lost, .placed("2")])
        bench.step(.opened)
        bench.acknowledge(bench.manifests.first?.messageId ?? "")
        #expect(bench.orders.isEmpty)
        #expect(bench.session.deadline == moment(5).instant)
        bench.step(.tick, at: 5)
        #expect(bench.orders.contains("run 2"))
    }

    @Test("new tasks do not wait for ever for a task that does not stop")
    func limit() {
        var configuration = GatewayConfiguration()
        configuration.silenceLimit = .seconds(1000)
        var bench = SessionBench([.placed("1").observed(.running).lost, .placed("2")], configuration: configuration)
        bench.step(.opened)
        bench.step(question(bench.manifests.first?.messageId ?? "", [taskID("1").arn]))
        bench.step(.tick, at: 149)
        #expect(!bench.orders.contains("run 2"))
        bench.step(.tick, at: 150)
        #expect(bench.orders.contains("run 2"))
    }

    @Test("of the tasks the manifest did not name, those unknown, elsewhere or stopped must die; the others live")
    func verification() {
        var bench = SessionBench([
            .placed("1"), .placed("2").observed(.running).asked(), .placed("3", on: elsewhere),
            .placed("4").observed(.stopped),
        ])
        bench.step(.opened)
        let manifest = bench.manifests.first?.messageId ?? ""
        let candidates = ["1", "2", "3", "4", "f"].map { taskID($0).arn } + ["nonsense"]
        bench.step(question(manifest, candidates))
        #expect(doomed(bench) == ["2", "3", "4", "f"].map { taskID($0).arn } + ["nonsense"])
    }

    @Test("a question about a manifest of another connection is not answered")
    func foreignQuestion() {
        var bench = SessionBench([])
        bench.step(.opened)
        bench.step(question("other", [taskID("1").arn]))
        #expect(doomed(bench) == nil)
    }

    @Test("a manifest that is not acknowledged is sent again under a higher number")
    func repeatsManifest() throws {
        var bench = SessionBench([.placed("1")])
        bench.step(.opened)
        let first = try #require(bench.manifests.first)
        bench.step(.tick, at: 5)
        let second = try #require(bench.manifests.first)
        #expect(try #require(second.timeline) > #require(first.timeline))
        #expect(second.tasks == first.tasks)
        bench.acknowledge(second.messageId)
        bench.step(.tick, at: 50)
        #expect(bench.manifests.isEmpty)
    }
}
