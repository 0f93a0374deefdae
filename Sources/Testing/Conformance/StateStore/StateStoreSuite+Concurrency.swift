import Domain
import Identifiers
import StateStore
import Testing

extension StateStoreSuite {
    static let concurrency: [StateStoreCheck] = [
        StateStoreCheck("64 writers of one counter lose no step and share no revision") { make in
            let store = try await make(StoreLimits())
            let revisions = try await writers(64, rounds: 20) {
                try await store.commit { transaction in
                    let latest = transaction.state.families[Sample.family]?.latestRevision ?? 0
                    transaction.put(Sample.family("app", latest: latest + 1))
                    return latest + 1
                }
            }
            #expect(store.committed().families[Sample.family]?.latestRevision == 64 * 20)
            #expect(Set(revisions.map(\.revision)).count == 64 * 20)
            // One order of all: the revision and the counter agree.
            #expect(revisions.allSatisfy { $0.revision.value == Int64($0.result) })
        },
        StateStoreCheck("64 planners that expect what they read add up, planning again on conflict") { make in
            let store = try await make(StoreLimits())
            _ = try await writers(64, rounds: 3) {
                while true {
                    let snapshot = store.committed()
                    let latest = snapshot.families[Sample.family]?.latestRevision ?? 0
                    let plan = AggregateVersions(snapshot, [.family(Sample.family)])
                    do throws(CommitError<Never>) {
                        return try await store.commit(expecting: plan) { transaction in
                            transaction.put(Sample.family("app", latest: latest + 1))
                            return latest + 1
                        }
                    } catch {
                        guard case .conflict = error else { throw error }
                    }
                }
            }
            #expect(store.committed().families[Sample.family]?.latestRevision == 64 * 3)
        },
        StateStoreCheck("what a writer was told is visible to it at once") { make in
            let store = try await make(StoreLimits())
            _ = try await writers(16, rounds: 20) {
                let committed = try await store.commit { transaction in
                    let latest = transaction.state.families[Sample.family]?.latestRevision ?? 0
                    transaction.put(Sample.family("app", latest: latest + 1))
                    return latest + 1
                }
                let seen = store.committed()
                #expect(seen.revision >= committed.revision)
                #expect((seen.families[Sample.family]?.latestRevision ?? 0) >= committed.result)
                return committed
            }
        },
    ]

    private static func writers(
        _ count: Int, rounds: Int, _ write: @escaping @Sendable () async throws -> Committed<Int>
    ) async throws -> [Committed<Int>] {
        try await withThrowingTaskGroup(of: [Committed<Int>].self) { group in
            for _ in 0..<count {
                group.addTask {
                    var results: [Committed<Int>] = []
                    for _ in 0..<rounds { results.append(try await write()) }
                    return results
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
    }
}
