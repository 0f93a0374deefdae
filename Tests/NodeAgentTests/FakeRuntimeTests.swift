import Conformance
import Domain
import TaskRuntime
import TestKit
import Testing

@Suite("The runtime in memory")
struct FakeRuntimeTests {
    @Test("keeps every promise of the port", arguments: TaskRuntimeSuite.Check.allCases)
    func promises(check: TaskRuntimeSuite.Check) async throws {
        let runtime = FakeRuntime()
        runtime.addImage("app:1")
        let suite = TaskRuntimeSuite(runtime: runtime, logDirectory: "/unused") { name, process in
            switch process {
            case .runs: runtime.behave(name, .runs)
            case .exits(let code): runtime.behave(name, .exits(code))
            case .ignoresTerm: runtime.behave(name, .ignoresTerm)
            }
            return ContainerDefinition(name: name, image: "app:1")
        }
        try await suite.verify(check)
    }
}
