import Domain
import Identifiers
import StateStore
import Testing

extension StateStoreSuite {
    static let watches: [StateStoreCheck] = [
        StateStoreCheck("a watch gives each later commit once, in order, with before and after") { make in
            let store = try await make(StoreLimits())
            _ = try await store.commit { $0.put(Sample.family("app", latest: 1)) }
            let start = store.committed()
            var events = store.watch(.all, after: start.revision).makeAsyncIterator()
            for latest in 2...5 { _ = try await store.commit { $0.put(Sample.family("app", latest: latest)) } }
            for latest in 2...5 {
                let change = Change(
                    key: .family(Sample.family), before: .family(Sample.family("app", latest: latest - 1)),
                    after: .family(Sample.family("app", latest: latest)))
                let event = await events.next()
                #expect(event == .batch(Revision(start.revision.value + Int64(latest - 1)), [change]))
            }
        },
        StateStoreCheck("a watch gives only changes in its scope, and nothing of commits without any") { make in
            let store = try await make(StoreLimits())
            var events = store.watch([.tasks, .clusters], after: .zero).makeAsyncIterator()
            _ = try await store.commit { $0.put(Sample.family("app", latest: 1)) }
            _ = try await store.commit { transaction in
                transaction.put(Sample.service(Sample.web))
                transaction.put(Sample.task("a", of: Sample.web))
            }
            _ = try await store.commit { $0.put(Sample.cluster("default")) }
            guard case .batch(Revision(2), let first)? = await events.next() else {
                Issue.record("expected the second commit first")
                return
            }
            #expect(first.map(\.key) == [.task(Sample.task("a").id)])
            guard case .batch(Revision(3), let second)? = await events.next() else {
                Issue.record("expected the third commit second")
                return
            }
            #expect(second.map(\.key) == [.cluster(Sample.cluster)])
        },
        StateStoreCheck("a watch resumes after the revision it names, without a gap or a repetition") { make in
            let store = try await make(StoreLimits())
            for latest in 1...6 { _ = try await store.commit { $0.put(Sample.family("app", latest: latest)) } }
            var events = store.watch(.all, after: Revision(3)).makeAsyncIterator()
            _ = try await store.commit { $0.put(Sample.family("app", latest: 7)) }
            for revision in 4...7 {
                guard case .batch(Revision(Int64(revision)), _)? = await events.next() else {
                    Issue.record("expected revision \(revision)")
                    return
                }
            }
        },
        StateStoreCheck("a watch from a forgotten revision says resync and ends") { make in
            let store = try await make(StoreLimits(keptChanges: 4))
            for latest in 1...10 { _ = try await store.commit { $0.put(Sample.family("app", latest: latest)) } }
            #expect(await collect(store.watch(.all, after: Revision(2))) == [.resync])
            var kept = store.watch(.all, after: Revision(7)).makeAsyncIterator()
            guard case .batch(Revision(8), _)? = await kept.next() else {
                Issue.record("revision 8 should still be there")
                return
            }
        },
        StateStoreCheck("a watch from a revision that never was says resync and ends") { make in
            let store = try await make(StoreLimits())
            #expect(await collect(store.watch(.all, after: Revision(5))) == [.resync])
        },
        StateStoreCheck("a reader that is too slow gets what was kept, then resync, then the end") { make in
            let store = try await make(StoreLimits(watchBuffer: 4))
            let slow = store.watch(.all, after: .zero)
            for latest in 1...20 { _ = try await store.commit { $0.put(Sample.family("app", latest: latest)) } }
            let events = await collect(slow)
            #expect(events.last == .resync)
            #expect(events.count <= 4)
            for (index, event) in events.dropLast().enumerated() {
                guard case .batch(Revision(Int64(index + 1)), _) = event else {
                    Issue.record("event \(index) is \(event)")
                    return
                }
            }
        },
        StateStoreCheck("a snapshot plus its watch, taken while others write, rebuilds the state") { make in
            let store = try await make(StoreLimits())
            try await withThrowingTaskGroup(of: Void.self) { group in
                for writer in 0..<8 {
                    group.addTask {
                        for count in 1...50 {
                            _ = try await store.commit { $0.put(Sample.family("app\(writer)", latest: count)) }
                        }
                    }
                }
                for start in [0, 100, 200, 300] {
                    group.addTask {
                        for await event in store.watch(.all, after: .zero) {
                            guard case .batch(let revision, _) = event, revision.value < start else { break }
                        }
                        await rebuild(from: store, until: Revision(400))
                    }
                }
                try await group.waitForAll()
            }
        },
    ]

    /// Applies what a watch gives to a snapshot, until the revision is reached, and compares.
    private static func rebuild(from store: any StateStore, until last: Revision) async {
        var rebuilt = store.committed()
        guard rebuilt.revision < last else { return }
        for await event in store.watch(.all, after: rebuilt.revision) {
            guard case .batch(let revision, let changes) = event else {
                Issue.record("unexpected resync")
                return
            }
            #expect(revision.value == rebuilt.revision.value + 1)
            for change in changes {
                #expect(rebuilt.record(change.key) == change.before)
                rebuilt.apply(key: change.key, after: change.after)
            }
            rebuilt.stamp(changes, revision: revision)
            if revision == last { break }
        }
        #expect(rebuilt.allRecords == store.committed().allRecords)
    }

    private static func collect(_ stream: AsyncStream<WatchEvent>) async -> [WatchEvent] {
        var events: [WatchEvent] = []
        for await event in stream { events.append(event) }
        return events
    }
}
