import AWSWire
import Domain
import ECSShapes
import Identifiers
import JSONBytes
import StateStore
import Synchronization
import TestKit
import Testing

@testable import Front

@Suite("Making tasks once")
struct TaskLaunchTests {
    /// Forgets a task and its token just before the next commit, as a restored backup that is older than they are.
    private final class ForgetfulStore: StateStore {
        let base: MemoryStateStore
        private let forgets = Mutex<[RecordKey]>([])

        init(_ base: MemoryStateStore) { self.base = base }

        func forget(_ keys: [RecordKey]) { forgets.withLock { $0 = keys } }

        func committed() -> StateSnapshot { base.committed() }

        func commit<Result: Sendable, Refusal: Error>(
            expecting expected: AggregateVersions, _ body: @Sendable (inout Transaction) throws(Refusal) -> Result
        ) async throws(CommitError<Refusal>) -> Committed<Result> {
            let keys = forgets.withLock { keys in
                defer { keys = [] }
                return keys
            }
            if !keys.isEmpty {
                _ = try? await base.commit { transaction in for key in keys { transaction.delete(key) } }
            }
            return try await base.commit(expecting: expected, body)
        }

        func watch(_ scope: WatchScope, after revision: Revision) -> AsyncStream<WatchEvent> {
            base.watch(scope, after: revision)
        }
    }

    @Test("a call that was carried out is answered with its tasks and makes none again, whatever is restored meanwhile")
    func restored() async throws {
        let front = try await FrontHarness()
        try await front.demo()
        _ = try await front.host()
        let store = ForgetfulStore(front.store)
        var ports = front.ports
        ports.store = store
        let launch = TaskLaunch(ports)
        let request = try JSON11.decode(TaskTests.request().jsonBytes(), as: ECSShapes.RunTaskRequest.self)
        let token = RunTaskToken(scope: .test, key: "RunTask t1", digest: "1")
        func run() async throws -> [TaskRecord] {
            try await launch.run(request, .test, now: .test()) { state throws(APIFault) in
                try token.earlierTasks(in: state, now: .test())
            } beside: { tasks, transaction in
                transaction.put(token.record(of: tasks.map(\.id), now: .test()))
            }.tasks
        }
        let made = try await run()
        let id = try #require(made.first?.id)
        store.forget([.task(id), .idempotency(.test, token.key)])
        #expect(try await run() == made)
        #expect(front.store.committed().tasks.count == 1)
        // The next commit of anybody forgets it; the caller who asks again gets another.
        _ = try await store.commit { _ in }
        let anew = try await run()
        #expect(anew.count == 1 && anew.first?.id != id)
        #expect(front.store.committed().tasks.values().map(\.0) == anew.map(\.id))
    }
}
