import Controllers
import Domain
import Identifiers
import Logging
import ServiceLifecycle
import StateStore
import Synchronization
import TaskLifecycle
import TestKit
import Testing

@Suite("The controllers on a store", .timeLimit(.minutes(1)))
struct ControllersTests {
    let store = MemoryStateStore()
    let presence = HostPresence(startedAt: .zero)
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    func prepare(desired: Int, hosts: Int) async throws {
        _ = try await store.commit { transaction in
            for number in 0..<hosts {
                transaction.put(ContainerInstanceRecord.test("h\(number)", launchType: .fargate))
            }
            transaction.put(TaskDefinitionRecord.test())
            transaction.put(ServiceRecord.test(desired: desired))
        }
        for number in 0..<hosts { presence.connect(.test("h\(number)")) }
    }

    func services(lostAfter: Duration = .seconds(3), monotonic: @escaping @Sendable () -> Instant = { .zero })
        -> [any Service]
    {
        let ids = SeededIDSource()
        let clock = ContinuousClock()
        let now: @Sendable () -> Timestamp = { .test() }
        return [
            ServicesController(store: store, presence: presence, ids: ids, clock: clock, now: now, logger: logger),
            PlacementController(store: store, presence: presence, ids: ids, clock: clock, now: now, logger: logger),
            LostHostsController(
                store: store, presence: presence, policy: LostHostsPolicy(managed: lostAfter), clock: clock,
                monotonic: monotonic, now: now, logger: logger),
            RetentionController(store: store, clock: clock, now: now, logger: logger),
        ]
    }

    /// Waits until the stored state is so; the suite's time limit is the deadline.
    func reached(_ condition: (StateSnapshot) -> Bool) async {
        while true {
            let snapshot = store.committed()
            if condition(snapshot) { return }
            for await _ in store.watch(.all, after: snapshot.revision) { break }
        }
    }

    func running(_ services: [any Service], _ body: () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for service in services { group.addTask { try await service.run() } }
            try await body()
            group.cancelAll()
        }
    }

    func placed(_ snapshot: StateSnapshot) -> [TaskRecord] {
        snapshot.tasks.values().map(\.1).filter { $0.placement != nil && $0.isLive }
    }

    @Test("start and place a service's tasks, and follow its desired count")
    func starts() async throws {
        try await prepare(desired: 3, hosts: 2)
        try await running(services()) {
            await reached { placed($0).count == 3 }
            _ = try await store.commit { transaction in
                guard let service = transaction.state.services.values().map(\.1).first(where: { _ in true }) else {
                    return
                }
                transaction.put(service.desiring(.update(count: 5)))
            }
            await reached { placed($0).count == 5 }
        }
    }

    @Test("start what a large service needs in chunks")
    func large() async throws {
        try await prepare(desired: 30, hosts: 4)
        try await running(services()) { await reached { placed($0).count == 30 } }
    }

    @Test("place waiting tasks when a host connects")
    func connects() async throws {
        try await prepare(desired: 2, hosts: 1)
        presence.disconnect(.test("h0"), now: .zero)
        try await running(services()) {
            await reached { $0.unplacedTasks.count == 2 }
            presence.connect(.test("h0"))
            await reached { placed($0).count == 2 }
        }
    }

    @Test("move the tasks of a silent host to another")
    func loses() async throws {
        try await prepare(desired: 2, hosts: 1)
        let time = Mutex(Instant.zero)
        try await running(services(monotonic: { time.withLock { $0 } })) {
            await reached { placed($0).count == 2 }
            presence.disconnect(.test("h0"), now: .zero)
            time.withLock { $0 = Instant.zero.adding(.seconds(4)) }
            _ = try await store.commit { transaction in
                transaction.put(ContainerInstanceRecord.test("h1", launchType: .fargate))
            }
            presence.connect(.test("h1"))
            await reached { snapshot in
                snapshot.instances[.test("h0")]?.lostAt != nil
                    && placed(snapshot).count { $0.placement?.instance == .test("h1") } == 2
            }
            presence.connect(.test("h0"))
            await reached { $0.instances[.test("h0")]?.lostAt == nil }
        }
    }

    @Test("stop when the service group shuts down")
    func shutsDown() async throws {
        try await prepare(desired: 1, hosts: 1)
        let group = ServiceGroup(services: services(), logger: logger)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            await reached { placed($0).count == 1 }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }
}
