import Conformance
import StateStore
import StateStoreSQLite
import Testing

@Suite("The store in SQLite")
struct SQLiteConformanceTests {
    @Test("keeps the contract:", arguments: StateStoreSuite.checks)
    func conforms(_ check: StateStoreCheck) async throws {
        let directory = try TemporaryDirectory()
        let names = NameSource()
        try await check.run { limits in
            try SQLiteStateStore.open(path: directory.file(names.next()), limits: limits, now: epoch)
        }
    }
}
