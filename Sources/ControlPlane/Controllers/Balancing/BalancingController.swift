public import Balancer
import Domain
public import Identifiers
public import LoadBalancing
public import Logging
public import ServiceLifecycle
public import StateStore
import Synchronization

/// Makes the data plane do what the records of load balancers say, and tells what it sees.
public struct BalancingController: Service {
    let store: any StateStore
    let balancer: any Balancer
    let addresses: any BalancerAddresses
    let health: TargetHealthBoard
    let traffic: TrafficBoard
    let now: @Sendable () -> Timestamp
    let pool: AddressPool
    let shared: [String]
    let clock: any Clock<Duration>
    let logger: Logger
    private let current = CurrentPlan()

    /// Between two looks at the data plane. Longer makes tasks wait before they count as healthy.
    private static let lookEvery = Duration.seconds(1)
    /// The same while a target waits for its first check.
    private static let lookSoon = Duration.milliseconds(200)

    /// - Parameters:
    ///   - pool: where load balancers get their addresses.
    ///   - shared: addresses of this machine at which people reach load balancers by name.
    public init(
        store: any StateStore, balancer: any Balancer, addresses: any BalancerAddresses, health: TargetHealthBoard,
        traffic: TrafficBoard = TrafficBoard(), pool: AddressPool, shared: [String], clock: any Clock<Duration>,
        now: @escaping @Sendable () -> Timestamp, logger: Logger
    ) {
        self.store = store
        self.balancer = balancer
        self.addresses = addresses
        self.health = health
        self.traffic = traffic
        self.now = now
        self.pool = pool
        self.shared = shared
        self.clock = clock
        self.logger = logger
    }

    public func run() async throws {
        try await untilShutdown {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await follow() }
                group.addTask { try await look() }
                try await group.waitForAll()
            }
        }
    }

    // MARK: What it must do

    private func follow() async throws {
        var applied: BalancerPlan?
        var served: [String] = []
        var told: [String] = []
        var backoff = Backoff()
        let shell = ControllerLoop<Bool>(
            store: store, scope: [.loadBalancers, .targets, .instances], clock: clock, logger: logger)
        try await shell.run(keys: { Self.matters($0) ? [true] : [] }) { wakeup, _ in
            let planned = DataPlanePlan(store.committed(), pool: pool, shared: shared)
            current.set(planned)
            if planned.plan.loadBalancers.isEmpty, applied == nil {
                // No process is needed for nothing; one that serves what was deleted as this one died must end.
                guard await clear() else { return backoff.next() }
                backoff.reset()
                applied = planned.plan
                return nil
            }
            guard planned.plan != applied || !backoff.isFresh else { return nil }
            do throws(BalancerError) {
                let wanted = planned.plan.loadBalancers.flatMap(\.addresses)
                // Listeners need them first; a change of targets does not wait for the look at them.
                var missing = wanted == served ? nil : await addresses.set(wanted)
                let refusals = try await balancer.apply(planned.plan)
                applied = planned.plan
                if missing == nil { missing = await addresses.set(wanted) }
                let lacking = missing ?? [:]
                served = lacking.isEmpty ? wanted : []
                warn(of: refusals.map(\.reason), &told)
                await tell(planned, lacking, refusals)
                guard lacking.isEmpty, refusals.isEmpty else { return backoff.next() }
                backoff.reset()
                return nil
            } catch {
                warn(of: [error.text], &told)
                await mark(planned.loadBalancers, .failed, error.text)
                applied = nil
                served = []
                return backoff.next()
            }
        }
    }

    /// - Returns: whether nothing serves any more.
    private func clear() async -> Bool {
        do throws(BalancerError) {
            try await balancer.tearDown()
            _ = await addresses.set([])
            return true
        } catch {
            logger.error("a data plane that nothing needs does not end", metadata: ["reason": "\(error.text)"])
            return false
        }
    }

    /// Of hosts only the addresses matter.
    private static func matters(_ change: Change) -> Bool {
        guard case .instance = change.key else { return true }
        guard case .instance(let before)? = change.before, case .instance(let after)? = change.after else {
            return true
        }
        return before.nodeAddress != after.nodeAddress || before.status != after.status
    }

    /// Writes which load balancers work, and why others do not.
    private func tell(
        _ planned: DataPlanePlan, _ missing: [String: String], _ refusals: [BalancerRefusal]
    ) async {
        var reasons: [String: String] = [:]
        for plan in planned.plan.loadBalancers {
            for address in plan.addresses { reasons[plan.id] = missing[address] ?? reasons[plan.id] }
            let listeners = Set(plan.listeners.map(\.id))
            for refusal in refusals where refusal.concerns(listeners) {
                reasons[plan.id] = reasons[plan.id] ?? refusal.reason
            }
        }
        for id in planned.loadBalancers {
            let reason = reasons[id.arn]
            await mark([id], reason == nil ? .active : .activeImpaired, reason)
        }
    }

    /// Says why not all is served, once and not with every try.
    private func warn(of reasons: [String], _ told: inout [String]) {
        guard reasons != told else { return }
        for reason in reasons { logger.warning("load balancers are not served", metadata: ["reason": "\(reason)"]) }
        told = reasons
    }

    private func mark(_ ids: [LoadBalancerID], _ state: LoadBalancerState, _ reason: String?) async {
        let known = store.committed().loadBalancers
        let changed = ids.filter { known[$0].map { $0.state != state || $0.stateReason != reason } ?? false }
        for start in stride(from: 0, to: changed.count, by: 90) {
            let part = changed[start..<min(start + 90, changed.count)]
            _ = await store.write { transaction in
                for id in part {
                    guard var record = transaction.state.loadBalancers[id] else { continue }
                    record.state = state
                    record.stateReason = reason
                    transaction.put(record)
                }
            }
        }
    }

    // MARK: What it sees

    private func look() async throws {
        while !Task.isCancelled {
            var isWaiting = false
            if let planned = current.get(), !planned.plan.loadBalancers.isEmpty {
                isWaiting = await look(planned)
            }
            try await clock.sleep(for: isWaiting ? Self.lookSoon : Self.lookEvery)
        }
    }

    /// - Returns: whether a target waits for its first check.
    private func look(_ planned: DataPlanePlan) async -> Bool {
        do throws(BalancerError) {
            let seen = try await balancer.observe()
            let told = planned.health(seen.targets)
            health.replace(told)
            traffic.put(TrafficSeen(seen, users: planned.users, at: now()))
            return planned.active.contains { told[$0].map { $0.state == .initial } ?? true }
        } catch {
            logger.debug("the data plane cannot be seen", metadata: ["reason": "\(error.text)"])
            return true
        }
    }
}

/// What was planned last, for whoever asks what is seen of it.
private final class CurrentPlan: Sendable {
    private let plan = Mutex<DataPlanePlan?>(nil)

    func set(_ new: DataPlanePlan) { plan.withLock { $0 = new } }

    func get() -> DataPlanePlan? { plan.withLock { $0 } }
}

extension BalancerRefusal {
    /// Whether it is about one of the listeners. That one is not served at shared addresses is none of its faults.
    fileprivate func concerns(_ listeners: Set<String>) -> Bool {
        switch subject {
        case .listener(let id), .rule(_, let id): listeners.contains(id)
        case .shared, .targetGroup: false
        }
    }
}
