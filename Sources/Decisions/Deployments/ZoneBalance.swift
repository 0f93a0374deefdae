public import Domain
public import Identifiers

/// Which zones the plan must know more about before it can move a task.
public struct ZoneQuestion: Hashable, Sendable {
    /// Of the tasks that may move, nil without a strategy; in the order in which they are asked.
    public var providers: [String?]
    /// Tasks of the service per zone, without the one that is moving in.
    var counts: [String: Int]
    /// The fullest zone that may give up a task.
    var most: Int

    /// Whether another task there instead of in the fullest zone would be an improvement.
    public func isWorthALook(_ zone: String) -> Bool { (counts[zone] ?? 0) + 2 <= most }
}

/// What a host of a zone would say to one more task of the service.
public struct ZoneAnswer: Hashable, Sendable {
    /// Zones worth a look in which a host takes it now.
    public var open: Set<String>
    /// Whether others have hosts, but none that takes it now.
    public var lacksRoom: Bool

    public init(open: Set<String> = [], lacksRoom: Bool = false) {
        self.open = open
        self.lacksRoom = lacksRoom
    }
}

extension PlacementConstraint {
    /// Hosts of one zone; nil for a name that no expression can hold.
    public static func zone(_ name: String) -> PlacementConstraint? {
        guard let quote = ["'", "\""].first(where: { !name.contains($0) }) else { return nil }
        return .memberOf("attribute:ecs.availability-zone == \(quote)\(name)\(quote)")
    }
}

/// Moves a service's tasks between zones, one at a time, until no zone that has room has two fewer than another.
///
/// A move never leaves the minimum or the maximum of the service: the new task starts first, and when it is healthy one of
/// the fullest zone stops. It keeps the capacity provider, so that the shares of a strategy stay as they are. Every move
/// that ends makes the counts more even, so moves come to an end.
/// - Source: Amazon ECS Developer Guide, "Balancing an Amazon ECS service across Availability Zones"
extension ServiceSnapshot {
    /// nil when nothing may move, wherever there is room.
    public var zoneQuestion: ZoneQuestion? {
        guard mayMoveTasks else { return nil }
        let movable = movable
        let counts = zoneCounts
        guard let most = movable.compactMap({ zone(of: $0) }).compactMap({ counts[$0] }).max(), most > 1 else {
            return nil
        }
        let providers = Set(movable.map(\.capacityProvider)).sorted { ($0 ?? "") < ($1 ?? "") }
        return ZoneQuestion(providers: providers, counts: counts, most: most)
    }

    /// Tasks beyond the desired count that the service has while one moves.
    var spareForMove: Int { wantedMove == nil ? 0 : 1 }

    /// The next part of a move, once nothing else is to be done.
    func rebalance(_ plan: inout ServicePlan, budget: Int) {
        if let (task, move) = wantedMove {
            finish(move, of: task, &plan)
            return
        }
        endMove(&plan)
        guard mayMoveTasks, isAtRest(plan) else {
            if !mayMoveTasks { plan.service.rebalancing = nil }
            return
        }
        if zoneAnswers.values.contains(where: \.lacksRoom) {
            plan.wake(at: now.adding(Self.lookAgain))
        }
        guard budget > 0, let next = nextMove(of: movable) else {
            if plan.service.rebalancing != nil, isEven {
                plan.messages.append(.balanced(sortedCounts, service: service.id))
            }
            plan.service.rebalancing = nil
            return
        }
        if plan.service.rebalancing == nil {
            plan.messages.append(.unbalanced(sortedCounts, service: service.id))
            plan.service.rebalancing = ZoneRebalancing()
        }
        plan.starts.append(
            ServicePlan.Start(deployment: next.deployment, count: 1, zone: next.to, provider: next.provider))
    }

    /// Forgets the move that was open, and with it its task if that has no host: bound to its zone, it might wait there for
    /// ever in the place of one that would find a host elsewhere.
    /// A protected one stays, and its move with it, until that ends.
    func endMove(_ plan: inout ServicePlan) {
        let task = liveTasks.first { $0.id == service.rebalancing?.move?.task }
        if let task, task.placement == nil, isProtected(task) { return }
        plan.service.rebalancing?.move = nil
        guard let task, task.placement == nil, let deployment = task.deployment,
            !plan.stops.contains(where: { $0.task == task.id })
        else { return }
        describe([task], by: "deployment \(deployment.rawValue)", &plan)
    }

    /// Room in a zone comes without a change of the service: another service's task that ends, a host that connects.
    private static var lookAgain: Duration { .seconds(30) }

    /// What is about to be said and done leaves the service as it shall be: all tasks there and healthy.
    private func isAtRest(_ plan: ServicePlan) -> Bool {
        let live = liveTasks
        guard plan.starts.isEmpty, plan.stops.isEmpty, service.isSteady || service.rebalancing != nil,
            live.count == service.desiredCount,
            plan.service.primary?.throttledUntil.map({ $0 <= now }) ?? true
        else { return false }
        return live.allSatisfy { isHealthy($0) && !isDisplaced($0) }
    }

    /// Also that the maximum leaves room for a task beyond the count: where it leaves none, no move can ever begin or go on.
    private var mayMoveTasks: Bool {
        guard service.desiredCount < service.configuration.maximum(of: service.desiredCount) else { return false }
        guard service.status == .active, service.controller == .ecs, service.schedulingStrategy == .replica,
            service.availabilityZoneRebalancing, let primary = service.primary, primary.rolloutState == .completed
        else { return false }
        return liveTasks.allSatisfy { $0.deployment == primary.id }
    }

    func zone(of task: TaskRecord) -> String? { task.placement.flatMap { hosts[$0.instance]?.zone } }

