import Conformance
import StateStore
import Testing

@Suite("The store in memory")
struct MemoryStateStoreTests {
    @Test("keeps the contract:", arguments: StateStoreSuite.checks)
    func conforms(_ check: StateStoreCheck) async throws {
        try await check.run { limits in MemoryStateStore(limits: limits) }
    }
}
