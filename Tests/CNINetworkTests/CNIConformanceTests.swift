import Conformance
import Testing

@testable import CNINetwork

@Suite("The task network of a real host keeps its port's promises", .enabled(if: mayUseNamespaces), .serialized)
struct CNIConformanceTests {
    @Test("one by one", arguments: TaskNetworkSuite.Check.allCases)
    func promises(check: TaskNetworkSuite.Check) async throws {
        let host = try await TestHost.settled()
        defer { host.remove() }
        try await TaskNetworkSuite(network: host.network()).verify(check)
    }
}
