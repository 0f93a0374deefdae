import Domain
import Identifiers

/// One step of a rolling update: which tasks stop and how many start.
struct RollingUpdate {
    private let snapshot: ServiceSnapshot
    private let primary: DeploymentRecord
    /// With the task beyond the service's own count that moves to another zone.
    private let desired: Int
    private let ceiling: Int
    private let minimum: Int
    private let live: [TaskRecord]
    private let isHeldBack: Bool
    /// Tasks that this step may still start or stop.
    private var budget: Int
    private(set) var stops: [TaskRecord] = []
    /// Deployments of tasks that would stop if they were not protected.
    private(set) var blocked: Set<DeploymentID> = []
    private var stopped: Set<TaskID> = []
    private var healthy: Int

    init(_ snapshot: ServiceSnapshot, primary: DeploymentRecord, budget: Int) {
        self.snapshot = snapshot
        self.primary = primary
        self.budget = budget
        let count = snapshot.service.desiredCount
        desired = count + snapshot.spareForMove
        ceiling = snapshot.service.configuration.maximum(of: count)
        minimum = snapshot.service.configuration.minimum(of: count)
        live = snapshot.liveTasks
        healthy = live.count { snapshot.isHealthy($0) }
        isHeldBack = primary.rolloutState == .failed || (primary.throttledUntil.map { $0 > snapshot.now } ?? false)
    }

    private var current: [TaskRecord] { live.filter { $0.deployment == primary.id } }
    private var outdated: [TaskRecord] { live.filter { $0.deployment != primary.id } }

    /// Tasks of the primary deployment that must be replaced where they are.
    private func needsReplacement(_ task: TaskRecord) -> Bool {
        snapshot.isUnhealthy(task) || snapshot.isDisplaced(task)
    }

    private var room: Int { max(0, ceiling - (live.count - stops.count)) }

    mutating func planStops() {
        for task in live where task.lastStatus < .running && snapshot.isDisplaced(task) { stop(task) }
        let sound = current.filter { !needsReplacement($0) }
        if sound.count > desired {
            let spare = sound.filter { !snapshot.isProtected($0) }
            let surplus = sound.count - desired
            for task in snapshot.stopOrder(spare, among: live).prefix(surplus) {
                // Those that stay because they are protected may not serve yet.
                guard !snapshot.isHealthy(task) || healthy > min(minimum, desired) else { break }
                stop(task)
            }
            if spare.count < surplus { blocked.insert(primary.id) }
        }
        retireOutdated(missing: max(0, desired - sound.count))
        replaceInPlace(sound: sound.filter { !stopped.contains($0.id) })
    }

    /// Outdated tasks go while enough healthy ones stay.
    ///
    /// While the new revision fails to start, the old one is kept at the desired count rather than at the minimum.
    /// Protected ones stay until that ends, unless they are unhealthy.
    private mutating func retireOutdated(missing: Int) {
        let floor = isHeldBack ? max(minimum, desired) : minimum
        let protected = outdated.filter { snapshot.isProtected($0) && !snapshot.isUnhealthy($0) }
        let spare = outdated.filter { task in !protected.contains { $0.id == task.id } }
        for task in snapshot.stopOrder(spare, among: live) where !stopped.contains(task.id) {
            if task.lastStatus < .running {
                if primary.failedTasks == 0, !isHeldBack { stop(task) }
            } else if snapshot.isHealthy(task) {
                if healthy > floor { stop(task) }
            } else if healthy >= floor {
                stop(task)
            } else if snapshot.isUnhealthy(task), !isHeldBack, missing > room {
                stop(task)
            }
        }
        for task in protected where !isHeldBack && healthy >= floor + (snapshot.isHealthy(task) ? 1 : 0) {
            if let deployment = task.deployment { blocked.insert(deployment) }
        }
    }

    /// Tasks on draining hosts stop as far as the minimum allows, so that a lone host can be drained. Of unhealthy ones the
    /// replacements start first when the maximum has room, else they stop first within the minimum.
    private mutating func replaceInPlace(sound: [TaskRecord]) {
        let outgoing = snapshot.stopOrder(current.filter(needsReplacement), among: live)
            .filter { !stopped.contains($0.id) }
        guard !outgoing.isEmpty else { return }
        var replaced = sound.count { snapshot.isHealthy($0) } + outgoing.count - desired
        var lacking = desired - sound.count - room
        for task in outgoing {
            let wasHealthy = snapshot.isHealthy(task)
            if snapshot.isDisplaced(task), !isHeldBack {
                guard !wasHealthy || healthy > minimum else { continue }
                replaced -= 1
            } else if replaced > 0 {
                guard !wasHealthy || healthy > minimum else { continue }
                replaced -= 1
            } else if lacking > 0, !isHeldBack {
                guard !wasHealthy || healthy > minimum else { continue }
                lacking -= 1
            } else {
                continue
            }
            stop(task)
        }
    }

    private mutating func stop(_ task: TaskRecord) {
        guard budget > 0, stopped.insert(task.id).inserted else { return }
        budget -= 1
        stops.append(task)
        if snapshot.isHealthy(task) { healthy -= 1 }
    }

    /// What the primary deployment lacks, or, while it is held back, what the last good revision lacks.
    func starts(fallback: DeploymentRecord?) -> ServicePlan.Start? {
        let staying = live.filter { !stopped.contains($0.id) }
        if isHeldBack {
            guard let fallback, fallback.throttledUntil.map({ $0 <= snapshot.now }) ?? true else { return nil }
            let lacking = min(desired - staying.count, room, budget)
            return lacking > 0 ? ServicePlan.Start(deployment: fallback.id, count: lacking) : nil
        }
        let sound = staying.count { $0.deployment == primary.id && !needsReplacement($0) }
        let lacking = min(desired - sound, room, budget)
        return lacking > 0 ? ServicePlan.Start(deployment: primary.id, count: lacking) : nil
    }

    /// Whether the configuration itself forbids every move of a rollout that has moves to make.
    var isStuck: Bool {
        desired > 0 && ceiling <= desired && minimum >= desired && healthy >= minimum
            && !outdated.allSatisfy { stopped.contains($0.id) }
    }
}
