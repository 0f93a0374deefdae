import Domain
import Identifiers
import Metering
import StateStore
import Testing

extension StateStoreSuite {
    static let usage: [StateStoreCheck] = [
        StateStoreCheck("what stops is counted once, in the commit that says so") { make in
            let store = try await make(StoreLimits())
            var task = Sample.task("a", of: Sample.web, on: Sample.host)
            task.observed = ObservedTask()
            task.observed?.status = .running
            task.observed?.pullStartedAt = Timestamp(milliseconds: 1_000)
            try await put(task, store)
            #expect(store.committed().usage.count == 0, "a running task is added when somebody asks")
            task.observed?.status = .stopped
            task.observed?.stoppedAt = Timestamp(milliseconds: 101_000)
            let revision = try await put(task, store)
            #expect(total(store) == 100_000)
            task.tags = [KeyValue(key: "a", value: "b")]
            try await put(task, store)
            _ = try await store.commit { $0.delete(.task(Sample.task("a", of: Sample.web).id)) }
            #expect(total(store) == 100_000, "counted once, and kept when the task is forgotten")
            #expect(store.committed().revision > revision)
        },
        StateStoreCheck("a late report of when a task began corrects what was counted") { make in
            let store = try await make(StoreLimits())
            var task = Sample.task("a", on: Sample.host)
            task.verdict.lostAt = Timestamp(milliseconds: 200_000)
            try await put(task, store)
            #expect(store.committed().usage.count == 0)
            for (began, counted) in [(50_000, 150_000), (100_000, 100_000)] as [(Int64, Int64)] {
                task.observed = ObservedTask()
                task.observed?.pullStartedAt = Timestamp(milliseconds: began)
                try await put(task, store)
                #expect(total(store) == counted)
            }
        },
        StateStoreCheck("a host is counted when it leaves, once") { make in
            let store = try await make(StoreLimits())
            var host = Sample.instance("h", in: Sample.cluster)
            _ = try await store.commit { [host] in $0.put(host) }
            host.status = .inactive
            host.deregisteredAt = Timestamp(milliseconds: 3_600_001)
            _ = try await store.commit { [host] in $0.put(host) }
            _ = try await store.commit { $0.delete(.instance(Sample.instance("h", in: nil).id)) }
            #expect(whole(store).begun == 1)
            #expect(whole(store).amount.host == 3_600_000 * 1_000_000)
        },
        StateStoreCheck("condensing keeps the whole") { make in
            let store = try await make(StoreLimits())
            var task = Sample.task("a", on: Sample.host)
            task.observed = ObservedTask()
            task.observed?.status = .stopped
            task.observed?.pullStartedAt = Timestamp(milliseconds: 1_000 * day)
            task.observed?.stoppedAt = Timestamp(milliseconds: 1_000 * day + 5 * day / 24)
            try await put(task, store)
            let counted = total(store)
            #expect(counted == 5 * day / 24)
            let ids = store.committed().usage.values().map(\.0)
            #expect(ids.map(\.period.hours) == [1, 1])
            for _ in 0..<2 {
                _ = try await store.commit { transaction in
                    for id in ids { transaction.condense(id, now: Timestamp(milliseconds: 1_050 * day)) }
                }
                #expect(store.committed().usage.values().map(\.0.period.hours) == [24])
                #expect(total(store) == counted)
            }
            _ = try await store.commit { transaction in
                for (id, _) in transaction.state.usage.values() {
                    transaction.condense(id, now: Timestamp(milliseconds: 1_500 * day))
                }
            }
            #expect(store.committed().usage.count == 0, "nothing of it goes on")
        },
    ]

    private static let day: Int64 = 86_400_000

    @discardableResult
    private static func put(_ task: TaskRecord, _ store: any StateStore) async throws -> Revision {
        var task = task
        task.reservation = Resources(cpu: CPUUnits(1), memory: MemoryMiB(1))
        let record = task
        return try await store.commit { $0.put(record) }.revision
    }

    /// CPU units times milliseconds over all time.
    private static func total(_ store: any StateStore) -> Int64 { whole(store).amount.cpu }

    private static func whole(_ store: any StateStore) -> UsageTotal {
        var total = UsageTotal()
        for (_, record) in store.committed().usage.values() { total.add(record, in: 0..<1_000_000) }
        return total
    }
}
