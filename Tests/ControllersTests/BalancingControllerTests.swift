import Balancer
import Identifiers
import LoadBalancing
import Logging
import StateStore
import Synchronization
import TestKit
import Testing

@testable import Controllers

import struct Domain.LoadBalancerRecord

@Suite("Carrying out load balancers", .timeLimit(.minutes(1)))
struct BalancingControllerTests {
    /// Remembers what it was told.
    private final class RecordingBalancer: Balancer, BalancerAddresses {
        struct Told {
            var plans: [BalancerPlan] = []
            var ends = 0
            var addresses: [[String]] = []
        }

        let told = Mutex(Told())
        private let failure: String?

        init(failure: String? = nil) { self.failure = failure }

        func apply(_ plan: BalancerPlan) async throws(BalancerError) -> [BalancerRefusal] {
            told.withLock { $0.plans.append(plan) }
            if let failure { throw .failed(failure) }
            return []
        }

        func observe() async throws(BalancerError) -> BalancerObservation { BalancerObservation() }

        func tearDown() async throws(BalancerError) { told.withLock { $0.ends += 1 } }

        func set(_ addresses: [String]) async -> [String: String] {
            told.withLock { $0.addresses.append(addresses) }
            return [:]
        }
    }

    private static let id = LoadBalancerID(scope: .test, kind: .application, name: "front", suffix: "0b")

    private func until(_ condition: () -> Bool) async throws {
        while !condition() { try await Task.sleep(for: .milliseconds(5)) }
    }

    private func running(
        _ balancer: RecordingBalancer, _ store: MemoryStateStore, _ body: () async throws -> Void
    ) async throws {
        let controller = BalancingController(
            store: store, balancer: balancer, addresses: balancer, health: TargetHealthBoard(),
            pool: try #require(AddressPool("10.98.0.0/24")), shared: [], clock: ContinuousClock(),
            now: { Timestamp(milliseconds: 0) },
            logger: Logger(label: "test"))
        let task = Task { try await controller.run() }
        try await body()
        task.cancel()
        _ = await task.result
    }

    private func make(in store: MemoryStateStore) async throws {
        _ = try await store.commit { transaction in
            transaction.put(
                .loadBalancer(
                    LoadBalancerRecord(
                        id: Self.id, scheme: .internal, createdAt: .test(), subnets: [], securityGroups: [],
                        addressIndex: 0)))
        }
    }

    @Test("what an earlier process left behind ends when there is nothing to serve, and what comes is served")
    func leftBehind() async throws {
        let balancer = RecordingBalancer()
        let store = MemoryStateStore()
        try await running(balancer, store) {
            try await until { balancer.told.withLock { $0.ends == 1 && $0.addresses == [[]] } }
            try await make(in: store)
            try await until { store.committed().loadBalancers[Self.id]?.state == .active }
        }
        balancer.told.withLock { told in
            #expect(told.ends == 1)
            #expect(told.plans.last?.loadBalancers.map(\.addresses) == [["10.98.0.1"]])
            #expect(told.addresses.last == ["10.98.0.1"])
        }
    }

    @Test("a load balancer that cannot be served says why")
    func failed() async throws {
        let store = MemoryStateStore()
        try await make(in: store)
        try await running(RecordingBalancer(failure: "no haproxy here"), store) {
            try await until { store.committed().loadBalancers[Self.id]?.state == .failed }
        }
        #expect(store.committed().loadBalancers[Self.id]?.stateReason == "no haproxy here")
    }
}
