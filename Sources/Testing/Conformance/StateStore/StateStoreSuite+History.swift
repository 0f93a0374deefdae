import Domain
import Identifiers
import StateStore
import Testing

extension StateStoreSuite {
    static let history: [StateStoreCheck] = [
        StateStoreCheck("the history holds each commit once, oldest first, as a watch tells it") { make in
            let store = try await make(StoreLimits())
            let history = try #require(store as? any CommitHistory)
            let newest = try await commit(7, to: store)
            let all = try await history.history(after: .zero, limit: 100)
            #expect(all.map(\.revision.value) == Array(1...newest.value))
            var told: [WatchEvent] = []
            for await event in store.watch(.all, after: .zero) {
                told.append(event)
                if told.count == all.count { break }
            }
            #expect(told == all.map { .batch($0.revision, $0.changes) })
        },
        StateStoreCheck("the history goes on behind any commit, in pages") { make in
            let store = try await make(StoreLimits())
            let history = try #require(store as? any CommitHistory)
            let newest = try await commit(5, to: store)
            let all = try await history.history(after: .zero, limit: 100)
            for after in 0...newest.value {
                for limit in 0...3 {
                    let page = try await history.history(after: Revision(after), limit: limit)
                    #expect(page == Array(all.filter { $0.revision.value > after }.prefix(limit)))
                }
            }
        },
        StateStoreCheck("a commit that changes nothing or is refused is no history") { make in
            let store = try await make(StoreLimits())
            let history = try #require(store as? any CommitHistory)
            let newest = try await commit(1, to: store)
            _ = try await store.commit { $0.put(Sample.family("app", latest: 1)) }
            await #expect(throws: (any Error).self) {
                _ = try await store.commit { transaction throws(Refused) in
                    transaction.put(Sample.family("app", latest: 9))
                    throw Refused()
                }
            }
            #expect(try await history.history(after: newest, limit: 10) == [])
        },
    ]

    private struct Refused: Error {}

    private static func commit(_ count: Int, to store: any StateStore) async throws -> Revision {
        for latest in 1...count { _ = try await store.commit { $0.put(Sample.family("app", latest: latest)) } }
        return store.committed().revision
    }
}