    /// Live tasks that count for the zones: all but the one that is moving in.
    private var settled: [TaskRecord] { liveTasks.filter { $0.id != service.rebalancing?.move?.task } }

    private var movable: [TaskRecord] { settled.filter { !isProtected($0) && zone(of: $0) != nil } }

    private var zoneCounts: [String: Int] {
        var counts: [String: Int] = [:]
        for task in settled {
            if let zone = zone(of: task) { counts[zone, default: 0] += 1 }
        }
        return counts
    }

    /// The fullest zone first, as ECS says it; zones that have room and no task are named too.
    private var sortedCounts: [(zone: String, tasks: Int)] {
        var counts = zoneCounts
        for zone in zoneAnswers.values.flatMap(\.open) where counts[zone] == nil { counts[zone] = 0 }
        return counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { ($0.key, $0.value) }
    }

    private var isEven: Bool {
        let counts = zoneCounts.values
        return (counts.max() ?? 0) - (counts.min() ?? 0) < 2
    }

    private struct NextMove {
        var deployment: DeploymentID
        var provider: String?
        var to: String
        var gain: Int
    }

    private func nextMove(of movable: [TaskRecord]) -> NextMove? {
        guard let primary = service.primary, let question = zoneQuestion else { return nil }
        var best: NextMove?
        for provider in question.providers {
            guard
                let to = zoneAnswers[provider]?.open.min(by: {
                    (question.counts[$0] ?? 0, $0) < (question.counts[$1] ?? 0, $1)
                })
            else { continue }
            let gain = gain(provider: provider, to: to)
            guard gain >= 2, gain > (best?.gain ?? 0) else { continue }
            best = NextMove(deployment: primary.id, provider: provider, to: to, gain: gain)
        }
        return best
    }

    /// How many tasks more than `zone` the fullest zone has that may give up one of the provider's.
    private func gain(provider: String?, to zone: String) -> Int {
        let counts = zoneCounts
        let from = movable.filter { $0.capacityProvider == provider }.compactMap { self.zone(of: $0) }
        return (from.compactMap { counts[$0] }.max() ?? 0) - (counts[zone] ?? 0)
    }

    /// The move that goes on, with its task; nil when there is none or it would be of no use any more.
    private var wantedMove: (task: TaskRecord, move: ZoneRebalancing.Move)? {
        guard let move = service.rebalancing?.move, mayMoveTasks,
            let task = liveTasks.first(where: { $0.id == move.task }), !isUnhealthy(task), !isDisplaced(task),
            gain(provider: task.capacityProvider, to: move.zone) >= 2
        else { return nil }
        let isOnItsWay =
            task.placement == nil
            ? zoneAnswers[task.capacityProvider]?.open.contains(move.zone) == true : zone(of: task) == move.zone
        return isOnItsWay ? (task, move) : nil
    }

    /// When the new task is healthy, one of the fullest zone stops for it.
    private func finish(_ move: ZoneRebalancing.Move, of task: TaskRecord, _ plan: inout ServicePlan) {
        if task.placement == nil { plan.wake(at: now.adding(Self.lookAgain)) }
        let live = liveTasks
        guard plan.starts.isEmpty, plan.stops.isEmpty, isHealthy(task), live.count > service.desiredCount,
            let leaving = leaving(for: task, among: live), let zone = zone(of: leaving), let primary = service.primary
        else { return }
        let healthy = live.count { isHealthy($0) }
        let minimum = service.configuration.minimum(of: service.desiredCount)
        guard !isHealthy(leaving) || healthy > minimum else { return }
        plan.stops.append(
            ServicePlan.Stop(
                task: leaving.id, code: .serviceSchedulerInitiated,
                reason: "Scaling activity initiated by (deployment \(primary.id.rawValue))"))
        plan.messages.append(.stopped([leaving.id], in: zone, service: service.id))
        plan.service.rebalancing?.move = nil
    }

    private func leaving(for task: TaskRecord, among live: [TaskRecord]) -> TaskRecord? {
        let counts = zoneCounts
        let candidates = movable.filter { $0.capacityProvider == task.capacityProvider }
        let fullest = candidates.compactMap { zone(of: $0) }
            .max { (counts[$0] ?? 0, $1) < (counts[$1] ?? 0, $0) }
        return stopOrder(candidates.filter { zone(of: $0) == fullest }, among: live).first
    }
}

extension ServiceMessage {
    public static func started(_ tasks: [TaskID], in zone: String, service: ServiceID) -> ServiceMessage {
        ServiceMessage(
            "(service \(service.name)) has started \(tasks.count) tasks in \(zone) to AZ Rebalance: \(list(tasks)).")
    }

    static func stopped(_ tasks: [TaskID], in zone: String, service: ServiceID) -> ServiceMessage {
        ServiceMessage(
            "(service \(service.name)) has stopped \(tasks.count) running tasks in \(zone) due to AZ rebalancing: "
                + "\(list(tasks)).")
    }

    static func unbalanced(_ counts: [(zone: String, tasks: Int)], service: ServiceID) -> ServiceMessage {
        ServiceMessage(
            "(service \(service.name)) is not AZ balanced with \(list(counts)). AZ Rebalancing in progress.",
            isOncePerSpell: true)
    }

    static func balanced(_ counts: [(zone: String, tasks: Int)], service: ServiceID) -> ServiceMessage {
        ServiceMessage("(service \(service.name)) is AZ balanced with \(list(counts)).")
    }

    private static func list(_ counts: [(zone: String, tasks: Int)]) -> String {
        counts.map { "\($0.tasks) tasks in \($0.zone)" }.joined(separator: ", ")
    }
}
