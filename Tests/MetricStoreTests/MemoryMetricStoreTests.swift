import Conformance
import MetricStore
import Testing

@Suite("The metric store in memory")
struct MemoryMetricStoreTests {
    @Test("keeps the contract:", arguments: MetricStoreSuite.checks)
    func conforms(_ check: MetricStoreCheck) async throws {
        try await check.run(on: MetricStoreMaker { limits in MemoryMetricStore(limits: limits) })
    }
}
