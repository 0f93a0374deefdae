import Domain
import Identifiers
import Placement

extension ServiceSnapshot {
    /// `tasks` in the order in which they are given up.
    ///
    /// What serves least goes first: not yet running, unhealthy, not yet settled, on a draining host. Among equals the
    /// capacity provider that is furthest above its share, the zone and then the host with most of the service's tasks
    /// (with binpack: the host with fewest), then the newest.
    func stopOrder(_ tasks: [TaskRecord], among live: [TaskRecord]) -> [TaskRecord] {
        var left = Dictionary(grouping: tasks) { worth(of: $0) }
        var perHost: [ContainerInstanceID: Int] = [:]
        var perZone: [String?: Int] = [:]
        for host in live.compactMap(\.placement?.instance) {
            perHost[host, default: 0] += 1
            perZone[hosts[host]?.zone, default: 0] += 1
        }
        var capacity = CapacityCounts(service.capacityProviderStrategy, live)
        let packs = service.placementStrategy.contains { if case .binpack = $0 { true } else { false } }
        var order: [TaskRecord] = []
        for worth in left.keys.sorted() {
            var group = left[worth, default: []].sorted { ($0.createdAt, $0.id) > ($1.createdAt, $1.id) }
            func crowd(_ task: TaskRecord) -> (Double, Int, Int) {
                let surplus = capacity.surplus(of: task.capacityProvider)
                guard let host = task.placement?.instance else { return (surplus, 0, 0) }
                let onHost = perHost[host] ?? 0
                return (surplus, perZone[hosts[host]?.zone] ?? 0, packs ? -onHost : onHost)
            }
            while !group.isEmpty {
                var best = 0
                for index in group.indices where crowd(group[index]) > crowd(group[best]) { best = index }
                let task = group.remove(at: best)
                order.append(task)
                capacity.remove(task.capacityProvider)
                if let host = task.placement?.instance {
                    perHost[host, default: 0] -= 1
                    perZone[hosts[host]?.zone, default: 0] -= 1
                }
            }
            left[worth] = nil
        }
        return order
    }

    private func worth(of task: TaskRecord) -> Int {
        if task.lastStatus < .running { return 0 }
        if isUnhealthy(task) { return 1 }
        if !isHealthy(task) { return 2 }
        return isDisplaced(task) ? 3 : 4
    }
}
