import Conformance
import TestKit
import Testing

@Suite("The network in memory")
struct FakeNetworkTests {
    @Test("keeps every promise of the port", arguments: TaskNetworkSuite.Check.allCases)
    func promises(check: TaskNetworkSuite.Check) async throws {
        try await TaskNetworkSuite(network: FakeNetwork()).verify(check)
    }
}
