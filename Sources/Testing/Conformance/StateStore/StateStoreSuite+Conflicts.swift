import Domain
import Identifiers
import StateStore
import Testing

extension StateStoreSuite {
    static let conflicts: [StateStoreCheck] = [
        StateStoreCheck("a plan conflicts when a task appeared in its service") { make in
            try await conflict(make, on: .service(Sample.web)) { $0.put(Sample.task("b", of: Sample.web)) }
        },
        StateStoreCheck("a plan conflicts when a task of its service went") { make in
            try await conflict(make, on: .service(Sample.web)) { $0.delete(.task(Sample.task("a").id)) }
        },
        StateStoreCheck("a plan conflicts when a task was placed on its host") { make in
            try await conflict(make, on: .instance(Sample.host)) { $0.put(Sample.task("b", on: Sample.host)) }
        },
        StateStoreCheck("a plan conflicts when what did not exist appeared") { make in
            try await conflict(make, on: .family(Sample.family)) { $0.put(Sample.family("app", latest: 1)) }
        },
        StateStoreCheck("a plan conflicts when its task moved on") { make in
            try await conflict(make, on: .task(Sample.task("a").id)) { transaction in
                var task = Sample.task("a", of: Sample.web)
                task.startedBy = "someone"
                transaction.put(task)
            }
        },
        StateStoreCheck("a plan does not conflict with changes to other aggregates") { make in
            let store = try await make(StoreLimits())
            let plan = AggregateVersions(store.committed(), [.service(Sample.web)])
            _ = try await store.commit { transaction in
                transaction.put(Sample.cluster("default"))
                transaction.put(Sample.task("loose"))
            }
            _ = try await store.commit(expecting: plan) { $0.put(Sample.task("a", of: Sample.web)) }
            #expect(store.committed().tasks(of: Sample.web).count == 1)
        },
        StateStoreCheck("an aggregate that is gone leaves nothing behind, and its return is noticed") { make in
            let store = try await make(StoreLimits())
            _ = try await store.commit { $0.put(Sample.task("a", of: Sample.web, on: Sample.host)) }
            let plan = AggregateVersions(store.committed(), [.service(Sample.web)])
            _ = try await store.commit { $0.delete(.task(Sample.task("a").id)) }
            #expect(store.committed().version(of: .service(Sample.web)) == .zero)
            #expect(store.committed().versionCount == 0)
            _ = try await store.commit { $0.put(Sample.task("a", of: Sample.web, on: Sample.host)) }
            await #expect(throws: CommitError<Never>.self) {
                try await store.commit(expecting: plan) { $0.put(Sample.cluster("never")) }
            }
            #expect(store.committed().clusters.count == 0)
        },
    ]

    /// Plans on a service with one task, lets `interfere` happen meanwhile, and commits the plan.
    private static func conflict(
        _ make: StateStoreCheck.Factory, on aggregate: AggregateID,
        interfere: @Sendable (inout Transaction) -> Void
    ) async throws {
        let store = try await make(StoreLimits())
        _ = try await store.commit { transaction in
            transaction.put(Sample.service(Sample.web))
            transaction.put(Sample.task("a", of: Sample.web))
        }
        let plan = AggregateVersions(store.committed(), [aggregate])
        _ = try await store.commit(interfere)
        let moved = store.committed()
        do throws(CommitError<Never>) {
            _ = try await store.commit(expecting: plan) { $0.put(Sample.cluster("never")) }
            Issue.record("the plan was committed although \(aggregate) had moved")
        } catch {
            guard case .conflict(aggregate) = error else {
                Issue.record("expected a conflict on \(aggregate), got \(error)")
                return
            }
        }
        #expect(store.committed().revision == moved.revision)
        let second = AggregateVersions(moved, [aggregate])
        _ = try await store.commit(expecting: second) { $0.put(Sample.cluster("planned-again")) }
        #expect(store.committed().clusters.count == 1)
    }
}
