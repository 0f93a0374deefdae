import Domain
import Identifiers
import Placement
import TestKit

@testable import struct Placement.PlacementFilter

/// The rule of placement, written as a scan of all hosts for each task: what the index must choose, and why it must fail.
struct FullScan {
    /// In order of their ids.
    private var hosts: [PlacementHost]
    /// Every task that was counted in when the scan began, and those placed since, by host.
    private var tasks: [ContainerInstanceID: [TaskRecord]]

    private let claims: DaemonClaims

    init(
        _ records: [ContainerInstanceRecord], connected: Set<ContainerInstanceID>, tasks: [TaskRecord],
        claims: DaemonClaims
    ) {
        let byHost = Dictionary(grouping: tasks.filter { $0.placement != nil && $0.isLive }) {
            $0.placement?.instance ?? .test("")
        }
        self.tasks = byHost
        self.claims = claims
        hosts = records.filter { $0.status != .inactive }.sorted { $0.id < $1.id }.map {
            var host = PlacementHost(record: $0, isConnected: connected.contains($0.id), tasks: byHost[$0.id] ?? [])
            claims.keepRoom(on: &host)
            return host
        }
    }

    mutating func plan(_ tasks: [TaskRecord], using random: inout some RandomNumberGenerator) -> PlacementPlan {
        var plan = PlacementPlan()
        var hopeless: [(task: TaskRecord, failure: PlacementFailure)] = []
        for task in tasks {
            if var known = hopeless.first(where: { Self.areRefusedAlike($0.task, task) })?.failure {
                known.task = task.id
                plan.failures.append(known)
                continue
            }
            var filter = PlacementFilter(task)
            var refusals: [(host: ContainerInstanceID, reason: PlacementRefusal)] = []
            var admitted: [Int] = []
            for index in hosts.indices where isCandidate(hosts[index].record, for: task) {
                if let reason = filter.refusal(of: hosts[index]) {
                    refusals.append((hosts[index].record.id, reason))
                } else {
                    admitted.append(index)
                }
            }
            if let index = prefer(admitted, for: task, using: &random) {
                place(task, on: index)
                plan.placements.append(
                    PlacementPlan.Placement(task: task.id, instance: hosts[index].record.id))
            } else {
                let failure = failure(of: task, refusals)
                plan.failures.append(failure)
                if !filter.dependsOnTasks { hopeless.append((task, failure)) }
            }
        }
        return plan
    }

    private func isCandidate(_ host: ContainerInstanceRecord, for task: TaskRecord) -> Bool {
        if let pinned = task.pinnedTo, pinned != host.id { return false }
        if task.launchType.isManaged { return host.cluster == nil && host.id.scope == task.id.cluster.scope }
        guard host.cluster == task.id.cluster else { return false }
        return task.capacityProvider.map { $0 == host.capacityProvider } ?? (host.launchType == task.launchType)
    }

    private mutating func place(_ task: TaskRecord, on index: Int) {
        let host = hosts[index]
        tasks[host.record.id, default: []].append(task.placed(on: host.record.id.id))
        hosts[index] = PlacementHost(
            record: host.record, isConnected: host.isConnected, tasks: tasks[host.record.id] ?? [])
        claims.keepRoom(on: &hosts[index])
    }

    /// Narrows the hosts by each strategy in turn; then fewest tasks of the group, fewest tasks, lowest id.
    private func prefer(
        _ admitted: [Int], for task: TaskRecord, using random: inout some RandomNumberGenerator
    ) -> Int? {
        var left = admitted
        var attributes: [String] = []
        func count(_ index: Int) -> Int {
            tasks[hosts[index].record.id]?.count { $0.group == task.group && $0.id.cluster == task.id.cluster } ?? 0
        }
        let strategies =
            task.placementStrategy.isEmpty ? [.spread("attribute:ecs.availability-zone")] : task.placementStrategy
        for strategy in strategies where left.count > 1 {
            switch strategy {
            case .random: left = byZones(left, attributes).randomElement(using: &random).map { [$0] } ?? []
            case .binpack(.cpu): left.keepLeast { hosts[$0].remaining.cpu.value }
            case .binpack(.memory): left.keepLeast { hosts[$0].remaining.memory.value }
            case .spread(let field) where field.hasPrefix("attribute:"):
                let attribute = String(field.dropFirst(10))
                if !attributes.contains(attribute) { attributes.append(attribute) }
                var inZone: [String?: Int] = [:]
                for index in hosts.indices { inZone[value(attribute, index), default: 0] += count(index) }
                left.keepLeast { inZone[value(attribute, $0)] ?? 0 }
            case .spread: left.keepLeast(count)
            }
        }
        guard left.count > 1 else { return left.first }
        left.keepLeast(count)
        left.keepLeast { tasks[hosts[$0].record.id]?.count ?? 0 }
        return left.first
    }

    private func value(_ attribute: String, _ index: Int) -> String? {
        hosts[index].record.attributes.last { $0.name == attribute }?.value
    }

    /// Zone by zone in the order in which the hosts show them, then by their ids: how chance counts.
    private func byZones(_ indices: [Int], _ attributes: [String]) -> [Int] {
        func rank(_ index: Int) -> [Int] {
            attributes.map { attribute in
                hosts.indices.first { value(attribute, $0) == value(attribute, index) } ?? 0
            }
        }
        return indices.map { (rank($0), $0) }
            .sorted { $0.0 == $1.0 ? $0.1 < $1.1 : $0.0.lexicographicallyPrecedes($1.0) }.map { $0.1 }
    }

    private func failure(
        of task: TaskRecord, _ refusals: [(host: ContainerInstanceID, reason: PlacementRefusal)]
    ) -> PlacementFailure {
        let counts = Dictionary(refusals.map { ($0.reason.code, 1) }, uniquingKeysWith: +)
        let furthest = refusals.map(\.reason).filter { $0 != .inactive }.max()
        let closest = refusals.first { $0.reason == furthest }
        return PlacementFailure(
            task: task.id, launchType: task.launchType, capacityProvider: task.capacityProvider,
            refusals: counts.map { PlacementRefusalCount(reason: $0.key, hosts: $0.value) }
                .sorted { $0.reason < $1.reason },
            closest: closest.map { PlacementRejection(instance: $0.host, refusal: $0.reason) })
    }

    private static func areRefusedAlike(_ one: TaskRecord, _ other: TaskRecord) -> Bool {
        one.id.cluster == other.id.cluster && one.group == other.group && one.launchType == other.launchType
            && one.capacityProvider == other.capacityProvider && one.reservation == other.reservation
            && one.hostPorts == other.hostPorts && one.requiresAttributes == other.requiresAttributes
            && one.placementConstraints == other.placementConstraints && one.pinnedTo == other.pinnedTo
    }
}

extension [Int] {
    /// Keeps the elements with the least cost, in their order.
    fileprivate mutating func keepLeast(_ cost: (Int) -> Int) {
        guard let least = self.lazy.map(cost).min() else { return }
        self = filter { cost($0) == least }
    }
}
