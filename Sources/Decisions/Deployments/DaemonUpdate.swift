import Domain
import Identifiers

/// One step of a service with the DAEMON strategy: one task on every eligible host.
///
/// The maximum is always 100 percent, so a task stops before its replacement starts on the same host; the minimum says on
/// how many hosts at a time. What is on other hosts goes, on a draining one after everything else that runs there.
struct DaemonUpdate {
    private let snapshot: ServiceSnapshot
    private let primary: DeploymentRecord
    private let fallback: DeploymentRecord?
    private let eligible: [ContainerInstanceID]
    private let byHost: [ContainerInstanceID?: [TaskRecord]]
    private let minimum: Int
    private let isHeldBack: Bool
    /// Tasks that this step may still start or stop.
    private var budget: Int
    private var healthy: Int
    private(set) var stops: [TaskRecord] = []
    private(set) var starts: [ServicePlan.Start] = []
    /// Deployments of tasks that would stop if they were not protected.
    private(set) var blocked: Set<DeploymentID> = []
    /// Tasks that wait on draining hosts for others to go.
    private(set) var isWaiting = false

    /// - Parameter eligible: in order of the ids.
    init(
        _ snapshot: ServiceSnapshot, _ eligible: [ContainerInstanceID], primary: DeploymentRecord,
        fallback: DeploymentRecord?, budget: Int
    ) {
        self.snapshot = snapshot
        self.primary = primary
        self.fallback = fallback
        self.eligible = eligible
        self.budget = budget
        byHost = Dictionary(grouping: snapshot.liveTasks) { $0.pinnedTo ?? $0.placement?.instance }
        minimum = snapshot.service.configuration.minimum(of: eligible.count)
        healthy = snapshot.liveTasks.count { snapshot.isHealthy($0) }
        isHeldBack = primary.rolloutState == .failed || (primary.throttledUntil.map { $0 > snapshot.now } ?? false)
    }

    mutating func plan() {
        let wanted = Set(eligible.map(Optional.some))
        for host in byHost.keys.filter({ !wanted.contains($0) }).sorted(by: Self.inOrder) {
            if let host, let known = snapshot.hosts[host], known.isDraining, known.hasOthers {
                isWaiting = true
            } else {
                for task in byHost[host] ?? [] { stop(task) }
            }
        }
        for host in eligible { planHost(host) }
    }

    /// Whether the minimum forbids every move of a rollout that has moves to make.
    var isStuck: Bool {
        guard !eligible.isEmpty, minimum >= eligible.count, healthy >= minimum, stops.isEmpty else { return false }
        return snapshot.liveTasks.contains { $0.deployment != primary.id }
    }

    private static func inOrder(_ lhs: ContainerInstanceID?, _ rhs: ContainerInstanceID?) -> Bool {
        guard let lhs, let rhs else { return lhs == nil && rhs != nil }
        return lhs < rhs
    }

    private mutating func planHost(_ host: ContainerInstanceID) {
        let tasks = byHost[host] ?? []
        let sound = tasks.filter { $0.deployment == primary.id && !snapshot.isUnhealthy($0) }
            .sorted { ($0.createdAt, $0.id) < ($1.createdAt, $1.id) }
        if let kept = sound.first {
            for task in tasks where task.id != kept.id { stop(task) }
            return
        }
        var left = tasks.count
        for task in tasks where mayGo(task) && stop(task) { left -= 1 }
        if left == 0 { start(on: host) }
    }

    /// Old tasks stay while their replacement could not start, or while they are protected; healthy ones go within the
    /// minimum.
    private mutating func mayGo(_ task: TaskRecord) -> Bool {
        if snapshot.isUnhealthy(task) { return true }
        if isHeldBack, task.deployment != primary.id { return false }
        if snapshot.isProtected(task) {
            if let deployment = task.deployment { blocked.insert(deployment) }
            return false
        }
        return !snapshot.isHealthy(task) || healthy > minimum
    }

    @discardableResult
    private mutating func stop(_ task: TaskRecord) -> Bool {
        guard budget > 0 else { return false }
        budget -= 1
        stops.append(task)
        if snapshot.isHealthy(task) { healthy -= 1 }
        return true
    }

    private mutating func start(on host: ContainerInstanceID) {
        guard budget > 0 else { return }
        var deployment = primary.id
        if isHeldBack {
            guard let fallback, fallback.throttledUntil.map({ $0 <= snapshot.now }) ?? true else { return }
            deployment = fallback.id
        }
        budget -= 1
        starts.append(ServicePlan.Start(deployment: deployment, count: 1, host: host))
    }
}
