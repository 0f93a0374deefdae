public import Domain
public import Identifiers

extension CapacityNeed {
    /// ECS's metric CapacityProviderReservation of one capacity provider in one cluster: also when nothing waits.
    ///
    /// - Parameters:
    ///   - waiting: tasks of the provider and cluster without a host.
    ///   - hosts: those of the provider and cluster, with their live tasks.
    /// - Source: Amazon ECS Developer Guide, "Amazon ECS cluster auto scaling", CapacityProviderReservation.
    public static func reservation(
        of provider: CapacityProviderID, in cluster: ClusterID, waiting: [TaskRecord],
        hosts: [(record: ContainerInstanceRecord, tasks: [TaskRecord])], scaling: ManagedScaling
    ) -> Double {
        if let need = needs(of: waiting, on: hosts, scaling: { _ in scaling }).first { return need.reservation }
        return standing(of: provider, in: cluster, hosts: hosts, scaling: scaling).reservation
    }

    /// How a provider stands in a cluster where none of its tasks waits: with more hosts than it wants, with fewer, or as it shall.
    ///
    /// - Parameter hosts: those of the provider and cluster, with their live tasks.
    public static func standing(
        of provider: CapacityProviderID, in cluster: ClusterID,
        hosts: [(record: ContainerInstanceRecord, tasks: [TaskRecord])], scaling: ManagedScaling
    ) -> CapacityNeed {
        let running = hosts.filter { $0.record.status == .active }
        let idle = running.filter { host in !host.tasks.contains { $0.isLive && $0.daemonRevision == nil } }
        let used = running.count - idle.count
        let total = scaling.total(needed: used)
        // Out it goes by steps, in at once.
        let wanted = total < running.count ? total : scaling.wanted(needed: used, running: running.count)
        var standing = CapacityNeed(
            cluster: cluster, launchType: .ec2, capacityProvider: provider.name, tasks: 0, resources: .zero,
            largest: .zero, instancesNeeded: used, instancesWanted: wanted, instancesRunning: running.count)
        if wanted < running.count { standing.idle = idle.map(\.record.id).sorted() }
        return standing
    }
}

extension ManagedScaling {
    /// So many hosts as one step may add.
    func step(_ hosts: Int) -> Int { min(max(hosts, minimumStepSize), max(minimumStepSize, maximumStepSize)) }

    /// How many hosts there should be, so that of all of them the target's share is needed; never fewer than there are.
    func wanted(needed: Int, running: Int) -> Int {
        let total = total(needed: needed)
        guard total > running else { return running }
        return running + step(total - running)
    }

    /// Of how many hosts those that are needed are the target's share; rounded up.
    func total(needed: Int) -> Int {
        let (scaled, isTooLarge) = needed.multipliedReportingOverflow(by: 100)
        let target = min(max(targetCapacity, 1), 100)
        return isTooLarge ? Int.max : scaled / target + (scaled % target > 0 ? 1 : 0)
    }
}
